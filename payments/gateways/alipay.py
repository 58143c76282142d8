"""The adapter for Alipay's open platform (RSA2): a code to scan, or its own page.

Each attempt has a number of its own (``out_trade_no``), chosen here before anything is sent; so
whatever gets lost on the way, the trade can be asked for. An answer counts only if its signature
over the bytes as they came is right.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from kernel import clock
from kernel.money import Money
from payments.contracts import (
    CANCELED,
    DECLINED,
    IDLE,
    PENDING,
    REJECTED,
    REQUIRES_ACTION,
    SUCCEEDED,
    UNKNOWN,
    Outcome,
)
from payments.gateways import keys
from payments.gateways.base import Charge, RefundOrder
from payments.gateways.transport import Answer, exchange

log = logging.getLogger("quancheng.payments")
NAME = "alipay"
PAGE = "alipay_page"
BEIJING = timezone(timedelta(hours=8))
# The trade isn't there yet, or the system doesn't know at the moment: nothing is certain.
_UNSURE = {"ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error", "AOP.SYSTEM_ERROR"}
_STATUS = {
    "WAIT_BUYER_PAY": REQUIRES_ACTION,
    "TRADE_SUCCESS": SUCCEEDED,
    "TRADE_FINISHED": SUCCEEDED,
    "TRADE_CLOSED": CANCELED,
}


@dataclass(frozen=True)
class AlipayKeys:
    """One app at Alipay. ``gateway`` is the whole address (``https://…/gateway.do``)."""

    app_id: str
    gateway: str
    notify_url: str
    seller_id: str = ""
    private_key: str = field(default="", repr=False)
    alipay_public_key: str = field(default="", repr=False)


class Alipay:
    """Charges and refunds; the provider's id of a payment is our ``out_trade_no``."""

    def __init__(self, account: AlipayKeys) -> None:
        self._account = account

    def create(self, charge: Charge) -> Outcome:
        """Nothing to announce: the number is ours."""
        return Outcome(IDLE, provider_id=charge.provider_id or charge.attempt_id.hex)

    def confirm(self, charge: Charge) -> Outcome:
        number = charge.provider_id or charge.attempt_id.hex
        content = {
            "out_trade_no": number,
            "total_amount": yuan(charge.amount.amount),
            "subject": (charge.description or charge.reference or number)[:256],
        }
        if charge.pay_by:
            content["time_expire"] = _stamp(charge.pay_by)
        more = {"notify_url": self._account.notify_url}
        if charge.payment_method == PAGE:
            content["product_code"] = "FAST_INSTANT_TRADE_PAY"
            if charge.return_url:
                more["return_url"] = charge.return_url
            query = urlencode(self._signed("alipay.trade.page.pay", content, more))
            url = f"{self._account.gateway}?{query}"
            return Outcome(REQUIRES_ACTION, provider_id=number, redirect_url=url, answered=True)
        answer = self._call("alipay.trade.precreate", content, more)
        code, sub = str(answer.get("code", "")), str(answer.get("sub_code", ""))
        if code == "10000" and answer.get("qr_code"):
            return Outcome(
                REQUIRES_ACTION, provider_id=number, qr=str(answer["qr_code"]), answered=True
            )
        if sub in ("ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_CLOSE"):
            return self.find(number)
        if not code or code == "20000" or sub in _UNSURE:
            return Outcome(UNKNOWN, provider_id=number)
        return _refused(REJECTED, answer, number)  # a code to scan moves no money by itself

    def find(self, provider_id: str) -> Outcome:
        answer = self._call("alipay.trade.query", {"out_trade_no": provider_id})
        if answer.get("sub_code") == "ACQ.TRADE_NOT_EXIST":
            # Alipay knows a trade only once its code was scanned.
            return Outcome(REQUIRES_ACTION, provider_id=provider_id, answered=True)
        if answer.get("code") != "10000" or answer.get("out_trade_no") != provider_id:
            return Outcome(UNKNOWN, provider_id=provider_id)
        return trade_outcome(answer)

    def capture(self, provider_id: str, amount: Money) -> Outcome:
        return Outcome(REJECTED, provider_id=provider_id, code="not_authorized", answered=True)

    def cancel(self, provider_id: str) -> Outcome:
        answer = self._call("alipay.trade.close", {"out_trade_no": provider_id})
        if answer.get("sub_code") == "ACQ.TRADE_NOT_EXIST":  # or its code could be scanned later
            answer = self._call("alipay.trade.cancel", {"out_trade_no": provider_id})
        if answer.get("code") == "10000":
            return Outcome(CANCELED, provider_id=provider_id, answered=True)
        return self.find(provider_id)

    def refund(self, order: RefundOrder) -> Outcome:
        content = {
            "out_trade_no": order.payment_id,
            "out_request_no": order.refund_id.hex,
            "refund_amount": yuan(order.amount.amount),
            "refund_reason": order.reason[:256] or "refund",
        }
        answer = self._call("alipay.trade.refund", content)
        code, sub = str(answer.get("code", "")), str(answer.get("sub_code", ""))
        if code == "10000":
            # It says "accepted" also for money that the bank still has to move.
            return self.find_refund(order)
        if not code or code == "20000" or sub in _UNSURE:
            return Outcome(UNKNOWN)
        return _refused(REJECTED, answer, "")

    def find_refund(self, order: RefundOrder) -> Outcome:
        content = {"out_trade_no": order.payment_id, "out_request_no": order.refund_id.hex}
        answer = self._call("alipay.trade.fastpay.refund.query", content)
        if answer.get("sub_code") == "ACQ.TRADE_NOT_EXIST":
            return Outcome(IDLE)
        if answer.get("code") != "10000":
            return Outcome(UNKNOWN)
        if not answer.get("refund_amount"):
            return Outcome(IDLE)
        done = answer.get("refund_status", "REFUND_SUCCESS") == "REFUND_SUCCESS"
        return Outcome(
            SUCCEEDED if done else PENDING,
            provider_id=order.refund_id.hex,
            amount=fen(answer.get("refund_amount")),
            currency=order.amount.currency,
            answered=True,
        )

    def bill(self, day: str) -> bytes:
        """The trade bill of a day (``2026-11-27``): a zip of GBK CSV files. Raises LookupError
        when there is none yet."""
        answer = self._call(
            "alipay.data.dataservice.bill.downloadurl.query",
            {"bill_type": "trade", "bill_date": day},
        )
        url = answer.get("bill_download_url")
        if answer.get("code") != "10000" or not url:
            raise LookupError(str(answer.get("sub_code") or answer.get("code") or "no answer"))
        file = exchange(NAME, "GET", str(url), headers={}, plain=True)  # the link lives 30 seconds
        if file.status != 200:
            raise LookupError(f"HTTP {file.status}")
        return file.raw

    def notified(self, form: Mapping[str, str]) -> Outcome | None:
        """What a notification says; None unless Alipay signed it for this app and seller."""
        rest = {k: v for k, v in form.items() if k not in ("sign", "sign_type") and v}
        message = "&".join(f"{k}={v}" for k, v in sorted(rest.items())).encode()
        key = keys.public_key(self._account.alipay_public_key)
        if form.get("sign_type") != "RSA2":
            return None
        if not keys.verified(key, message, form.get("sign", "")):
            return None
        seller = self._account.seller_id
        if rest.get("app_id") != self._account.app_id or seller not in ("", rest.get("seller_id")):
            return None
        return trade_outcome(rest)

    def _call(
        self, method: str, content: Mapping[str, Any], more: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """The inner object of the answer; empty when there is none that Alipay signed. An error
        that Alipay doesn't sign (our own signature is wrong) comes back as it is: nothing was
        done."""
        fields = self._signed(method, content, more or {})
        url = f"{self._account.gateway}?charset=utf-8"
        answer = exchange(NAME, "POST", url, headers={}, data=list(fields.items()))
        name = method.replace(".", "_") + "_response"
        inner = answer.body.get(name)
        if not isinstance(inner, dict):
            error = answer.body.get("error_response")
            return error if isinstance(error, dict) else {}
        if "sign" not in answer.body and inner.get("code") in ("40001", "40002", "40006"):
            log.error("alipay: %s refused with %s", method, inner.get("sub_code"))
            return inner
        raw = inner_bytes(answer, name)
        key = keys.public_key(self._account.alipay_public_key)
        if raw is None or not keys.verified(key, raw, str(answer.body.get("sign", ""))):
            log.error("alipay: an answer to %s that isn't signed by Alipay", method)
            return {}
        return inner

    def _signed(
        self, method: str, content: Mapping[str, Any], more: Mapping[str, str]
    ) -> dict[str, str]:
        fields = {
            "app_id": self._account.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": _stamp(clock.system()),
            "version": "1.0",
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            **{key: value for key, value in more.items() if value},
        }
        message = "&".join(f"{key}={value}" for key, value in sorted(fields.items())).encode()
        return {**fields, "sign": keys.sign(self._account.private_key, message)}


def inner_bytes(answer: Answer, name: str) -> bytes | None:
    """The bytes of the inner object as they stand in the answer: what the signature is over."""
    text = answer.raw.decode("utf-8", "replace")
    mark = f'"{name}":'
    start = text.find(mark)
    if start < 0:
        return None
    start += len(mark)
    while start < len(text) and text[start] in " \n\r\t":
        start += 1
    try:
        _value, end = json.JSONDecoder().raw_decode(text, start)
    except ValueError:
        return None
    return text[start:end].encode()


def trade_outcome(trade: Mapping[str, Any]) -> Outcome:
    """How a trade stands, by an answer or a notification. A trade refunded in full is closed, but
    it was paid."""
    status = _STATUS.get(str(trade.get("trade_status")), UNKNOWN)
    if status == CANCELED and trade.get("gmt_refund"):
        status = SUCCEEDED
    return Outcome(
        status,
        provider_id=str(trade.get("out_trade_no", "")),
        amount=fen(trade.get("total_amount")),
        currency="CNY",
        code="closed" if status == CANCELED else "",
        answered=True,
        gateway=NAME,
    )


def _refused(status: str, answer: Mapping[str, Any], number: str) -> Outcome:
    code = str(answer.get("sub_code") or answer.get("code") or DECLINED)
    log.error("alipay: refused with %s", code)
    message = str(answer.get("sub_msg") or answer.get("msg") or "")
    return Outcome(
        status, provider_id=number, code=code[:100], message=message[:500], answered=True
    )


def yuan(amount: int) -> str:
    """Fen as Alipay writes amounts: ``88.88``."""
    return f"{Decimal(amount).scaleb(-2):.2f}"


def fen(text: object) -> int | None:
    """An amount in yuan as fen; None if it isn't one."""
    try:
        value = Decimal(str(text)).scaleb(2)
    except InvalidOperation:
        return None
    return int(value) if value.is_finite() and value == value.to_integral_value() else None


def _stamp(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def moment(text: str) -> datetime:
    """A time as Alipay writes it. Raises ValueError."""
    found = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    return found.replace(tzinfo=BEIJING).astimezone(UTC)
