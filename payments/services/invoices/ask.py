"""Ask for an invoice over a share of a payment; decline it, or withdraw the wish."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import audit, outbox
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id
from kernel.money import Money, total
from kernel.quantity import Quantity
from kernel.transactions import together
from payments import locks
from payments.contracts import IntentState, Purpose
from payments.contracts_invoices import (
    InvoiceBuyer,
    InvoiceRequestInfo,
    InvoiceType,
    LineInput,
    RequestState,
)
from payments.errors import ExternalIdTaken, KeyReused
from payments.errors_invoices import (
    InvalidInvoice,
    InvoiceAsked,
    InvoiceLinesDiffer,
    NothingToInvoice,
)
from payments.events_invoices import InvoiceRequested, InvoiceRequestEnded
from payments.models import IntentShare, InvoiceRequest, PaymentIntent
from payments.selectors import invoices as selectors
from payments.services.invoices import buyers
from payments.services.invoices.profile import check_category

LINES_MOST = 2000  # as many as the tax platform takes on one invoice
NOTE_MOST = 200
_TEXTS = {"name": 100, "specification": 40, "sku": 64, "category_name": 20}
OPEN = (RequestState.REQUESTED, RequestState.ISSUED)


def request_invoice(
    *,
    key: UUID,
    intent_id: UUID,
    merchant_id: UUID,
    buyer: InvoiceBuyer,
    lines: Sequence[LineInput],
    reference: str | None = None,
    type: str = InvoiceType.ORDINARY,
    note: str = "",
    person_id: UUID | None = None,
    language: str = "",
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> InvoiceRequestInfo:
    """Ask for an invoice of the merchant over its share (``reference`` names it if there are
    several); the same ``key`` again is the same request.

    The payment need not be there yet. Lines sum to the share. ``person_id``: whose request it is;
    who has no account gets the letter in ``language``. Raises NotFound, InvalidInvoice,
    InvalidTaxNumber, InvoiceLinesDiffer, InvoiceAsked, NothingToInvoice, KeyReused,
    ExternalIdTaken.
    """
    found = buyers.checked(buyer, type=type)
    if len(note) > NOTE_MOST or not note.isprintable():
        told = _("At most %(most)s plain characters.") % {"most": NOTE_MOST}
        raise InvalidInvoice(told, field="note")
    with together():
        intent = locks.intent(intent_id)
        share = _share(intent, merchant_id, reference)
        known = InvoiceRequest.objects.filter(key=key).first()
        if known is not None:
            if known.share_id != share.id:
                raise KeyReused
            return selectors.request_info(known)
        _check_open(intent, share)
        kept = _kept(lines, share)
        row = InvoiceRequest(
            key=key, type=type, merchant_id=merchant_id, intent=intent, share=share,
            reference=share.reference, person_id=person_id, language=language, lines=kept,
            amount=share.amount, currency=share.currency, external_id=external_id,
            metadata=dict(metadata or {}),
        )  # fmt: skip
        row.sealed = selectors.sealed_buyer(row.id, found, note)
        row.touch()
        InvoiceRequest.objects.bulk_create([row], ignore_conflicts=True)
        if not InvoiceRequest.objects.filter(id=row.id).exists():
            raise ExternalIdTaken(field="external_id")
        audit.record(
            action="payments.invoice_request.created",
            target=row,
            after={"intent": intent.id, "type": str(type)},
        )
        outbox.append(
            InvoiceRequested(row.id, merchant_id, row.reference, Money(row.amount, row.currency)),
            aggregate=row,
            merchant_id=merchant_id,
        )
        return selectors.request_info(row)


def decline_request(*, request_id: UUID, reason: str) -> InvoiceRequestInfo:
    """The merchant issues none, and says why. Raises NotFound, Invalid, InvalidTransition."""
    text = reason.strip()
    if not 1 <= len(text) <= 200:
        raise Invalid(_("Say why, in at most 200 characters."), field="reason")
    return end(request_id, RequestState.DECLINED, text)


def cancel_request(*, request_id: UUID) -> InvoiceRequestInfo:
    """Withdraw the wish before it is fulfilled. Raises NotFound, InvalidTransition."""
    return end(request_id, RequestState.CANCELED, "")


def end(request_id: UUID, state: RequestState, reason: str) -> InvoiceRequestInfo:
    """Move a request to ``state``; there already: as it is. Raises NotFound, InvalidTransition."""
    with together():
        _owner, _part, row = locks.invoice_request(request_id)
        if row.state != state:
            row.move(state, action=f"payments.invoice_request.{state}", reason=reason)
            row.reason = reason
            row.save()
            outbox.append(
                InvoiceRequestEnded(row.id, row.merchant_id, row.reference, str(state), reason),
                aggregate=row,
                merchant_id=row.merchant_id,
            )
        return selectors.request_info(row)


def payment_ended(*, intent_id: UUID) -> None:
    """The payment was cancelled: nothing will be invoiced. May be repeated."""
    rows = InvoiceRequest.objects.filter(intent_id=intent_id, state=RequestState.REQUESTED)
    for request_id in rows.values_list("id", flat=True):
        end(request_id, RequestState.CANCELED, "")


def _share(intent: PaymentIntent, merchant_id: UUID, reference: str | None) -> IntentShare:
    found = [one for one in locks.shares(intent.id) if one.merchant_id == merchant_id]
    if reference is None and len(found) > 1:
        told = _("The payment has several shares of this merchant: name one.")
        raise Invalid(told, field="reference")
    found = [one for one in found if reference in (None, one.reference)]
    if not found:
        raise NotFound
    return found[0]


def _check_open(intent: PaymentIntent, share: IntentShare) -> None:
    if intent.purpose != Purpose.SALE:
        raise NothingToInvoice(_("A top-up of a wallet is no sale."))
    if intent.currency != "CNY":
        raise NothingToInvoice(_("Invoices are made out in CNY, the payment isn't."))
    if intent.state == IntentState.CANCELED or share.refunded >= share.amount:
        raise NothingToInvoice
    known = InvoiceRequest.objects.filter(share_id=share.id, state__in=OPEN).first()
    if known is not None:
        raise InvoiceAsked(request=public_id("irq", known.id), state=str(known.state))


def _kept(lines: Sequence[LineInput], share: IntentShare) -> list[dict[str, Any]]:
    if not 1 <= len(lines) <= LINES_MOST:
        raise InvalidInvoice(_("From 1 to %(most)s lines.") % {"most": LINES_MOST}, field="lines")
    kept = [_line(line, f"lines.{place}", share.currency) for place, line in enumerate(lines)]
    due = Money(share.amount, share.currency)
    come = total((line.gross for line in lines), share.currency)
    if come != due:
        raise InvoiceLinesDiffer(
            _("They come to %(come)s, paid are %(due)s.") % {"come": come, "due": due},
            field="lines",
            expected=due,
        )
    return kept


def _line(line: LineInput, here: str, currency: str) -> dict[str, Any]:
    if line.gross.currency != currency or line.gross.amount <= 0:
        told = _("More than nothing, in the currency of the payment.")
        raise InvalidInvoice(told, field=f"{here}.gross")
    texts = {name: " ".join(getattr(line, name).split()) for name in _TEXTS}
    for name, most in _TEXTS.items():
        if len(texts[name]) > most or not texts[name].isprintable():
            told = _("At most %(most)s plain characters.") % {"most": most}
            raise InvalidInvoice(told, field=f"{here}.{name}")
    if not texts["name"]:
        raise InvalidInvoice(_("What was sold."), field=f"{here}.name")
    if len(line.goods_category) > 200 or not line.goods_category.isprintable():
        told = _("At most %(most)s plain characters.") % {"most": 200}
        raise InvalidInvoice(told, field=f"{here}.goods_category")
    if line.quantity is not None:
        if line.quantity <= 0:
            raise InvalidInvoice(_("More than nothing."), field=f"{here}.quantity")
        Quantity(line.quantity, line.unit or "C62")
    if line.category:
        check_category(line.category, field=f"{here}.category")
    return {
        **texts,
        "unit": line.unit,
        "quantity": "" if line.quantity is None else format(line.quantity.normalize(), "f"),
        "gross": line.gross.amount,
        "category": line.category,
        "rate": "" if line.rate is None else format(line.rate.normalize(), "f"),
        "treatment": line.treatment,
        "goods_category": line.goods_category.strip("/"),
    }
