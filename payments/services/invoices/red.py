"""Red-letter invoices (红字发票): what went back is taken back of the invoice too, never more."""

from typing import Any
from uuid import UUID

from kernel.errors import NotFound
from kernel.transactions import together
from payments import locks
from payments.contracts import RefundState
from payments.contracts_invoices import (
    InvoiceKind,
    RedReason,
    RequestState,
    SalesInvoiceInfo,
)
from payments.domain import vat
from payments.errors_invoices import NothingToInvoice
from payments.models import (
    DisputePart,
    IntentShare,
    InvoiceRequest,
    Refund,
    RefundShare,
    SalesInvoice,
)
from payments.selectors import invoices as selectors
from payments.services.invoices import ask
from payments.services.invoices.issue import charged_back, first_of, refunded
from payments.services.invoices.record import Draft, record

AMOUNTS = ("net", "tax", "gross")


def reverse_invoice(*, invoice_id: UUID, reason: str = RedReason.MISTAKE) -> SalesInvoiceInfo:
    """Take back all that is left of an invoice, such as one with a wrong title; the buyer can ask
    anew afterwards. Raises NotFound, NothingToInvoice when nothing is left."""
    found = SalesInvoice.objects.filter(id=invoice_id).values_list("request_id", flat=True).first()
    if found is None:
        raise NotFound
    with together():
        _intent, _share, row = locks.invoice_request(found)
        if row.state != RequestState.ISSUED:
            raise NothingToInvoice
        original = first_of(row)
        left = _left(original)
        return _take(row, original, left, sum(one["gross"] for one in left), reason)


def follow_refund(*, refund_id: UUID) -> None:
    """Bring the invoices of a refund's shares into line with it; may be repeated and come late.

    A refund that succeeded gives a red one over its amount, unless the invoice was issued after
    it; one that failed after all is followed by a blue one that undoes the red one. A request
    that waits for nothing any more is withdrawn.
    """
    refund = Refund.objects.filter(id=refund_id).first()
    if refund is None:
        return
    parts = RefundShare.objects.filter(refund_id=refund_id, amount__gt=0)
    for part in parts.order_by("share_id"):
        rows = InvoiceRequest.objects.filter(share_id=part.share_id, state__in=ask.OPEN)
        request_id = rows.values_list("id", flat=True).first()
        if request_id is not None:
            _follow(request_id, part)


def follow_chargeback(*, dispute_id: UUID) -> None:
    """Bring the invoices of a lost chargeback's shares into line with it, by the rule of refunds;
    may be repeated and come late. One that is open, or was won, changes nothing."""
    for share_id in DisputePart.objects.filter(dispute_id=dispute_id).values_list(
        "share_id", flat=True
    ):
        rows = InvoiceRequest.objects.filter(share_id=share_id, state__in=ask.OPEN)
        request_id = rows.values_list("id", flat=True).first()
        if request_id is not None:
            _follow_chargeback(request_id, dispute_id)


def _follow_chargeback(request_id: UUID, dispute_id: UUID) -> None:
    with together():
        _intent, share, row = locks.invoice_request(request_id)
        took = charged_back(share.id).get(dispute_id)
        if took is None or not _stands(row, share):
            return
        known = SalesInvoice.objects.filter(request_id=row.id, dispute_id=dispute_id)
        if not known.exists():
            _take_back(row, share, took, dispute_id=dispute_id)


def _follow(request_id: UUID, part: RefundShare) -> None:
    with together():
        _intent, share, row = locks.invoice_request(request_id)
        state = Refund.objects.values_list("state", flat=True).get(id=part.refund_id)
        if not _stands(row, share):
            return
        known = SalesInvoice.objects.filter(request_id=row.id, refund_id=part.refund_id)
        kinds = {one.kind: one for one in known}
        if state == RefundState.SUCCEEDED and not kinds:
            _take_back(row, share, part.amount, refund_id=part.refund_id)
        elif state == RefundState.FAILED and set(kinds) == {InvoiceKind.RED}:
            red = kinds[InvoiceKind.RED]
            lines = [_negative(line) for line in red.lines]
            _add(row, first_of(row), InvoiceKind.BLUE, lines, "", refund_id=part.refund_id)


def _stands(row: InvoiceRequest, share: IntentShare) -> bool:
    """Whether an invoice was issued and isn't taken back; a request of what is no longer paid at
    all is withdrawn."""
    if row.state == RequestState.REQUESTED and refunded(share.id) >= share.amount:
        ask.end(row.id, RequestState.CANCELED, "")
    return bool(row.state == RequestState.ISSUED)


def _take_back(row: InvoiceRequest, share: IntentShare, gone: int, **cause: UUID) -> None:
    """A red one over what went back, as far as the invoice says more than what is still paid: it
    may have been issued afterwards, without it."""
    original = first_of(row)
    left = _left(original)
    over = sum(one["gross"] for one in left) - (share.amount - refunded(share.id))
    amount = min(gone, over)
    if amount > 0:
        reason = RedReason.RETURN if amount == share.amount else RedReason.ALLOWANCE
        _take(row, original, left, amount, reason, **cause)


def _take(
    row: InvoiceRequest,
    original: SalesInvoice,
    left: list[dict[str, Any]],
    amount: int,
    reason: str,
    **cause: UUID,
) -> SalesInvoiceInfo:
    """A red invoice over ``amount`` of what is left; over all of it, the request has ended."""
    parts = vat.shared(amount, [one["gross"] for one in left])
    by_place = {line["place"]: line for line in original.lines}
    lines = []
    for one, part in zip(left, parts, strict=True):
        if part:
            line = by_place[one["place"]]
            tax = vat.tax_within(part, gross=one["gross"], tax=one["tax"])
            whole = part == line["gross"]
            taken = {
                **line,
                "gross": part,
                "tax": tax,
                "net": part - tax,
                "quantity": line["quantity"] if whole else "",
                "unit_price": line["unit_price"] if whole else "",
            }
            lines.append(_negative(taken))
    made = _add(row, original, InvoiceKind.RED, lines, reason, **cause)
    if amount == sum(one["gross"] for one in left):
        row.move(RequestState.REVERSED, action="payments.invoice_request.reversed")
        row.save()
    return selectors.invoice_info(made)


def _add(
    row: InvoiceRequest,
    original: SalesInvoice,
    kind: str,
    lines: list[dict[str, Any]],
    reason: str,
    **cause: UUID,
) -> SalesInvoice:
    said = selectors.invoice_info(original)
    assert said.buyer is not None  # sealed under the request, whose key is never destroyed
    return record(
        row,
        Draft(kind, lines, said.seller, said.buyer, said.note, original, reason=reason, **cause),
    )


def _left(original: SalesInvoice) -> list[dict[str, Any]]:
    """What of each line hasn't been taken back yet."""
    left = {line["place"]: {**line} for line in original.lines}
    for later in SalesInvoice.objects.filter(original_id=original.id):
        for line in later.lines:
            for name in AMOUNTS:
                left[line["place"]][name] += line[name]
    return list(left.values())


def _negative(line: dict[str, Any]) -> dict[str, Any]:
    turned = {name: -line[name] for name in AMOUNTS}
    quantity = str(line["quantity"])
    if quantity:
        quantity = quantity[1:] if quantity.startswith("-") else f"-{quantity}"
    return {**line, **turned, "quantity": quantity}
