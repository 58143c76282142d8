"""Statements: what each order brought and cost, and what each payout is made of; all of it summed
from the ledger's own transfers."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When

from kernel import tenancy
from kernel.errors import NotFound
from kernel.money import Money
from payments.contracts_terms import PayoutLine, PayoutStatement, Statement, StatementLine
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag
from payments.models import LedgerTransfer, Payout

MOST = 20_000  # orders in one statement
# column: codes that count for it, and those that count against it
COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gross": (("charge", "subsidy"), ()),
    "refund": (
        ("refund", "commission_refund", "chargeback", "subsidy_returned"),
        ("refund_failure", "commission_restored", "subsidy_restored"),
    ),
    "commission": (("commission", "commission_restored"), ("commission_refund",)),
    "fee": (("dispute_fee",), ()),
    "tax": (("split_tax",), ()),
    "carriage": (("split_logistics", "split_service"), ()),
    "other": (("split_received", "deposit_received"), ()),
}
# Between a merchant's own accounts, or to its bank: no order earns or costs by them.
NEUTRAL = ("release", "reserve", "reserve_released", "reserve_used", "owed_recovered")


def statement(
    *,
    merchant_id: UUID,
    currency: str,
    since: datetime | None = None,
    until: datetime | None = None,
    references: Iterable[str] | None = None,
) -> Statement:
    """Every order with a movement from ``since`` until before ``until`` (business times), and the
    sums. ``tied``: net says what happened to the merchant's accounts, by another way of summing."""
    rows = _moved(merchant_id, currency)
    if since is not None:
        rows = rows.filter(business_at__gte=since)
    if until is not None:
        rows = rows.filter(business_at__lt=until)
    if references is not None:
        rows = rows.filter(reference__in=list(references))
    found: dict[str, dict[str, int]] = {}
    sums = rows.values("reference", "code").annotate(sum=Sum("amount")).order_by("reference")
    for row in sums[: MOST * len(COLUMNS)]:
        columns = found.setdefault(row["reference"], dict.fromkeys(COLUMNS, 0))
        for name, (plus, minus) in COLUMNS.items():
            columns[name] += row["sum"] * ((row["code"] in plus) - (row["code"] in minus))
    lines = [
        _line(name, columns, currency) for name, columns in found.items() if any(columns.values())
    ]
    whole = {name: sum(columns[name] for columns in found.values()) for name in COLUMNS}
    total = _line("", whole, currency)
    own = _effect(rows.exclude(code__startswith="payout"), merchant_id, currency)
    return Statement(currency, since, until, tuple(lines), total, own == total.net.amount)


def payout_statement(*, payout_id: UUID) -> PayoutStatement:
    """All that made the merchant's available balance since the payout before. Raises NotFound."""
    payout = Payout.objects.filter(id=payout_id).first()
    if payout is None:
        raise NotFound
    start = LedgerTransfer.objects.get(id=uuid5(payout.id, "start"))
    account = Account(
        tenancy.current_id(), Code.MERCHANT_AVAILABLE, payout.currency, payout.merchant_id
    ).id
    touching = _moved(payout.merchant_id, payout.currency).filter(
        Q(debit_id=account) | Q(credit_id=account)
    )
    earlier = touching.filter(_before(start))
    last = earlier.filter(code="payout").order_by("-created_at", "-id").first()
    between = earlier.filter(_after(last)) if last else earlier
    opening = _sum(earlier.exclude(_after(last)) if last else earlier.none(), account)
    lines = [
        PayoutLine(
            at=row.business_at,
            type=row.code,
            reference=row.reference,
            amount=Money(row.amount if row.credit_id == account else -row.amount, payout.currency),
        )
        for row in between.order_by("created_at", "id")[:MOST]
    ]
    closing = opening + sum(line.amount.amount for line in lines) - payout.amount
    after = _sum(touching.filter(_before(start) | Q(id=start.id)), account)

    def money(amount: int) -> Money:
        return Money(amount, payout.currency)

    return PayoutStatement(
        payout_id=payout.id,
        opening=money(opening),
        lines=tuple(lines),
        amount=money(payout.amount),
        closing=money(closing),
        orders=statement(
            merchant_id=payout.merchant_id,
            currency=payout.currency,
            references={line.reference for line in lines if line.reference},
        ),
        tied=closing == after,
    )


def _moved(merchant_id: UUID, currency: str) -> QuerySet[LedgerTransfer]:
    """The merchant's posted transfers."""
    return (
        LedgerTransfer.objects.filter(merchant_id=merchant_id, currency=currency)
        .annotate(unposted=F("flags").bitand(int(Flag.PENDING | Flag.VOID)))
        .filter(unposted=0)
    )


def _effect(rows: QuerySet[LedgerTransfer], merchant_id: UUID, currency: str) -> int:
    """What the rows did to all of the merchant's accounts together (owed counts against it)."""
    ids = [
        Account(tenancy.current_id(), code, currency, merchant_id).id
        for code in (
            Code.MERCHANT_PENDING,
            Code.MERCHANT_AVAILABLE,
            Code.MERCHANT_RESERVED,
            Code.MERCHANT_TRANSIT,
            Code.MERCHANT_OWED,
        )
    ]
    plus = Case(When(credit_id__in=ids, then=F("amount")), default=Value(0))
    minus = Case(When(debit_id__in=ids, then=F("amount")), default=Value(0))
    return int(rows.aggregate(sum=Sum(plus - minus))["sum"] or 0)


def _sum(rows: QuerySet[LedgerTransfer], account: UUID) -> int:
    plus = Case(When(credit_id=account, then=F("amount")), default=-F("amount"))
    return int(rows.aggregate(sum=Sum(plus))["sum"] or 0)


def _before(row: LedgerTransfer) -> Q:
    return Q(created_at__lt=row.created_at) | Q(created_at=row.created_at, id__lt=row.id)


def _after(row: LedgerTransfer) -> Q:
    return Q(created_at__gt=row.created_at) | Q(created_at=row.created_at, id__gt=row.id)


def _line(reference: str, columns: dict[str, int], currency: str) -> StatementLine:
    net = columns["gross"] + columns["other"]
    net -= sum(columns[name] for name in ("refund", "commission", "fee", "tax", "carriage"))
    return StatementLine(
        reference=reference,
        net=Money(net, currency),
        **{name: Money(value, currency) for name, value in columns.items()},
    )
