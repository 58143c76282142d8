"""Issue what was asked for, once the money is here; in the merchant's name, exact to the fen."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import mail
from kernel.errors import Conflict, DomainError, Invalid
from kernel.transactions import assert_outside_transaction, together
from payments import locks
from payments.contracts import IntentState, RefundState
from payments.contracts_guarantee import DisputeKind, DisputeState
from payments.contracts_invoices import (
    InvoiceKind,
    InvoiceType,
    LineChange,
    RequestState,
    SalesInvoiceInfo,
    TaxClass,
    TaxProfile,
    Treatment,
)
from payments.domain import vat
from payments.errors_invoices import (
    NothingToInvoice,
    NotPaidYet,
    RefundInProgress,
    TaxCategoryMissing,
    TaxProfileMissing,
)
from payments.models import (
    DisputePart,
    IntentShare,
    InvoiceRequest,
    PaymentIntent,
    RefundShare,
    SalesInvoice,
)
from payments.selectors import invoices as selectors
from payments.services.invoices import addresses
from payments.services.invoices.goods import tax_classes
from payments.services.invoices.profile import check_class
from payments.services.invoices.record import Draft, record
from platforms import facade as platforms

PRICE_PLACES = 8
MANY = 100


def issue_invoice(*, request_id: UUID, changes: Sequence[LineChange] = ()) -> SalesInvoiceInfo:
    """The invoice of a request: issued now, or the one issued before. ``changes``: how single lines
    are taxed, where it isn't as the tax data say. What was refunded before is left out.

    Raises NotFound, TaxProfileMissing, TaxCategoryMissing, RateNotAllowed, InvalidInvoice,
    NotPaidYet, RefundInProgress, NothingToInvoice, InvalidTransition.
    """
    with together():
        intent, share, row = locks.invoice_request(request_id)
        if row.state == RequestState.ISSUED:
            return selectors.invoice_info(first_of(row))
        row.TRANSITIONS.check(row.state, RequestState.ISSUED)
        info = selectors.request_info(row)
        profile = selectors.tax_profile(merchant_id=row.merchant_id)
        if profile is None:
            raise TaxProfileMissing
        if info.buyer is None:
            raise Conflict(_("The buyer's data have been erased."))
        left = _left(intent, share)
        lines = _priced(_reduced(row, left), _classes(row, profile, changes))
        draft = Draft(InvoiceKind.BLUE, lines, _seller(profile), info.buyer, info.note)
        made = record(row, draft)
        row.move(RequestState.ISSUED, action="payments.invoice_request.issued")
        row.save()
        _write(row, made, info.buyer.email)
        return selectors.invoice_info(made)


def issue_many(*, request_ids: Sequence[UUID]) -> list[tuple[UUID, SalesInvoiceInfo | DomainError]]:
    """Each in a transaction of its own, in the given order; what can't be issued says why."""
    assert_outside_transaction("Issuing many invoices")
    if not 1 <= len(request_ids) <= MANY:
        raise Invalid(_("From 1 to %(most)s at once.") % {"most": MANY}, field="requests")
    done: list[tuple[UUID, SalesInvoiceInfo | DomainError]] = []
    for request_id in dict.fromkeys(request_ids):
        try:
            done.append((request_id, issue_invoice(request_id=request_id)))
        except DomainError as error:
            done.append((request_id, error))
    return done


def first_of(row: InvoiceRequest) -> SalesInvoice:
    """The invoice that an issued request led to."""
    found = SalesInvoice.objects.filter(request_id=row.id, original__isnull=True)
    return found.select_related("original").get()


def refunded(share_id: UUID) -> int:
    """What has gone back of a share for good: by refunds, and by chargebacks that were lost."""
    rows = RefundShare.objects.filter(share_id=share_id, refund__state=RefundState.SUCCEEDED)
    return sum([*rows.values_list("amount", flat=True), *charged_back(share_id).values()])


def charged_back(share_id: UUID) -> dict[UUID, int]:
    """What each lost chargeback (by its id) took of a share, in minor units."""
    rows = DisputePart.objects.filter(
        share_id=share_id,
        dispute__kind=DisputeKind.CHARGEBACK,
        dispute__state=DisputeState.LOST,
    )
    return dict(rows.values_list("dispute_id", "amount"))


