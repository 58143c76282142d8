"""Red-letter invoices (红字发票): what went back is taken back of the invoice too, never more."""

from typing import Any
from uuid import UUID

from kernel.errors import NotFound
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
from payments.models import InvoiceRequest, Refund, RefundShare, SalesInvoice
from payments.selectors import invoices as selectors
from payments.services.invoices import ask
from payments.services.invoices.issue import first_of, refunded
from payments.services.invoices.record import Draft, record
from payments.services.together import together

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
    for part in RefundShare.objects.filter(refund_id=refund_id).order_by("share_id"):
        rows = InvoiceRequest.objects.filter(share_id=part.share_id, state__in=ask.OPEN)
        request_id = rows.values_list("id", flat=True).first()
        if request_id is not None:
            _follow(request_id, part)


def _follow(request_id: UUID, part: RefundShare) -> None:
    with together():
        _intent, share, row = locks.invoice_request(request_id)
        state = Refund.objects.values_list("state", flat=True).get(id=part.refund_id)
        gone = refunded(share.id)
        if row.state == RequestState.REQUESTED:
            if gone >= share.amount:
                ask.end(row.id, RequestState.CANCELED, "")
            return
        if row.state != RequestState.ISSUED:
            return
        known = SalesInvoice.objects.filter(request_id=row.id, refund_id=part.refund_id)
        kinds = {one.kind: one for one in known}
        original = first_of(row)
        if state == RefundState.SUCCEEDED and not kinds:
            left = _left(original)
            over = sum(one["gross"] for one in left) - (share.amount - gone)
            amount = min(part.amount, over)
            if amount > 0:
                whole = amount == share.amount
                reason = RedReason.RETURN if whole else RedReason.ALLOWANCE
                _take(row, original, left, amount, reason, part.refund_id)
        elif state == RefundState.FAILED and set(kinds) == {InvoiceKind.RED}:
            red = kinds[InvoiceKind.RED]
            lines = [_negative(line) for line in red.lines]
            _add(row, original, InvoiceKind.BLUE, lines, "", part.refund_id)


def _take(
    row: InvoiceRequest,
    original: SalesInvoice,
    left: list[dict[str, Any]],
    amount: int,
    reason: str,
    refund_id: UUID | None = None,
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
    made = _add(row, original, InvoiceKind.RED, lines, reason, refund_id)
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
    refund_id: UUID | None,
) -> SalesInvoice:
    said = selectors.invoice_info(original)
    assert said.buyer is not None  # sealed under the request, whose key is never destroyed
    draft = Draft(kind, lines, said.seller, said.buyer, said.note, original, refund_id, reason)
    return record(row, draft)


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
