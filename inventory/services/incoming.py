"""Expected receipts: written down, confirmed, received in parts, closed or cancelled.

What is expected counts as incoming and can't be sold. Each delivery is booked once under its own
number; what comes on top of what was expected is taken only when the caller says so; what never
comes is left open until the receipt is closed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from inventory import documents, events, locks
from inventory.contracts import GoodsLine, ReceiptInfo, ReceiptState
from inventory.errors import (
    KeyMismatch,
    NotExpected,
    OverDelivery,
    ReceiptBegun,
    ReferenceTaken,
)
from inventory.models import Arrival, Receipt, ReceiptLine
from inventory.services import books, promises
from inventory.services.goods import (
    Named,
    check_note,
    check_warehouse,
    named,
    quantities,
    rows_in,
)
from kernel import audit, clock, outbox, transactions
from kernel.errors import Invalid, InvalidTransition
from kernel.ids import public_id

CODE_LENGTH = 100
BEFORE = (ReceiptState.DRAFT, ReceiptState.EXPECTED)
ENDED = (ReceiptState.RECEIVED, ReceiptState.CANCELLED)


class ReceiptChanges(TypedDict, total=False):
    """The fields to change; one that is left out stays."""

    warehouse_id: UUID
    reference: str
    expected_on: date | None
    note: str
    lines: Sequence[GoodsLine]


def create_receipt(
    *,
    merchant_id: UUID,
    warehouse_id: UUID,
    reference: str,
    lines: Sequence[GoodsLine],
    expected_on: date | None = None,
    note: str = "",
    confirm: bool = False,
) -> ReceiptInfo:
    """Write down what is to arrive: a draft, or expected at once with ``confirm``.

    Raises ReferenceTaken, VariantUnknown, WarehouseUnknown, InvalidStockQuantity, Invalid,
    MerchantNotApproved.
    """
    books.check_merchant(merchant_id)
    check_warehouse(merchant_id, warehouse_id)
    wanted = named(merchant_id, lines)
    row = Receipt(
        merchant_id=merchant_id,
        warehouse_id=warehouse_id,
        reference=_code(reference, field="reference"),
        expected_on=expected_on,
        note=check_note(note),
    )
    with transactions.atomic():
        _save(row, force_insert=True)
        _write_lines(row, wanted)
        audit.record("inventory.receipt.created", target=row, after=_said(row, wanted))
        if confirm:
            _expect(row, wanted)
        _announce(row)
    return documents.receipt(row.id)


def change_receipt(
    *,
    receipt_id: UUID,
    merchant_id: UUID,
    changes: ReceiptChanges,
    check: Callable[[int], None] | None = None,
) -> ReceiptInfo:
    """Change what is given. Note and date until it ends, the rest until goods have arrived.
    ``check`` gets the locked row's version (If-Match).

    Raises NotFound, ReceiptBegun, and what ``create_receipt`` raises.
    """
    books.check_merchant(merchant_id)
    with transactions.atomic():
        row = locks.receipt(receipt_id, merchant_id)
        if check is not None:
            check(row.version)
        fixed = {"warehouse_id", "reference", "lines"} & changes.keys()
        if row.state in ENDED or (fixed and row.state not in BEFORE):
            raise ReceiptBegun(state=str(row.state))
        before = _said(row, {})
        wanted = named(merchant_id, changes["lines"]) if "lines" in changes else _stored(row)
        if "warehouse_id" in changes:
            check_warehouse(merchant_id, changes["warehouse_id"])
            row.warehouse_id = changes["warehouse_id"]
        if "reference" in changes:
            row.reference = _code(changes["reference"], field="reference")
        if "expected_on" in changes:
            row.expected_on = changes["expected_on"]
        if "note" in changes:
            row.note = check_note(changes["note"])
        _save(row)
        if "lines" in changes:
            ReceiptLine.objects.filter(receipt_id=row.id).delete()
            _write_lines(row, wanted)
        if row.state == ReceiptState.EXPECTED and fixed:
            rows_in(merchant_id, row.warehouse_id, {v: one.unit for v, one in wanted.items()})
        audit.record(
            "inventory.receipt.changed", target=row, before=before, after=_said(row, wanted)
        )
        _announce(row)
    return documents.receipt(receipt_id)


def confirm_receipt(*, receipt_id: UUID, merchant_id: UUID) -> ReceiptInfo:
    """From now on its goods are incoming. Confirmed already: nothing happens. Raises NotFound,
    InvalidTransition."""
    books.check_merchant(merchant_id)
    with transactions.atomic():
        row = locks.receipt(receipt_id, merchant_id)
        if row.state != ReceiptState.EXPECTED:
            _expect(row, _stored(row))
            _announce(row)
    return documents.receipt(receipt_id)


def receive_goods(
    *,
    receipt_id: UUID,
    merchant_id: UUID,
    delivery: str,
    lines: Sequence[GoodsLine],
    accept_over: bool = False,
    note: str = "",
) -> ReceiptInfo:
    """Book one delivery: its goods are on hand at once.

    ``delivery`` is the number of the delivery note: the same again, with the same lines, books
    nothing. The receipt is received when nothing is missing any more.

    Raises OverDelivery unless ``accept_over``, NotExpected, KeyMismatch, InvalidTransition,
    VariantUnknown, InvalidStockQuantity, NotFound.
    """
    books.check_merchant(merchant_id)
    came = {variant: one.quantity for variant, one in named(merchant_id, lines).items()}
    number, note = _code(delivery, field="delivery"), check_note(note)
    with transactions.atomic():
        row = locks.receipt(receipt_id, merchant_id)
        booked = Arrival.objects.filter(receipt_id=row.id, delivery=number).first()
        if booked is not None:
            if booked.lines != quantities(came):
                raise KeyMismatch(field="delivery")
            return documents.receipt(receipt_id)
        if row.state == ReceiptState.DRAFT or row.state in ENDED:
            row.TRANSITIONS.check(row.state, ReceiptState.PARTLY_RECEIVED)
        known = _check_arrival(row, came, accept_over=accept_over)
        Arrival.objects.create(
            receipt=row, delivery=number, lines=quantities(came), note=note,
            created_at=clock.system(),
        )  # fmt: skip
        _book(row, known, came, note)
        audit.record(
            "inventory.receipt.arrived",
            target=row,
            after={"delivery": number, "lines": quantities(came)},
        )
        _step(row, known.values())
        _announce(row)
    return documents.receipt(receipt_id)


def close_receipt(*, receipt_id: UUID, merchant_id: UUID) -> ReceiptInfo:
    """Nothing more will come: what is missing is no longer incoming. Raises NotFound,
    InvalidTransition (nothing has come yet: cancel it)."""
    return _end(receipt_id, merchant_id, ReceiptState.RECEIVED, "inventory.receipt.closed")


def cancel_receipt(*, receipt_id: UUID, merchant_id: UUID) -> ReceiptInfo:
    """It won't come. Raises NotFound, InvalidTransition (part of it has: close it)."""
    return _end(receipt_id, merchant_id, ReceiptState.CANCELLED, "inventory.receipt.cancelled")


