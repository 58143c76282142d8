"""Whose money there is, and how it moved."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from kernel import tenancy
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from payments.contracts import Balance, BalanceTransaction, WalletBalance, WalletMovement
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag
from payments.ledger.balances import merchant_balances
from payments.models import LedgerAccount, LedgerTransfer
from platforms import facade as platforms

WALLET_CODES = (
    "topup", "withdrawal", "withdrawal_failed", "wallet_payment", "wallet_refund", "deposit",
    "deposit_returned", "deposit_forfeited", "exchange_out", "exchange_in",
)  # fmt: skip
# Transfers that carry the merchant's name but leave its balance alone.
WITHOUT_EFFECT = ("commission_refund", "commission_restored", "payout_paid", *WALLET_CODES)


def balances(*, merchant_id: UUID) -> list[Balance]:
    """The merchant's money by currency; at least the platform's own currency, if all is zero."""
    found = merchant_balances(merchant_id)
    if found:
        return found
    nothing = Money(0, platforms.get_platform().currency)
    return [_empty(nothing)]


def balance(*, merchant_id: UUID, currency: str | None = None) -> Balance:
    """The merchant's money in one currency (the platform's own)."""
    wanted = currency or platforms.get_platform().currency
    for found in merchant_balances(merchant_id):
        if found.currency == wanted:
            return found
    nothing = Money(0, wanted)
    return _empty(nothing)


def _empty(nothing: Money) -> Balance:
    return Balance(
        pending=nothing, available=nothing, in_transit=nothing, reserved=nothing, owed=nothing
    )


def balance_transactions_page(
    *,
    merchant_id: UUID,
    type: str | None = None,
    order: str | None = None,
    source: str | None = None,
    sort: tuple[str, ...] = ("-created_at", "-id"),
    since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[BalanceTransaction]:
    """Every posted movement of the merchant's balance; ``order`` and ``source`` are public ids."""
    rows = _posted(merchant_id).exclude(code__in=WITHOUT_EFFECT)
    for column, value in (("code", type), ("reference", order), ("document", source)):
        if value is not None:
            rows = rows.filter(**{column: value})
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    page = keyset(rows, order=sort, cursor=cursor, limit=limit)
    return page.map(lambda row: _movement(row, merchant_id))


def _movement(row: LedgerTransfer, merchant_id: UUID) -> BalanceTransaction:
    platform = tenancy.current_id()

    def effect(code: Code) -> int:
        account = Account(platform, code, row.currency, merchant_id).id
        return row.amount * ((row.credit_id == account) - (row.debit_id == account))

    pending = effect(Code.MERCHANT_PENDING)
    available = effect(Code.MERCHANT_AVAILABLE)
    owed = effect(Code.MERCHANT_OWED)
    return BalanceTransaction(
        id=row.id,
        type=row.code,
        amount=Money(pending + available + owed, row.currency),
        pending=Money(pending, row.currency),
        available=Money(available, row.currency),
        order=row.reference,
        source=row.document,
        business_at=row.business_at,
        created_at=row.created_at,
    )


def _posted(owner_id: UUID) -> QuerySet[LedgerTransfer]:
    return (
        LedgerTransfer.objects.filter(merchant_id=owner_id)
        .annotate(unposted=F("flags").bitand(int(Flag.PENDING | Flag.VOID)))
        .filter(unposted=0)
    )


def wallet_balances(*, owner_id: UUID) -> list[WalletBalance]:
    """What the person or merchant has stored, by currency; empty before the first top-up."""
    rows = LedgerAccount.objects.filter(owner=owner_id, code__in=(Code.WALLET, Code.DEPOSIT))
    found: dict[str, dict[str, int]] = {}
    for row in rows.order_by("currency"):
        left = row.credits_posted - row.debits_posted - row.debits_pending
        found.setdefault(row.currency, {})[row.code] = left
    return [
        WalletBalance(
            available=Money(amounts.get(Code.WALLET, 0), currency),
            frozen=Money(amounts.get(Code.DEPOSIT, 0), currency),
        )
        for currency, amounts in found.items()
    ]


def wallet_movements_page(
    *,
    owner_id: UUID,
    type: str | None = None,
    sort: tuple[str, ...] = ("-created_at", "-id"),
    since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[WalletMovement]:
    """Every posted movement of the wallet, signed by its effect on what is available."""
    rows = _posted(owner_id).filter(code__in=WALLET_CODES if type is None else (type,))
    if type is not None and type not in WALLET_CODES:
        rows = rows.none()
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    page = keyset(rows, order=sort, cursor=cursor, limit=limit)
    return page.map(lambda row: _wallet_movement(row, owner_id))


def _wallet_movement(row: LedgerTransfer, owner_id: UUID) -> WalletMovement:
    platform = tenancy.current_id()

    def effect(code: Code) -> Money:
        account = Account(platform, code, row.currency, owner_id).id
        signed = (row.credit_id == account) - (row.debit_id == account)
        return Money(row.amount * signed, row.currency)

    return WalletMovement(
        id=row.id,
        type=row.code,
        available=effect(Code.WALLET),
        frozen=effect(Code.DEPOSIT),
        reference=row.reference,
        source=row.document,
        business_at=row.business_at,
        created_at=row.created_at,
    )
