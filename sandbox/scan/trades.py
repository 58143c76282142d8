"""Trades to scan: made, scanned, paid, declined, closed, refunded. Each provider words it its own
way; ``TELL`` is how it tells the merchant."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox import clock, conf, database, idents
from sandbox.models import ScanMerchant, ScanRefund, ScanTrade, TradeState
from sandbox.transport.call import Call

Tell = Callable[[Call, ScanTrade], None]
TELL: dict[str, Tell] = {}


def fee_of(amount: int) -> int:
    """What the provider keeps of a payment, in fen."""
    rate = Decimal(str(conf.get("SCAN_FEE_PERCENT"))) / 100
    return int((amount * rate).quantize(Decimal(1), ROUND_HALF_UP))


def find(merchant: ScanMerchant, number: str, *, lock: bool = False) -> ScanTrade | None:
    """The trade with the merchant's number; past its time it is closed."""
    rows = ScanTrade.objects.select_related("merchant", "account")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(merchant=merchant, number=number).first()
    if row is not None:
        _expire(row)
    return row


def by_token(token: str, *, lock: bool = False) -> ScanTrade | None:
    """The trade whose code was scanned."""
    rows = ScanTrade.objects.select_related("merchant", "account")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(token=token).first()
    if row is not None:
        _expire(row)
    return row


def make(call: Call, merchant: ScanMerchant, number: str, **fields: Any) -> tuple[ScanTrade, bool]:
    """The trade of this number, and whether it is new; the caller compares the amounts."""
    database.wait_lock(f"scan:{merchant.pk}:{number}")
    known = find(merchant, number, lock=True)
    if known is not None:
        return known, False
    row = ScanTrade.objects.create(
        id=idents.new("str"),
        account=merchant.account,
        created=call.now,
        merchant=merchant,
        number=number,
        token=idents.random(32),
        created_at=clock.now(),
        **fields,
    )
    return row, True


def page(call: Call, row: ScanTrade) -> str:
    """The address that the code says."""
    return f"{call.base_url}/_sandbox/scan/{row.token}"


def scanned(row: ScanTrade) -> None:
    if row.state == TradeState.NEW:
        row.state = TradeState.WAITING
        row.save(update_fields=["state"])


def pay(call: Call, row: ScanTrade) -> bool:
    """The buyer pays; False when it is too late. The locked row."""
    if row.state not in (TradeState.NEW, TradeState.WAITING):
        return False
    row.state, row.paid_at, row.fee = TradeState.PAID, clock.now(), fee_of(row.amount)
    row.transaction = f"{clock.now():%Y%m%d}22{idents.digest(row.pk)[:18]}"
    row.save()
    TELL[row.merchant.channel](call, row)
    return True


def decline(call: Call, row: ScanTrade) -> None:
    """The buyer doesn't want to, or can't."""
    if row.state in (TradeState.NEW, TradeState.WAITING):
        row.state = TradeState.DECLINED
        row.save(update_fields=["state"])
        TELL[row.merchant.channel](call, row)


def close(row: ScanTrade) -> bool:
    """No payment any more; False when it is paid already. The locked row."""
    if row.state == TradeState.PAID:
        return False
    row.state = TradeState.CLOSED
    row.save(update_fields=["state"])
    return True


def refund(call: Call, row: ScanTrade, number: str, amount: int, reason: str) -> ScanRefund | str:
    """Give money back, once under a number; else what is wrong: ``state``, ``amount``,
    ``differs``. The locked row."""
    known = ScanRefund.objects.filter(trade=row, number=number).first()
    if known is not None:
        return known if known.amount == amount else "differs"
    if row.state != TradeState.PAID:
        return "state"
    if not 0 < amount <= row.amount - row.refunded:
        return "amount"
    row.refunded += amount
    row.save(update_fields=["refunded"])
    return ScanRefund.objects.create(
        id=idents.new("srf"),
        account=row.account,
        created=call.now,
        trade=row,
        number=number,
        amount=amount,
        fee=fee_of(amount),
        reason=reason[:256],
        status="success",
        created_at=clock.now(),
        done_at=clock.now(),
    )


def _expire(row: ScanTrade) -> None:
    waits = row.state in (TradeState.NEW, TradeState.WAITING)
    if waits and row.expires_at and row.expires_at <= clock.now():
        row.state = TradeState.CLOSED
        row.save(update_fields=["state"])
