"""Have statutory invoices issued (数电发票): by a task, resolved by asking; else by hand."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import audit, clock, jobs, outbox
from kernel.errors import NotFound
from kernel.failpoints import hit
from kernel.pagination import PageOf, keyset
from kernel.transactions import assert_outside_transaction, together
from payments import locks
from payments.contracts import PENDING, REJECTED, SUCCEEDED, UNKNOWN
from payments.contracts_fapiao import FAPIAO, MANUAL, WAITS, FapiaoInfo, FapiaoState
from payments.contracts_invoices import InvoiceKind
from payments.errors_invoices import FapiaoBusy, FapiaoNumberTaken, InvalidInvoice, NoIssuer
from payments.events_invoices import FapiaoIssued, FapiaoRefused
from payments.models import Fapiao, SalesInvoice
from payments.providers.fapiao import NUMBER, FapiaoIssuer, FapiaoOrder, FapiaoOutcome
from payments.selectors import invoices as selectors
from payments.services import provider_account
from payments.services.checks import next_check


def hand_in(invoice: SalesInvoice) -> None:
    """Begin to have the invoice issued, in the caller's transaction, if the platform has an issuer
    and what a red one takes back went through it."""
    if not provider_account.is_ready(FAPIAO):
        return
    if invoice.original_id and not Fapiao.objects.filter(invoice_id=invoice.original_id).exists():
        return
    _begin(invoice)


def issue_fapiao(*, invoice_id: UUID) -> FapiaoInfo:
    """Have the statutory invoice issued: one issued before there was an issuer, or one that was
    refused, again. Being issued, or issued: as it is. Raises NotFound, NoIssuer."""
    with together():
        invoice = _invoice(invoice_id)
        row = Fapiao.objects.select_for_update().filter(invoice_id=invoice.id).first()
        if row is not None and row.state != FapiaoState.REFUSED:
            return fapiao_info(row)
        if not provider_account.is_ready(FAPIAO):
            raise NoIssuer
        if row is None:
            return fapiao_info(_begin(invoice))
        row.move(FapiaoState.PENDING, action="payments.fapiao.again")
        row.attempt += 1
        row.issuer, row.provider_id, row.code, row.message = FAPIAO, "", "", ""
        row.checks, row.next_check_at = 0, next_check(0)
        row.save()
        _enqueue(row)
        return fapiao_info(row)


def enter_fapiao(*, invoice_id: UUID, number: str) -> FapiaoInfo:
    """The merchant issued it on the tax platform and enters its number; the same again is the same.
    Raises NotFound, InvalidInvoice, FapiaoBusy while an issuer has it, FapiaoNumberTaken."""
    number = number.strip()
    if not NUMBER.fullmatch(number):
        raise InvalidInvoice(_("The number has 20 digits."), field="number")
    with together():
        invoice = _invoice(invoice_id)
        row = Fapiao.objects.select_for_update().filter(invoice_id=invoice.id).first()
        if row is not None and row.state == FapiaoState.ISSUED and row.number == number:
            return fapiao_info(row)
        if row is not None and row.state != FapiaoState.REFUSED:
            raise FapiaoBusy(state=str(row.state), number=row.number or None)
        if Fapiao.objects.filter(number=number).exists():
            raise FapiaoNumberTaken(field="number")
        if row is None:
            row = _made(invoice, MANUAL)
        row.issuer = MANUAL
        _issued(row, FapiaoOutcome(SUCCEEDED, "", number, clock.business()))
        return fapiao_info(row)


def refresh_fapiao(fapiao_id: UUID) -> FapiaoInfo:
    """Hand it in, or ask how it stands, and record the answer; no transaction may be open."""
    assert_outside_transaction("Issuing a fapiao")
    row = Fapiao.objects.select_related("invoice").get(id=fapiao_id)
    if row.state != FapiaoState.PENDING:
        return fapiao_info(row)
    hit("payments.fapiao.before_call")
    outcome = _ask(row)
    hit("payments.fapiao.after_call")
    return _record(row.id, row.attempt, outcome)


def fapiao(*, invoice_id: UUID) -> FapiaoInfo | None:
    """How the statutory invoice of an invoice stands; None: nobody has begun."""
    row = Fapiao.objects.filter(invoice_id=invoice_id).first()
    return fapiao_info(row) if row else None


def fapiaos_of(*, invoice_ids: Iterable[UUID]) -> dict[UUID, FapiaoInfo]:
    """Those of several invoices, by the invoice."""
    rows = Fapiao.objects.filter(invoice_id__in=list(invoice_ids))
    return {row.invoice_id: fapiao_info(row) for row in rows}


def fapiaos_page(
    *,
    merchant_id: UUID | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[FapiaoInfo]:
    """A merchant's, or all of the platform."""
    rows = Fapiao.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if state is not None:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(fapiao_info)


