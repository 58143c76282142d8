"""The ledger as a plain-text journal (日记账) for beancount, which anyone can check without us.

Only what was posted is told: a pending transfer appears once it is posted, with the amount that
was. Transfers of one journal and day stand in one transaction. At the end of the last day every
account's balance is asserted from its counters, so ``bean-check`` compares the transfers with
them. Amounts are decimals in the currency's own exponent; days are those of ``zone``.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel import currencies
from kernel.ids import public_id
from kernel.transactions import atomic, cursor
from payments.domain.chart import Code
from payments.ledger.counters import counters
from payments.models import LedgerAccount, LedgerTransfer

_ROOTS = {
    Code.GATEWAY: "Assets:Gateway",
    Code.OFFLINE: "Assets:Offline",
    Code.ALIPAY: "Assets:Alipay",
    Code.WECHAT: "Assets:WeChatPay",
    Code.BANK: "Assets:Bank",
    Code.SETTLEMENT: "Assets:Settlement",
    Code.COMMISSION: "Income:Commission",
    Code.SUBSIDY: "Expenses:Subsidy",
    Code.GATEWAY_FEE: "Expenses:GatewayFee",
    Code.MERCHANT_PENDING: "Liabilities:Merchants:Pending",
    Code.MERCHANT_AVAILABLE: "Liabilities:Merchants:Available",
    Code.MERCHANT_TRANSIT: "Liabilities:Merchants:Transit",
    Code.MERCHANT_RESERVED: "Liabilities:Merchants:Reserved",
    Code.MERCHANT_OWED: "Assets:Receivable",
    Code.CARRIAGE: "Liabilities:Carriage",
    Code.TAX: "Liabilities:Tax",
    Code.SPLIT_CLEARING: "Equity:SplitClearing",
    Code.CONTESTED: "Assets:Contested",
    Code.DISPUTE_FEE: "Expenses:DisputeFee",
    Code.WALLET_CLEARING: "Equity:WalletClearing",
    Code.LIQUIDITY: "Equity:Liquidity",
    Code.SUSPENSE: "Equity:Suspense",
    Code.UNCLAIMED: "Liabilities:Unclaimed",
    Code.WALLET: "Liabilities:Wallets",
    Code.DEPOSIT: "Liabilities:Deposits",
}
_NOT_POSTED = 2 | 8  # pending, or the end of a pending one without money


def journal(*, title: str, zone: str) -> Iterator[str]:
    """The platform's whole posted ledger, line by line, without line ends.

    Memory doesn't grow with the number of transfers. Reads in a transaction of its own, of one
    moment: the asserted balances are those of the transfers told.
    """
    with atomic(durable=True):
        with cursor() as sql:
            sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield from _journal(title, ZoneInfo(zone))


def _journal(title: str, zone: ZoneInfo) -> Iterator[str]:
    accounts = {a.id: a for a in LedgerAccount.objects.order_by("currency", "code", "owner")}
    posted = counters(accounts)
    names = {id: _name(account) for id, account in accounts.items()}
    yield f'option "title" "{_word(title)}"'
    for currency in sorted({account.currency for account in accounts.values()}):
        yield f'option "operating_currency" "{currency}"'
    first, last = _span(zone)
    if first is None or last is None:
        return
    for id, account in accounts.items():
        yield f"{first} open {names[id]} {account.currency}"
    yield from _transactions(names, zone)
    after = last + timedelta(days=1)
    for id, account in accounts.items():
        debits, credits = posted[id][:2]
        balance = debits - credits
        yield f"{after} balance {names[id]} {_amount(balance, account.currency)}"


def _transactions(names: dict[UUID, str], zone: ZoneInfo) -> Iterator[str]:
    rows = (
        LedgerTransfer.objects.exclude(flags__in=_without_posting())
        .order_by("txid", "id")
        .iterator(chunk_size=2000)
    )
    for (moment, entry), legs in groupby(rows, key=lambda row: (row.business_at, row.journal)):
        day = moment.astimezone(zone).date()
        transfers = list(legs)
        yield ""
        told = ", ".join(dict.fromkeys(transfer.code for transfer in transfers))
        yield f'{day} * "{told}"'
        yield f'  journal: "{entry}"'
        for transfer in transfers:
            amount = _amount(transfer.amount, transfer.currency)
            yield f"  {names[transfer.debit_id]}  {amount}"
            yield f'    transfer: "{public_id("btx", transfer.id)}"'
            if transfer.document:
                yield f'    document: "{_word(transfer.document)}"'
            if transfer.reference:
                yield f'    reference: "{_word(transfer.reference)}"'
            yield f"  {names[transfer.credit_id]}  -{amount}"


def _without_posting() -> list[int]:
    return [flags for flags in range(32) if flags & _NOT_POSTED]


def _span(zone: ZoneInfo) -> tuple[date | None, date | None]:
    moments = LedgerTransfer.objects.order_by("business_at").values_list("business_at", flat=True)
    first, last = moments.first(), moments.last()
    if first is None or last is None:
        return None, None
    return first.astimezone(zone).date(), last.astimezone(zone).date()


def _name(account: LedgerAccount) -> str:
    root = _ROOTS.get(Code(account.code)) if account.code in list(Code) else None
    base = root or f"Equity:Other:{account.code.title().replace('_', '')}"
    owner = f":{public_id('mer', account.owner).upper().replace('_', '-')}" if account.owner else ""
    return f"{base}{owner}:{account.currency}"


def _amount(minor: int, currency: str) -> str:
    exponent = currencies.currency(currency).exponent
    return f"{Decimal(minor).scaleb(-exponent):.{exponent}f} {currency}"


def _word(text: str) -> str:
    return text.replace("\\", "/").replace('"', "'").replace("\n", " ")
