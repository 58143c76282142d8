"""The methods that are there; each takes the call, the merchant, ``biz_content`` and all fields."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core import signing

from sandbox import clock, idents
from sandbox.alipay import wording
from sandbox.models import Channel, ScanMerchant, ScanRefund, ScanTrade, TradeState
from sandbox.scan import keys, pushes, trades
from sandbox.transport import plain
from sandbox.transport.call import Call

Fields = dict[str, Any]
Method = Callable[[Call, ScanMerchant, Fields, dict[str, str]], Fields]
BILL_SALT = "sandbox.alipay.bill"
BILL_SECONDS = 30
_NUMBER = re.compile(r"[0-9A-Za-z_\-]{1,64}")
_MESSAGES = {
    "ACQ.TRADE_NOT_EXIST": "交易不存在",
    "ACQ.TRADE_HAS_SUCCESS": "交易已被支付",
    "ACQ.TRADE_HAS_CLOSE": "交易已经关闭",
    "ACQ.CONTEXT_INCONSISTENT": "交易信息被篡改",
    "ACQ.TRADE_STATUS_ERROR": "交易状态不合法",
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": "退款金额超限",
    "ACQ.DISCORDANT_REPEAT_REQUEST": "不一致的请求",
    "isv.invalid-signature": "验签出错",
}


class Problem(Exception):
    """A refusal as Alipay words it."""

    def __init__(self, code: str, sub_code: str) -> None:
        super().__init__(sub_code)
        msg = {"40004": "Business Failed", "40002": "Invalid Arguments"}.get(code, "Refused")
        sub_msg = _MESSAGES.get(sub_code, sub_code)
        self.body = {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg}


def _business(sub_code: str) -> Problem:
    return Problem("40004", f"ACQ.{sub_code}")


def _number(content: Fields, name: str = "out_trade_no") -> str:
    number = str(content.get(name, ""))
    if not _NUMBER.fullmatch(number):
        raise Problem("40002", f"isv.invalid-{name}")
    return number


def _known(merchant: ScanMerchant, content: Fields, *, seen: bool = True) -> ScanTrade:
    """The trade; one whose code nobody scanned isn't there yet, unless ``seen`` is off."""
    row = trades.find(merchant, _number(content), lock=True)
    if row is None or (seen and row.state == TradeState.NEW):
        raise _business("TRADE_NOT_EXIST")
    return row


def _make(call: Call, merchant: ScanMerchant, content: Fields, fields: Fields) -> ScanTrade:
    amount, subject = wording.fen(content.get("total_amount")), str(content.get("subject", ""))
    if amount is None or not subject:
        raise Problem("40002", "isv.invalid-parameter")
    expires = wording.moment(str(content.get("time_expire", "")))
    row, new = trades.make(
        call, merchant, _number(content), amount=amount, subject=subject[:256],
        notify_url=str(fields.get("notify_url", ""))[:2000],
        return_url=str(fields.get("return_url", ""))[:2000], expires_at=expires,
    )  # fmt: skip
    if new:
        return row
    if row.state == TradeState.PAID:
        raise _business("TRADE_HAS_SUCCESS")
    if row.state in (TradeState.CLOSED, TradeState.DECLINED):
        raise _business("TRADE_HAS_CLOSE")
    if (row.amount, row.subject) != (amount, subject[:256]):
        raise _business("CONTEXT_INCONSISTENT")
    return row


def precreate(call: Call, merchant: ScanMerchant, content: Fields, fields: Fields) -> Fields:
    row = _make(call, merchant, content, fields)
    return {"out_trade_no": row.number, "qr_code": trades.page(call, row)}


def page_pay(call: Call, merchant: ScanMerchant, content: Fields, fields: Fields) -> str:
    """The address of the cashier's page."""
    return trades.page(call, _make(call, merchant, content, fields))


def query(call: Call, merchant: ScanMerchant, content: Fields, fields: Fields) -> Fields:
    return wording.trade(_known(merchant, content))


def close(call: Call, merchant: ScanMerchant, content: Fields, fields: Fields) -> Fields:
    row = _known(merchant, content)
    if not trades.close(row):
        raise _business("TRADE_STATUS_ERROR")
    return {"out_trade_no": row.number, "trade_no": row.transaction}


