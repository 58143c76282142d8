"""Amounts, times and trades as Alipay writes them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.models import ScanTrade, TradeState

BEIJING = timezone(timedelta(hours=8))
STATUS = {
    TradeState.NEW: "WAIT_BUYER_PAY",
    TradeState.WAITING: "WAIT_BUYER_PAY",
    TradeState.PAID: "TRADE_SUCCESS",
    TradeState.DECLINED: "TRADE_CLOSED",
    TradeState.CLOSED: "TRADE_CLOSED",
}


def yuan(amount: int) -> str:
    return f"{Decimal(amount).scaleb(-2):.2f}"


def fen(text: object) -> int | None:
    """None unless it is an amount of 0.01 to 100000000.00 with at most two decimals."""
    try:
        value = Decimal(str(text)).scaleb(2)
    except InvalidOperation:
        return None
    good = value.is_finite() and value == value.to_integral_value() and 1 <= value <= 10**10
    return int(value) if good else None


def stamp(moment: datetime | None) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def moment(text: str) -> datetime | None:
    """None unless it is a time as Alipay writes it."""
    try:
        found = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return found.replace(tzinfo=BEIJING).astimezone(UTC)


def trade(row: ScanTrade) -> dict[str, Any]:
    """The trade as a query and a notification show it."""
    status = STATUS[TradeState(row.state)]
    if row.refunded and row.refunded == row.amount:
        status = "TRADE_CLOSED"
    found = {
        "trade_no": row.transaction or f"2026{row.pk[-24:]}",
        "out_trade_no": row.number,
        "buyer_logon_id": "159****5620",
        "buyer_user_id": "2088101117955611",
        "trade_status": status,
        "total_amount": yuan(row.amount),
        "receipt_amount": yuan(row.amount),
        "buyer_pay_amount": yuan(row.amount),
    }
    if row.paid_at:
        found["send_pay_date"] = stamp(row.paid_at)
    return found
