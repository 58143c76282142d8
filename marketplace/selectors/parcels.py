"""Reads of parcels: what is in each, and what of an order is left to be put into one."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from inventory import facade as inventory
from kernel import clock
from marketplace.contracts_parcels import ParcelInfo, ParcelLineInfo, ParcelState
from marketplace.models import LINES, ORDERS, Order, OrderLine, Parcel, ParcelLine

SENDABLE = frozenset({Order.State.PAID, Order.State.SHIPPING, Order.State.PARTLY_SHIPPED})
# A parcel that is, or is about to be, on its way.
GOING = (ParcelState.BOOKING, ParcelState.SENT, ParcelState.DELIVERED)


def unsent(lines: Iterable[OrderLine]) -> dict[UUID, Decimal]:
    """How much of each line was neither cancelled nor sent."""
    return {line.id: line.quantity - line.cancelled - line.sent for line in lines}


def unclaimed(lines: Iterable[OrderLine]) -> dict[UUID, Decimal]:
    """``unsent``, but for what is in parcels that are being handed to the carrier."""
    left = unsent(lines)
    rows = ParcelLine.objects.filter(line_id__in=left, parent__state=ParcelState.BOOKING)
    for line_id, quantity in rows.values_list("line_id", "quantity"):
        left[line_id] -= quantity
    return left


def sendable(order: Order, lines: Iterable[OrderLine]) -> dict[UUID, Decimal]:
    """``unclaimed``, but for what was sold before it was there and still isn't, and what is to be
    sent later only."""
    rows = list(lines)
    left = unclaimed(rows)
    promised = inventory.promises_of([order.group_id]).get(order.group_id, {})
    today = clock.today()
    for row in rows:
        if row.variant_id in promised:
            kept = promised[row.variant_id].kept(unsent([row])[row.id], today)
            left[row.id] = max(left[row.id] - kept, Decimal(0))
    return left


def left_to_send(*, order_id: UUID) -> dict[UUID, Decimal]:
    """How much of each line of an order can be put into a parcel now: nothing while it isn't paid,
    or is being cancelled, and not what was sold before it was there and still isn't."""
    rows = LINES.all("order_id = %s ORDER BY position", [order_id])
    order = ORDERS.one("id = %s", [order_id])
    if order is None or order.state not in SENDABLE:
        return dict.fromkeys((row.id for row in rows), Decimal(0))
    return sendable(order, rows)


def parcel_by_key(*, key: UUID) -> ParcelInfo | None:
    """The parcel that was begun under this key, if there is one."""
    found = _infos(Parcel.objects.filter(key=key))
    return found[0] if found else None


def parcels_of(*, order_id: UUID, dropped: bool = False) -> list[ParcelInfo]:
    """An order's parcels with what is in them, the first begun first; ``dropped``: also those
    that no carrier took."""
    rows = Parcel.objects.filter(order_id=order_id).order_by("id")
    return _infos(rows if dropped else rows.filter(state__in=GOING))


_PLAIN = (
    "id", "key", "order_id", "number", "shipment_id", "waybill", "begun_at", "sent_at",
    "delivered_at",
)  # fmt: skip


def _infos(rows: Iterable[Parcel]) -> list[ParcelInfo]:
    found = list(rows)
    lines: dict[UUID, list[ParcelLine]] = {}
    if found:
        of_these = ParcelLine.objects.filter(parent_id__in=[row.id for row in found])
        for one in of_these.select_related("line"):
            lines.setdefault(one.parent_id, []).append(one)
    return [_info(row, lines.get(row.id, [])) for row in found]


def _info(row: Parcel, lines: list[ParcelLine]) -> ParcelInfo:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    return ParcelInfo(
        **values,
        state=str(row.state),
        lines=tuple(
            ParcelLineInfo(
                line_id=one.line_id,
                variant_id=one.line.variant_id,
                sku=one.line.sku,
                titles=one.line.titles,
                unit=one.line.unit,
                quantity=one.quantity,
            )
            for one in sorted(lines, key=lambda one: one.line.position)
        ),
    )