def _end(receipt_id: UUID, merchant_id: UUID, to: ReceiptState, action: str) -> ReceiptInfo:
    with transactions.atomic():
        row = locks.receipt(receipt_id, merchant_id)
        if row.state != to:
            if to == ReceiptState.RECEIVED and row.state == ReceiptState.EXPECTED:
                raise InvalidTransition(state=str(row.state), allowed=["cancelled"])
            row.move(to, action=action)
            row.save()
            _announce(row)
    return documents.receipt(receipt_id)


def _expect(row: Receipt, wanted: Mapping[UUID, Named]) -> None:
    """The stock rows are made too, so that what is incoming can be seen there."""
    row.move(ReceiptState.EXPECTED, action="inventory.receipt.expected")
    row.save()
    rows_in(row.merchant_id, row.warehouse_id, {v: one.unit for v, one in wanted.items()})


def _check_arrival(
    row: Receipt, came: Mapping[UUID, Decimal], *, accept_over: bool
) -> dict[UUID, ReceiptLine]:
    known = {line.variant_id: line for line in ReceiptLine.objects.filter(receipt_id=row.id)}
    strange = [variant for variant in came if variant not in known]
    if strange:
        raise NotExpected(lines=[{"variant": public_id("var", one)} for one in strange])
    over = [
        {
            "variant": public_id("var", variant),
            "expected": f"{max(known[variant].expected - known[variant].received, 0):f}",
            "came": f"{quantity:f}",
        }
        for variant, quantity in came.items()
        if known[variant].received + quantity > known[variant].expected
    ]
    if over and not accept_over:
        raise OverDelivery(lines=over)
    return known


def _book(
    row: Receipt, known: Mapping[UUID, ReceiptLine], came: Mapping[UUID, Decimal], note: str
) -> None:
    rows = rows_in(row.merchant_id, row.warehouse_id, {v: known[v].unit for v in came})
    for variant, quantity in came.items():
        books.check_quantity(rows[variant].on_hand + quantity, field="lines")
        known[variant].received += quantity
    books.write(
        [books.Change(rows[variant], on_hand=quantity) for variant, quantity in came.items()],
        moved=[
            books.Moved(rows[v], quantity, rows[v].on_hand + quantity, "received", note)
            for v, quantity in came.items()
        ],
        reference=row.id,
    )
    ReceiptLine.objects.bulk_update([known[variant] for variant in came], ["received"])
    outbox.append_many(books.changed(rows.values(), "received"))
    promises.fill(rows.values())


def _step(row: Receipt, lines: Any) -> None:
    whole = all(line.received >= line.expected for line in lines)
    to = ReceiptState.RECEIVED if whole else ReceiptState.PARTLY_RECEIVED
    if row.state != to:
        row.move(to, action=f"inventory.receipt.{to}")
    row.save()


def _stored(row: Receipt) -> dict[UUID, Named]:
    lines = ReceiptLine.objects.filter(receipt_id=row.id).order_by("variant_id")
    return {line.variant_id: Named(line.expected, line.unit) for line in lines}


def _write_lines(row: Receipt, wanted: Mapping[UUID, Named]) -> None:
    ReceiptLine.objects.bulk_create(
        [
            ReceiptLine(receipt=row, variant_id=variant, unit=one.unit, expected=one.quantity)
            for variant, one in wanted.items()
        ]
    )


def _said(row: Receipt, wanted: Mapping[UUID, Named]) -> dict[str, Any]:
    return {
        "state": str(row.state),
        "reference": row.reference,
        "warehouse": row.warehouse_id,
        "expected_on": row.expected_on.isoformat() if row.expected_on else None,
        "lines": quantities({variant: one.quantity for variant, one in wanted.items()}),
    }


def _code(text: str, *, field: str) -> str:
    code = text.strip()
    if not 1 <= len(code) <= CODE_LENGTH:
        raise Invalid(_("Give 1 to 100 characters."), field=field)
    return code


def _save(row: Receipt, *, force_insert: bool = False) -> None:
    try:
        with transactions.atomic():
            row.save(force_insert=force_insert)
    except IntegrityError as error:
        if "inventory_receipt_reference" in str(error):
            raise ReferenceTaken(field="reference") from error
        raise


def _announce(row: Receipt) -> None:
    outbox.append(
        events.ReceiptChanged(row.id, row.merchant_id, row.warehouse_id, str(row.state)),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
