"""Warehouses: make and change."""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from inventory import events, locks, selectors
from inventory.contracts import WarehouseInfo
from inventory.errors import ExternalIdTaken
from inventory.models import Warehouse
from inventory.services import books
from kernel import audit, outbox, transactions
from kernel.errors import Invalid
from platforms.facade import get_platform

TRACKED = ("names", "region", "address", "priority", "active", "external_id", "metadata")
PRIORITY_MAX = 1000


class WarehouseChanges(TypedDict, total=False):
    """The fields to change; one that is left out stays."""

    names: Mapping[str, str]
    region: str
    address: str
    priority: int
    active: bool
    external_id: str | None
    metadata: Mapping[str, Any]


def create_warehouse(
    *,
    merchant_id: UUID,
    names: Mapping[str, str],
    region: str = "",
    address: str = "",
    priority: int = 0,
    active: bool = True,
    external_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> WarehouseInfo:
    """A new warehouse. Raises MerchantNotApproved, Invalid, ExternalIdTaken."""
    books.check_merchant(merchant_id)
    row = Warehouse(merchant_id=merchant_id)
    changes: WarehouseChanges = {
        "names": names, "region": region, "address": address, "priority": priority,
        "active": active, "external_id": external_id, "metadata": metadata or {},
    }  # fmt: skip
    with transactions.atomic():
        _apply(row, changes)
        _save(row, force_insert=True)
        audit.record(
            action="inventory.warehouse.created",
            target=row,
            after=_tracked(row),
            texts={"address"},
        )
    return selectors.warehouse(row.id)


def update_warehouse(
    *,
    warehouse_id: UUID,
    changes: WarehouseChanges,
    merchant_id: UUID | None = None,
    check: Callable[[int], None] | None = None,
) -> WarehouseInfo:
    """Change what is given; ``check`` gets the locked row's version (If-Match). An inactive
    warehouse keeps its stock, but nothing more is reserved there."""
    with transactions.atomic():
        row = locks.warehouse(warehouse_id, merchant_id)
        books.check_merchant(row.merchant_id)
        if check is not None:
            check(row.version)
        before = _tracked(row)
        _apply(row, changes)
        after = _tracked(row)
        if after != before:
            _save(row)
            audit.record(
                action="inventory.warehouse.changed",
                target=row,
                before=before,
                after=after,
                texts={"address"},
            )
            outbox.append(
                events.WarehouseChanged(row.id, row.merchant_id, row.active),
                aggregate=row,
                merchant_id=row.merchant_id,
            )
    return selectors.warehouse(warehouse_id)


def put_warehouse(
    *,
    merchant_id: UUID,
    external_id: str,
    values: WarehouseChanges,
    check: Callable[[int], None] | None = None,
) -> WarehouseInfo:
    """Create or change the merchant's warehouse with this external id."""
    found = selectors.warehouse_id_by_external(merchant_id, external_id)
    if found is None:
        made: dict[str, Any] = {**values, "external_id": external_id}
        return create_warehouse(merchant_id=merchant_id, **made)
    return update_warehouse(
        warehouse_id=found, changes=values, merchant_id=merchant_id, check=check
    )


def _tracked(row: Warehouse) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TRACKED}


def _apply(row: Warehouse, changes: WarehouseChanges) -> None:
    for name, value in changes.items():
        setattr(row, name, dict(value) if isinstance(value, Mapping) else value)
    known = {tag.lower(): tag for tag in get_platform().locales}
    names = {known.get(tag.lower(), ""): text.strip() for tag, text in row.names.items()}
    if "" in names or not any(names.values()) or any(len(text) > 200 for text in names.values()):
        raise Invalid(
            _("Give a name of 1 to 200 characters in at least one language of the platform."),
            field="names",
            languages=list(known.values()),
        )
    row.names = {tag: text for tag, text in names.items() if text}
    if len(row.region) > 20 or len(row.address) > 300:
        raise Invalid(_("The region or address is too long."), field="address")
    if abs(row.priority) > PRIORITY_MAX:
        raise Invalid(_("The priority is a whole number from -1000 to 1000."), field="priority")


def _save(row: Warehouse, *, force_insert: bool = False) -> None:
    try:
        with transactions.atomic():
            row.save(force_insert=force_insert)
    except IntegrityError as error:
        if "inventory_warehouse_external" in str(error):
            raise ExternalIdTaken(field="external_id") from error
        raise
