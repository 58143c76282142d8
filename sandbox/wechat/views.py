"""Payments, refunds and certificates."""

import re
from datetime import datetime
from typing import Any

from sandbox import clock
from sandbox.alipay.wording import BEIJING
from sandbox.models import Channel, ScanMerchant, ScanRefund, ScanTrade, TradeState
from sandbox.scan import keys, trades
from sandbox.transport.call import Call
from sandbox.wechat import push
from sandbox.wechat.transport import Problem, api

Reply = tuple[int, dict[str, Any] | bytes | None]
STATE = {
    TradeState.NEW: ("NOTPAY", "订单未支付"),
    TradeState.WAITING: ("NOTPAY", "订单未支付"),
    TradeState.PAID: ("SUCCESS", "支付成功"),
    TradeState.DECLINED: ("PAYERROR", "支付失败"),
    TradeState.CLOSED: ("CLOSED", "订单已关闭"),
}
_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")


def stamp(moment: datetime | None) -> str:
    return moment.astimezone(BEIJING).isoformat(timespec="seconds") if moment else ""


def transaction(row: ScanTrade) -> dict[str, Any]:
    """The trade as a query and a notification show it."""
    state, words = STATE[TradeState(row.state)]
    if row.refunded:
        state, words = "REFUND", "转入退款"
    found: dict[str, Any] = {
        "mchid": row.merchant.number,
        "appid": row.merchant.appid,
        "out_trade_no": row.number,
        "trade_state": state,
        "trade_state_desc": words,
        "amount": {"total": row.amount, "currency": "CNY"},
    }
    if row.paid_at:
        found |= {
            "transaction_id": row.transaction,
            "trade_type": "NATIVE",
            "bank_type": "OTHERS",
            "success_time": stamp(row.paid_at),
            "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        }
        found["amount"] |= {"payer_total": row.amount, "payer_currency": "CNY"}
    return found


def refund_of(row: ScanRefund) -> dict[str, Any]:
    return {
        "refund_id": f"503{row.pk[-24:]}",
        "out_refund_no": row.number,
        "transaction_id": row.trade.transaction,
        "out_trade_no": row.trade.number,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "status": "SUCCESS",
        "create_time": stamp(row.created_at),
        "success_time": stamp(row.done_at),
        "funds_account": "AVAILABLE",
        "amount": {
            "total": row.trade.amount,
            "refund": row.amount,
            "payer_total": row.trade.amount,
            "payer_refund": row.amount,
            "settlement_refund": row.amount,
            "settlement_total": row.trade.amount,
            "discount_refund": 0,
            "currency": "CNY",
        },
    }


def _text(body: dict[str, Any], name: str, most: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise Problem(400, "PARAM_ERROR", f"参数错误：{name}")
    return value


def _total(body: dict[str, Any], name: str = "total") -> int:
    amount = body.get("amount")
    value = amount.get(name) if isinstance(amount, dict) else None
    if type(value) is not int or not 0 < value <= 10**10:
        raise Problem(400, "PARAM_ERROR", f"参数错误：amount.{name}")
    if isinstance(amount, dict) and amount.get("currency", "CNY") != "CNY":
        raise Problem(400, "PARAM_ERROR", "参数错误：amount.currency")
    return value


def _own(merchant: ScanMerchant, mchid: object) -> None:
    if mchid != merchant.number:
        raise Problem(400, "MCH_NOT_EXISTS", "商户号不存在")


def _trade(merchant: ScanMerchant, number: str) -> ScanTrade:
    row = trades.find(merchant, number, lock=True)
    if row is None:
        raise Problem(404, "ORDER_NOT_EXIST", "订单不存在")
    return row


def _native(call: Call, merchant: ScanMerchant, body: dict[str, Any], query: Any) -> Reply:
    _own(merchant, body.get("mchid"))
    if body.get("appid") != merchant.appid:
        raise Problem(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    number, subject = _text(body, "out_trade_no", 32), _text(body, "description", 127)
    if not _NUMBER.fullmatch(number):
        raise Problem(400, "PARAM_ERROR", "参数错误：out_trade_no")
    amount, expires = _total(body), None
    if body.get("time_expire"):
        try:
            expires = datetime.fromisoformat(_text(body, "time_expire", 64))
        except ValueError as error:
            raise Problem(400, "PARAM_ERROR", "参数错误：time_expire") from error
        if expires.tzinfo is None or expires <= clock.now():
            raise Problem(400, "PARAM_ERROR", "参数错误：time_expire")
    row, new = trades.make(
        call, merchant, number, amount=amount, subject=subject,
        notify_url=_text(body, "notify_url", 255), expires_at=expires,
    )  # fmt: skip
    if not new:
        if row.state == TradeState.PAID:
            raise Problem(400, "ORDERPAID", "订单已支付")
        if row.state in (TradeState.CLOSED, TradeState.DECLINED):
            raise Problem(400, "ORDER_CLOSED", "订单已关闭")
        if (row.amount, row.subject) != (amount, subject):
            raise Problem(400, "OUT_TRADE_NO_USED", "商户订单号重复")
    return 200, {"code_url": trades.page(call, row)}


def _find(
    call: Call, merchant: ScanMerchant, body: dict[str, Any], query: Any, number: str
) -> Reply:
    _own(merchant, query.get("mchid"))
    return 200, transaction(_trade(merchant, number))


def _close(
    call: Call, merchant: ScanMerchant, body: dict[str, Any], query: Any, number: str
) -> Reply:
    _own(merchant, body.get("mchid"))
    if not trades.close(_trade(merchant, number)):
        raise Problem(400, "ORDERPAID", "订单已支付")
    return 204, None


def _refund(call: Call, merchant: ScanMerchant, body: dict[str, Any], query: Any) -> Reply:
    row = _trade(merchant, _text(body, "out_trade_no", 32))
    if _total(body) != row.amount:
        raise Problem(400, "PARAM_ERROR", "订单金额不一致")
    made = trades.refund(
        call, row, _text(body, "out_refund_no", 64), _total(body, "refund"),
        str(body.get("reason", "")),
    )  # fmt: skip
    if isinstance(made, str):
        words = {"state": "订单未支付", "amount": "退款金额大于可退金额", "differs": "退款单号重复"}
        raise Problem(400, "INVALID_REQUEST", words[made])
    push.tell_refund(call, made, str(body.get("notify_url", "")))
    return 200, refund_of(made)


def _find_refund(
    call: Call, merchant: ScanMerchant, body: dict[str, Any], query: Any, number: str
) -> Reply:
    row = ScanRefund.objects.select_related("trade").filter(
        trade__merchant=merchant, number=number
    ).first()  # fmt: skip
    if row is None:
        raise Problem(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    return 200, refund_of(row)


def _certificates(call: Call, merchant: ScanMerchant, body: dict[str, Any], query: Any) -> Reply:
    """The newest first; each enclosed under the merchant's own key."""
    if merchant.mode != "certificate":
        raise Problem(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请使用微信支付公钥")
    return 200, {
        "data": [
            {
                "serial_no": one["serial"],
                "effective_time": stamp(clock.now()),
                "expire_time": "2031-11-01T00:00:00+08:00",
                "encrypt_certificate": keys.enclose(
                    merchant.apiv3_key, one["pem"].encode(), "certificate"
                ),
            }
            for one in reversed(merchant.certificates)
        ]
    }


native = api(POST=("wechat.native", _native))
find = api(GET=("wechat.query", _find))
close = api(POST=("wechat.close", _close))
refunds = api(POST=("wechat.refund", _refund))
refund = api(GET=("wechat.refund.query", _find_refund))
certificates = api(GET=("wechat.certificates", _certificates))


def tell(call: Call, row: ScanTrade) -> None:
    """Notify the merchant of a payment; of one that failed WeChat Pay says nothing."""
    if row.state == TradeState.PAID:
        push.tell(
            call, row.merchant, url=row.notify_url, subject=row.pk,
            kind="TRANSACTION.SUCCESS", original="transaction", resource=transaction(row),
        )  # fmt: skip


trades.TELL[Channel.WECHAT] = tell