def _left(intent: PaymentIntent, share: IntentShare) -> int:
    if intent.state != IntentState.SUCCEEDED or not share.captured:
        raise NotPaidYet
    gone = refunded(share.id)
    if DisputePart.objects.filter(
        share_id=share.id, open=True, dispute__kind=DisputeKind.CHARGEBACK
    ).exists():
        raise RefundInProgress(_("The buyer's bank is deciding a chargeback of it."))
    if gone != share.refunded:
        raise RefundInProgress
    if gone >= share.amount:
        raise NothingToInvoice(_("All of it was given back."))
    return share.amount - gone


def _reduced(row: InvoiceRequest, left: int) -> list[dict[str, Any]]:
    """The request's lines, smaller in proportion if something went back before."""
    gross = [line["gross"] for line in row.lines]
    gone = vat.shared(sum(gross) - left, gross)
    return [
        {**line, "place": place, "gross": line["gross"] - minus}
        for place, (line, minus) in enumerate(zip(row.lines, gone, strict=True))
        if line["gross"] > minus
    ]


def _classes(
    row: InvoiceRequest, profile: TaxProfile, changes: Sequence[LineChange]
) -> list[TaxClass]:
    """How each line of the request is taxed: as decided now, as asked, else as is usual."""
    decided = {change.place: change for change in changes}
    unknown = set(decided) - set(range(len(row.lines)))
    if unknown:
        raise Invalid(_("There is no line %(place)s.") % {"place": min(unknown)}, field="lines")
    lines = [selectors.line_input(line, row.currency) for line in row.lines]
    usual = tax_classes(profile, [(line.sku, line.goods_category) for line in lines])
    found = []
    for place, asked in enumerate(lines):
        one = _class(usual[place].tax, asked)
        if place in decided:
            one = _class(one, decided[place])
        if not one.category:
            raise TaxCategoryMissing(field=f"lines.{place}.category")
        check_class(one, taxpayer=profile.taxpayer, field=f"lines.{place}")
        if row.type == InvoiceType.SPECIAL and one.treatment != Treatment.TAXED:
            told = _("What bears no tax can't stand on a special invoice.")
            raise Conflict(told, field=f"lines.{place}.treatment")
        found.append(one)
    return found


def _class(usual: TaxClass, said: Any) -> TaxClass:
    treatment = said.treatment or (usual.treatment if said.rate is None else Treatment.TAXED)
    rate = usual.rate if said.rate is None else said.rate
    return TaxClass(
        category=said.category or usual.category,
        category_name=said.category_name or usual.category_name,
        rate=Decimal(0) if treatment != Treatment.TAXED else rate,
        treatment=str(treatment),
    )


def _priced(
    lines: Sequence[Mapping[str, Any]], classes: Sequence[TaxClass]
) -> list[dict[str, Any]]:
    kinds = [classes[line["place"]] for line in lines]
    taxes = vat.taxes([line["gross"] for line in lines], [kind.rate for kind in kinds])
    made = []
    for line, kind, tax in zip(lines, kinds, taxes, strict=True):
        net = line["gross"] - tax
        made.append(
            {
                **line,
                "category": kind.category,
                "category_name": kind.category_name,
                "rate": format(kind.rate.normalize(), "f"),
                "treatment": kind.treatment,
                "net": net,
                "tax": tax,
                "unit_price": _unit_price(net, line["quantity"]),
            }
        )
    return made


def _unit_price(net: int, quantity: str) -> str:
    if not quantity:
        return ""
    with localcontext() as context:
        context.prec = 60
        price = Decimal(net) / 100 / Decimal(quantity)
        price = price.quantize(Decimal(1).scaleb(-PRICE_PLACES), ROUND_HALF_UP)
        return format(price.normalize(), "f")


def _seller(profile: TaxProfile) -> dict[str, str]:
    names = ("name", "tax_number", "taxpayer", *selectors.DETAILS)
    return {name: getattr(profile, name) for name in names}


def _write(row: InvoiceRequest, made: SalesInvoice, email: str) -> None:
    """A letter to the buyer with the address of the invoice, if one was given."""
    if not email:
        return
    merchant = platforms.merchants({row.merchant_id}).get(row.merchant_id)
    names = merchant.names if merchant else {}
    language = platforms.letter_language(row.language)
    if row.person_id is not None:
        language = platforms.person(row.person_id).language
    mail.send(
        to=email,
        template="payments/invoice",
        context={
            "number": made.number,
            "merchant": names.get(language) or next(iter(names.values()), ""),
            "link": addresses.address(made.id),
        },
        language=language,
        subject=row.id,
    )
