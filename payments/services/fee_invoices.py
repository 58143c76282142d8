"""What the platform charged each merchant in a month, as a numbered invoice; made once."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Sum
from django.utils import timezone

from kernel import clock, outbox
from kernel.errors import NotFound
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from kernel.transactions import together
from payments import events_guarantee as events
from payments.contracts_terms import FeeInvoiceInfo
from payments.domain.transfer import Flag
from payments.models import FeeInvoice, LedgerTransfer

CODES = {
    "commission": 1,
    "commission_restored": 1,
    "dispute_fee": 1,
    "commission_refund": -1,
}


def issue_due() -> int:
    """Invoice the month before this one (business time, the platform's zone); how many."""
    first = clock.today().replace(day=1)
    return issue(month=(first - timedelta(days=1)).replace(day=1))


def issue(*, month: date) -> int:
    """Invoice ``month`` (its first day) to every merchant that was charged and has no invoice for
    it yet; how many. May be repeated."""
    begin, end = _bounds(month)
    rows = (
        LedgerTransfer.objects.filter(
            code__in=list(CODES), business_at__gte=begin, business_at__lt=end,
            merchant_id__isnull=False,
        )
        .annotate(unposted=F("flags").bitand(int(Flag.PENDING | Flag.VOID)))
        .filter(unposted=0)
        .values("merchant_id", "currency", "code")
        .annotate(sum=Sum("amount"))
        .order_by("merchant_id", "currency", "code")
    )  # fmt: skip
    found: dict[tuple[UUID | None, str], list[tuple[str, int]]] = {}
    for row in rows:
        whose = (row["merchant_id"], row["currency"])
        found.setdefault(whose, []).append((row["code"], row["sum"] * CODES[row["code"]]))
    known = set(FeeInvoice.objects.filter(month=month).values_list("merchant_id", "currency"))
    done = 0
    for (merchant_id, currency), lines in found.items():
        if merchant_id is not None and (merchant_id, currency) not in known:
            done += _issue(merchant_id, currency, month, lines)
    return done


def fee_invoice(*, invoice_id: UUID) -> FeeInvoiceInfo:
    """One invoice. Raises NotFound."""
    row = FeeInvoice.objects.filter(id=invoice_id).first()
    if row is None:
        raise NotFound
    return invoice_info(row)


def fee_invoices_page(
    *,
    merchant_id: UUID | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[FeeInvoiceInfo]:
    """A merchant's invoices, or all of the platform."""
    rows = FeeInvoice.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(invoice_info)


def invoice_info(row: FeeInvoice) -> FeeInvoiceInfo:
    """The contract of a row."""
    return FeeInvoiceInfo(
        id=row.id,
        number=row.number,
        merchant_id=row.merchant_id,
        month=row.month,
        lines=tuple((code, Money(amount, row.currency)) for code, amount in row.lines),
        total=Money(row.total, row.currency),
        issued_at=row.issued_at,
    )


def _issue(merchant_id: UUID, currency: str, month: date, lines: list[tuple[str, int]]) -> int:
    with together():
        row = FeeInvoice(
            merchant_id=merchant_id,
            currency=currency,
            month=month,
            total=sum(amount for _code, amount in lines),
            lines=[[code, amount] for code, amount in lines],
            issued_at=clock.business(),
        )
        row.number = f"F{month:%Y%m}-{row.id.hex[-10:].upper()}"
        row.touch()
        FeeInvoice.objects.bulk_create([row], ignore_conflicts=True)
        if not FeeInvoice.objects.filter(id=row.id).exists():
            return 0
        outbox.append(
            events.FeesInvoiced(row.id, merchant_id, row.number, Money(row.total, currency)),
            aggregate=row,
            merchant_id=merchant_id,
        )
        return 1


def _bounds(month: date) -> tuple[datetime, datetime]:
    zone = timezone.get_default_timezone()
    begin = datetime(month.year, month.month, 1, tzinfo=zone)
    after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return begin, datetime(after.year, after.month, 1, tzinfo=zone)