def fapiao_info(row: Fapiao) -> FapiaoInfo:
    """The contract of a row."""
    names = (
        "id", "invoice_id", "merchant_id", "issuer", "attempt", "number", "issued_at", "code",
        "message", "next_check_at", "version", "created_at", "updated_at",
    )  # fmt: skip
    return FapiaoInfo(state=str(row.state), **{name: getattr(row, name) for name in names})


def _ask(row: Fapiao) -> FapiaoOutcome:
    invoice = selectors.sales_invoice(invoice_id=row.invoice_id)
    original = ""
    if invoice.original_id is not None:
        blue = Fapiao.objects.filter(invoice_id=invoice.original_id).first()
        if blue is None or blue.state != FapiaoState.ISSUED:
            return FapiaoOutcome(PENDING, code=WAITS)
        original = blue.number
    issuer: FapiaoIssuer = provider_account.fapiao_issuer()
    order = FapiaoOrder(
        f"{row.id}-{row.attempt}", invoice, original=original, provider_id=row.provider_id
    )
    return issuer.find(order) if row.checks else issuer.issue(order)


def _record(fapiao_id: UUID, attempt: int, outcome: FapiaoOutcome) -> FapiaoInfo:
    with together():
        row = Fapiao.objects.select_for_update().get(id=fapiao_id)
        if row.state != FapiaoState.PENDING or row.attempt != attempt:
            return fapiao_info(row)
        row.provider_id = outcome.provider_id or row.provider_id
        if outcome.status == SUCCEEDED:
            _issued(row, outcome)
        elif outcome.status == REJECTED:
            row.move(FapiaoState.REFUSED, action="payments.fapiao.refused", reason=outcome.code)
            row.code, row.message, row.next_check_at = outcome.code, outcome.message, None
            row.save()
            outbox.append(
                FapiaoRefused(
                    row.invoice_id, row.merchant_id, _reference(row), outcome.code, outcome.message
                ),
                aggregate=row,
                merchant_id=row.merchant_id,
            )
        else:
            row.checks += outcome.code != WAITS  # what was never handed in is handed in first
            row.code = outcome.code if outcome.status != UNKNOWN else row.code
            row.next_check_at = next_check(row.checks)
            row.save()
        return fapiao_info(row)


def _issued(row: Fapiao, outcome: FapiaoOutcome) -> None:
    row.move(FapiaoState.ISSUED, action="payments.fapiao.issued")
    row.number, row.issued_at = outcome.number, outcome.issued_at or clock.business()
    row.code, row.message, row.next_check_at = "", "", None
    row.save()
    outbox.append(
        FapiaoIssued(row.invoice_id, row.merchant_id, _reference(row), row.number),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
    for red in Fapiao.objects.filter(
        invoice__original_id=row.invoice_id, invoice__kind=InvoiceKind.RED,
        state=FapiaoState.PENDING, code=WAITS,
    ):  # fmt: skip
        _enqueue(red)


def _begin(invoice: SalesInvoice) -> Fapiao:
    row = _made(invoice, FAPIAO)
    row.next_check_at = next_check(0)
    row.save()
    _enqueue(row)
    return row


def _made(invoice: SalesInvoice, issuer: str) -> Fapiao:
    row = Fapiao(invoice=invoice, merchant_id=invoice.merchant_id, issuer=issuer)
    row.save(force_insert=True)
    audit.record(action="payments.fapiao.begun", target=row, after={"issuer": issuer})
    return row


def _enqueue(row: Fapiao) -> None:
    jobs.enqueue("payments.issue_fapiao", {"fapiao_id": str(row.id)}, unique=str(row.id))


def _invoice(invoice_id: UUID) -> SalesInvoice:
    """The invoice; its request is locked, so that nobody begins twice. Raises NotFound."""
    row = SalesInvoice.objects.filter(id=invoice_id).first()
    if row is None:
        raise NotFound
    locks.invoice_request(row.request_id)
    return row


def _reference(row: Fapiao) -> str:
    rows = SalesInvoice.objects.filter(id=row.invoice_id)
    return str(rows.values_list("reference", flat=True).get())