def cancel(call: Call, merchant: ScanMerchant, content: Fields, fields: Fields) -> Fields:
    """Takes back whatever there is: an open trade is closed, a paid one refunded."""
    row = trades.find(merchant, _number(content), lock=True)
    action = "close"
    if row is not None and not trades.close(row):
        trades.refund(call, row, f"cancel-{row.number}"[:64], row.amount - row.refunded, "cancel")
        action = "refund"
    return {"out_trade_no": _number(content), "retry_flag": "N", "action": action}


def refund(call: Call, merchant: ScanMerchant, content: Fields, fields: Fields) -> Fields:
    row = _known(merchant, content)
    amount = wording.fen(content.get("refund_amount"))
    if amount is None:
        raise Problem("40002", "isv.invalid-parameter")
    before = row.refunded
    number = content.get("out_request_no") or row.number
    made = trades.refund(
        call, row, _number({"n": number}, "n"), amount, str(content.get("refund_reason", ""))
    )
    if isinstance(made, str):
        raise _business(
            {
                "state": "TRADE_STATUS_ERROR",
                "amount": "REFUND_AMT_NOT_EQUAL_TOTAL",
                "differs": "DISCORDANT_REPEAT_REQUEST",
            }[made]
        )
    return {
        "trade_no": row.transaction,
        "out_trade_no": row.number,
        "fund_change": "Y" if row.refunded != before else "N",
        "refund_fee": wording.yuan(row.refunded),
        "gmt_refund_pay": wording.stamp(made.done_at),
    }


def refund_query(call: Call, merchant: ScanMerchant, content: Fields, fields: Fields) -> Fields:
    row = _known(merchant, content)
    made = ScanRefund.objects.filter(trade=row, number=content.get("out_request_no")).first()
    if made is None:
        return {}
    return {
        "trade_no": row.transaction,
        "out_trade_no": row.number,
        "out_request_no": made.number,
        "total_amount": wording.yuan(row.amount),
        "refund_amount": wording.yuan(made.amount),
        "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": wording.stamp(made.done_at),
    }


def bill(call: Call, merchant: ScanMerchant, content: Fields, fields: Fields) -> Fields:
    """A link that lives half a minute."""
    kind, day = str(content.get("bill_type")), str(content.get("bill_date"))
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise Problem("40004", "isp.bill_not_exist") from error
    if kind not in ("trade", "signcustomer"):
        raise Problem("40002", "isv.invalid-bill_type")
    token = signing.dumps([merchant.pk, kind, day], salt=BILL_SALT)
    return {"bill_download_url": f"{call.base_url}/_sandbox/alipay/bill?{urlencode({'t': token})}"}


def tell(call: Call, row: ScanTrade) -> None:
    """Notify the merchant of a trade that was paid or closed."""
    merchant = row.merchant
    shown = wording.trade(row)
    shown.pop("send_pay_date", None)
    fields = {
        **shown,
        "notify_id": idents.random(34),
        "notify_time": wording.stamp(clock.now()),
        "notify_type": "trade_status_sync",
        "charset": "utf-8",
        "version": "1.0",
        "app_id": merchant.number,
        "auth_app_id": merchant.number,
        "seller_id": merchant.seller,
        "subject": row.subject,
        "gmt_create": wording.stamp(row.created_at),
        "gmt_payment": wording.stamp(row.paid_at),
    }
    fields = {key: value for key, value in fields.items() if value != ""}
    message = "&".join(f"{key}={value}" for key, value in sorted(fields.items())).encode()
    signed = {**fields, "sign_type": "RSA2", "sign": keys.sign(merchant.private_key, message)}
    pushes.notify(
        call, merchant, url=row.notify_url, subject=row.pk,
        kind=f"alipay.{shown['trade_status'].lower()}", body=urlencode(signed).encode(),
    )  # fmt: skip


METHODS: dict[str, Method] = {
    "alipay.trade.precreate": precreate,
    "alipay.trade.query": query,
    "alipay.trade.close": close,
    "alipay.trade.cancel": cancel,
    "alipay.trade.refund": refund,
    "alipay.trade.fastpay.refund.query": refund_query,
    "alipay.data.dataservice.bill.downloadurl.query": bill,
}
NAMES = {*METHODS, "alipay.trade.page.pay"}
plain.NAMES.update(NAMES)
trades.TELL[Channel.ALIPAY] = tell
