"""Transfers between a merchant's warehouses: requested, sent, received or cancelled.

Sending takes the goods out of the source, receiving puts them into the target; in between they
lie in neither and can't be sold. What doesn't arrive is lost, with a cause: what lies in both
warehouses, what is on the way and what was lost always add up to what there was.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from inventory import documents, events, locks
from inventory.contracts import GoodsLine, TransferInfo, TransferState
from inventory.domain.allocation import StockRow
from inventory.errors import (
    KeyMismatch,
    LossUnexplained,
    MoreThanSent,
    OutOfStock,
)
from inventory.models import Transfer, TransferLine
from inventory.services import books, promises
from inventory.services.goods import (
    check_note,
    check_warehouse,
    named,
    quantities,
    rows_at,
    rows_in,
)
from kernel import audit, clock, outbox, transactions
from kernel.errors import Invalid
from kernel.ids import public_id, uuid7

LOSSES = ("damaged", "lost", "stolen", "miscounted", "other")


def create_transfer(
    *,
    merchant_id: UUID,
    source_id: UUID,
    target_id: UUID,
    lines: Sequence[GoodsLine],
    note: str = "",
    key: UUID | None = None,
) -> TransferInfo:
    """Ask for goods to be moved; nothing moves yet. The same ``key`` again answers the same.

    Raises WarehouseUnknown, VariantUnknown, InvalidStockQuantity, Invalid, KeyMismatch,
    MerchantNotApproved.
    """
    books.check_merchant(merchant_id)
    check_warehouse(merchant_id, source_id, field="source")
    check_warehouse(merchant_id, target_id, field="target")
    if source_id == target_id:
        raise Invalid(_("Goods move between two different warehouses."), field="target")
    wanted = named(merchant_id, lines)
    now = clock.system()
    row = Transfer(
        id=uuid7(), key=key or uuid7(), merchant_id=merchant_id, source_id=source_id,
        target_id=target_id, note=check_note(note), version=1, created_at=now, updated_at=now,
    )  # fmt: skip
    with transactions.atomic():
        Transfer.objects.bulk_create([row], ignore_conflicts=True)
        made = Transfer.objects.get(key=row.key)
        if made.id != row.id:
            same = {v: one.quantity for v, one in wanted.items()} == _stored(made)
            place = (made.merchant_id, made.source_id, made.target_id)
            if not same or place != (merchant_id, source_id, target_id):
                raise KeyMismatch(field="key")
            return documents.transfer(made.id)
        TransferLine.objects.bulk_create(
            [
                TransferLine(transfer=row, variant_id=variant, unit=one.unit, quantity=one.quantity)
                for variant, one in wanted.items()
            ]
        )
        audit.record(
            "inventory.transfer.requested",
            target=row,
            after={
                "source": source_id,
                "target": target_id,
                "lines": quantities({v: one.quantity for v, one in wanted.items()}),
            },
        )
        _announce(row)
    return documents.transfer(row.id)


def send_transfer(*, transfer_id: UUID, merchant_id: UUID) -> TransferInfo:
    """The goods leave the source. Sent already: nothing happens.

    Raises OutOfStock (naming what isn't free there), InvalidTransition, NotFound.
    """
    books.check_merchant(merchant_id)
    with transactions.atomic():
        row = locks.transfer(transfer_id, merchant_id)
        if row.state == TransferState.SENT:
            return documents.transfer(transfer_id)
        row.move(TransferState.SENT, action="inventory.transfer.sent")
        lines = list(TransferLine.objects.filter(transfer_id=row.id))
        units = {line.variant_id: line.unit for line in lines}
        rows = _both(row, units)
        missing = [
            {
                "variant": public_id("var", line.variant_id),
                "wanted": f"{line.quantity:f}",
                "available": f"{rows[line.variant_id].available:f}",
            }
            for line in lines
            if rows[line.variant_id].available < line.quantity
        ]
        if missing:
            raise OutOfStock(lines=missing)
        gone = {line.variant_id: -line.quantity for line in lines}
        _move(row, rows, gone, "transferred_out")
        row.save()
        _announce(row)
    return documents.transfer(transfer_id)


def receive_transfer(
    *,
    transfer_id: UUID,
    merchant_id: UUID,
    lines: Sequence[GoodsLine] | None = None,
    loss_cause: str = "",
    loss_note: str = "",
) -> TransferInfo:
    """What arrived is on hand in the target: all of it, or (``lines``) what is named, 0 for what
    isn't. The rest is lost, for ``loss_cause``, one of ``LOSSES``. The same again changes nothing.

    Raises LossUnexplained, MoreThanSent, InvalidTransition, VariantUnknown,
    InvalidStockQuantity, NotFound.
    """
    books.check_merchant(merchant_id)
    given = None if lines is None else named(merchant_id, lines, zero=True)
    with transactions.atomic():
        row = locks.transfer(transfer_id, merchant_id)
        sent = list(TransferLine.objects.filter(transfer_id=row.id).order_by("variant_id"))
        came = {line.variant_id: line.quantity for line in sent}
        if given is not None:
            came = _arrived(came, {variant: one.quantity for variant, one in given.items()})
        if row.state == TransferState.RECEIVED and came == _received(sent):
            return documents.transfer(transfer_id)
        row.move(TransferState.RECEIVED, action="inventory.transfer.received")
        lost = {
            line.variant_id: line.quantity - came[line.variant_id]
            for line in sent
            if came[line.variant_id] < line.quantity
        }
        if lost:
            _explain(row, lost, loss_cause, loss_note)
        for line in sent:
            line.received = came[line.variant_id]
        TransferLine.objects.bulk_update(sent, ["received"])
        arrived = {variant: quantity for variant, quantity in came.items() if quantity}
        units = {line.variant_id: line.unit for line in sent if line.variant_id in arrived}
        _move(row, rows_in(merchant_id, row.target_id, units), arrived, "transferred_in")
        row.save()
        _announce(row)
    return documents.transfer(transfer_id)


def cancel_transfer(*, transfer_id: UUID, merchant_id: UUID) -> TransferInfo:
    """It doesn't take place; what was sent goes back into the source. Raises NotFound,
    InvalidTransition."""
    books.check_merchant(merchant_id)
    with transactions.atomic():
        row = locks.transfer(transfer_id, merchant_id)
        if row.state == TransferState.CANCELLED:
            return documents.transfer(transfer_id)
        sent = row.state == TransferState.SENT
        row.move(TransferState.CANCELLED, action="inventory.transfer.cancelled")
        if sent:
            lines = list(TransferLine.objects.filter(transfer_id=row.id))
            units = {line.variant_id: line.unit for line in lines}
            back = {line.variant_id: line.quantity for line in lines}
            _move(row, rows_in(merchant_id, row.source_id, units), back, "transfer_back")
        row.save()
        _announce(row)
    return documents.transfer(transfer_id)


def _both(row: Transfer, units: Mapping[UUID, str]) -> dict[UUID, StockRow]:
    """The source's rows. The target's are made and locked with them, in one order, so that what
    is incoming can be seen there and transfers in opposite directions can't deadlock."""
    places = [(variant, place) for variant in units for place in (row.source_id, row.target_id)]
    rows = rows_at(row.merchant_id, places, units)
    return {variant: rows[variant, row.source_id] for variant in units}


def _arrived(sent: Mapping[UUID, Decimal], given: Mapping[UUID, Decimal]) -> dict[UUID, Decimal]:
    over = [
        {
            "variant": public_id("var", variant),
            "sent": f"{sent.get(variant, Decimal(0)):f}",
            "came": f"{quantity:f}",
        }
        for variant, quantity in given.items()
        if quantity > sent.get(variant, Decimal(0))
    ]
    if over:
        raise MoreThanSent(field="lines", lines=over)
    return {variant: given.get(variant, Decimal(0)) for variant in sent}


def _explain(row: Transfer, lost: Mapping[UUID, Decimal], cause: str, note: str) -> None:
    if cause not in LOSSES:
        raise LossUnexplained(
            field="loss_cause",
            allowed=list(LOSSES),
            lines=[
                {"variant": public_id("var", variant), "missing": f"{quantity:f}"}
                for variant, quantity in lost.items()
            ],
        )
    row.loss_cause, row.loss_note = cause, check_note(note, field="loss_note")
    audit.record(
        "inventory.transfer.lost", target=row, after={"cause": cause, "lines": quantities(lost)}
    )


def _move(
    row: Transfer, rows: Mapping[UUID, StockRow], deltas: Mapping[UUID, Decimal], reason: str
) -> None:
    """Book these changes on locked rows."""
    for variant, delta in deltas.items():
        books.check_quantity(rows[variant].on_hand + delta, field="lines")
    books.write(
        [books.Change(rows[variant], on_hand=delta) for variant, delta in deltas.items()],
        moved=[
            books.Moved(rows[variant], delta, rows[variant].on_hand + delta, reason, row.note)
            for variant, delta in deltas.items()
        ],
        reference=row.id,
    )
    outbox.append_many(books.changed([rows[variant] for variant in deltas], reason))
    promises.fill(rows[variant] for variant, delta in deltas.items() if delta > 0)


def _stored(row: Transfer) -> dict[UUID, Decimal]:
    lines: Any = TransferLine.objects.filter(transfer_id=row.id)
    return dict(lines.values_list("variant_id", "quantity"))


def _received(lines: Sequence[TransferLine]) -> dict[UUID, Decimal | None]:
    return {line.variant_id: line.received for line in lines}


def _announce(row: Transfer) -> None:
    outbox.append(
        events.TransferChanged(row.id, row.merchant_id, str(row.state)),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
