"""The merchant's own id and data on a parcel."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import audit
from kernel.errors import Conflict
from kernel.transactions import atomic
from logistics.contracts import ShipmentInfo
from logistics.errors import ShipmentNotFound
from logistics.locks import locked_shipment
from logistics.models import Shipment
from logistics.selectors import shipment


def annotate_shipment(
    *,
    shipment_id: UUID,
    merchant_id: UUID,
    changes: dict[str, Any],
    check: Callable[[int], None],
) -> ShipmentInfo:
    """Set ``external_id`` and ``metadata``; ``check`` sees the present row version first."""
    with atomic():
        row = locked_shipment(shipment_id)
        if row.merchant_id != merchant_id:
            raise ShipmentNotFound
        check(row.version)
        before = {name: getattr(row, name) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value if name != "metadata" else value or {})
        taken = Shipment.objects.filter(merchant_id=merchant_id, external_id=row.external_id)
        if row.external_id and taken.exclude(id=row.id).exists():
            raise Conflict(_("Another shipment has this external_id."), field="external_id")
        row.save()
        audit.record(
            action="logistics.shipment.annotated", target=row, before=before, after=changes
        )
    return shipment(shipment_id=shipment_id, merchant_id=merchant_id)
