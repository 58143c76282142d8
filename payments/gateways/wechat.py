"""The adapter for WeChat Pay's API v3: a code to scan (Native).

Requests are signed with the merchant's key; answers and notifications with WeChat's own, which is
either a public key known by its id, or one of the platform certificates, which are fetched, kept
and renewed as WeChat rotates them. Each attempt has a number of its own, chosen here.
"""

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kernel import clock
from kernel.money import Money
from payments.contracts import (
    CANCELED,
    DECLINED,
    FAILED,
    IDLE,
    PENDING,
    PROCESSING,
    REJECTED,
    REQUIRES_ACTION,
    SUCCEEDED,
    UNKNOWN,
    Outcome,
)
from payments.gateways import keys
from payments.gateways.alipay import BEIJING
from payments.gateways.base import Charge, RefundOrder
from payments.gateways.transport import Answer, exchange

log = logging.getLogger("quancheng.payments")
NAME = "wechat"
SCHEMA = "WECHATPAY2-SHA256-RSA2048"
TOLERANCE = 300  # seconds by which a notification's time may differ
_STATUS = {
    "NOTPAY": REQUIRES_ACTION,
    "USERPAYING": REQUIRES_ACTION,
    "ACCEPT": PROCESSING,
    "SUCCESS": SUCCEEDED,
    "REFUND": SUCCEEDED,
    "CLOSED": CANCELED,
    "REVOKED": CANCELED,
    "PAYERROR": DECLINED,
}
_REFUND = {"SUCCESS": SUCCEEDED, "PROCESSING": PENDING, "CLOSED": FAILED, "ABNORMAL": FAILED}
_UNSURE = {"SYSTEM_ERROR", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "BANK_ERROR"}


@dataclass(frozen=True)
class WechatKeys:
    """One merchant at WeChat Pay. ``public_key`` with its id, or both empty: certificates."""

    mchid: str
    appid: str
    serial_no: str
    base_url: str
    notify_url: str
    public_key_id: str = ""
    public_key: str = ""
    private_key: str = field(default="", repr=False)
    apiv3_key: str = field(default="", repr=False)


class Wechat:
    """``certificates`` are those known so far (PEM by serial number); ``keep`` is told of new
    ones. The provider's id of a payment is our ``out_trade_no``."""

    def __init__(
        self,
        account: WechatKeys,
        *,
        certificates: Mapping[str, str] | None = None,
        keep: Callable[[dict[str, str]], None] = lambda found: None,
    ) -> None:
        self._account = account
        self._base = account.base_url.rstrip("/")
        self._certificates = dict(certificates or {})
        self._keep = keep

    def create(self, charge: Charge) -> Outcome:
        """Nothing to announce: the number is ours."""
        return Outcome(IDLE, provider_id=charge.provider_id or charge.attempt_id.hex)

    def confirm(self, charge: Charge) -> Outcome:
        number = charge.provider_id or charge.attempt_id.hex
        body: dict[str, Any] = {
            "appid": self._account.appid,
            "mchid": self._account.mchid,
            "description": (charge.description or charge.reference or number)[:127],
            "out_trade_no": number,
            "notify_url": self._account.notify_url,
            "amount": {"total": charge.amount.amount, "currency": charge.amount.currency},
        }
        if charge.pay_by:
            body["time_expire"] = _rfc3339(charge.pay_by)
        answer = self._call("POST", "/v3/pay/transactions/native", body)
        if answer.status == 200 and answer.body.get("code_url"):
            url = str(answer.body["code_url"])
            return Outcome(REQUIRES_ACTION, provider_id=number, qr=url, answered=True)
        if _code(answer) in ("ORDERPAID", "ORDER_CLOSED", "OUT_TRADE_NO_USED"):
            return self.find(number)
        if 400 <= answer.status < 500 and _code(answer) not in _UNSURE:
            return _refused(answer, number)  # a code to scan moves no money by itself
        return Outcome(UNKNOWN, provider_id=number)

    def find(self, provider_id: str) -> Outcome:
        path = f"/v3/pay/transactions/out-trade-no/{provider_id}?mchid={self._account.mchid}"
        answer = self._call("GET", path)
        if answer.status == 200 and answer.body.get("out_trade_no") == provider_id:
            return trade_outcome(answer.body)
        return Outcome(UNKNOWN, provider_id=provider_id)

    def capture(self, provider_id: str, amount: Money) -> Outcome:
        return Outcome(REJECTED, provider_id=provider_id, code="not_authorized", answered=True)

    def cancel(self, provider_id: str) -> Outcome:
        path = f"/v3/pay/transactions/out-trade-no/{provider_id}/close"
        answer = self._call("POST", path, {"mchid": self._account.mchid})
        if answer.status == 204:
            return Outcome(CANCELED, provider_id=provider_id, answered=True)
        return self.find(provider_id)

    def refund(self, order: RefundOrder) -> Outcome:
        total = order.total or order.amount
        body = {
            "out_trade_no": order.payment_id,
            "out_refund_no": order.refund_id.hex,
            "reason": order.reason[:80] or "refund",
            "amount": {
                "refund": order.amount.amount,
                "total": total.amount,
                "currency": order.amount.currency,
            },
        }
        answer = self._call("POST", "/v3/refund/domestic/refunds", body)
        if answer.status == 200:
            return refund_outcome(answer.body)
        if 400 <= answer.status < 500 and _code(answer) not in _UNSURE:
            return _refused(answer, "")
        return Outcome(UNKNOWN)

    def find_refund(self, order: RefundOrder) -> Outcome:
        answer = self._call("GET", f"/v3/refund/domestic/refunds/{order.refund_id.hex}")
        if answer.status == 200:
            return refund_outcome(answer.body)
        if answer.status == 404 and _code(answer) == "RESOURCE_NOT_EXISTS":
            return Outcome(IDLE)
        return Outcome(UNKNOWN)

    def bill(self, day: str, kind: str = "tradebill") -> tuple[bytes, str]:
        """The bill of a day and its SHA-1 as WeChat states it; ``kind`` is ``tradebill`` or
        ``fundflowbill``. Raises LookupError when there is none yet."""
        answer = self._call("GET", f"/v3/bill/{kind}?bill_date={quote(day)}")
        url, digest = answer.body.get("download_url"), answer.body.get("hash_value")
        if answer.status != 200 or not url or answer.body.get("hash_type") != "SHA1":
            raise LookupError(_code(answer) or f"HTTP {answer.status}")
        parts = urlsplit(str(url))
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = self._headers("GET", path, b"")
        where = f"{self._base}{path}"  # never elsewhere: it is signed with our key
        file = exchange(NAME, "GET", where, headers=headers, plain=True)
        if file.status != 200:
            raise LookupError(f"HTTP {file.status}")
        return file.raw, str(digest)

    def notified(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any] | None:
        """The resource that a notification encloses, with its ``event_type`` and ``id``; None
        unless WeChat signed it, lately, for this merchant."""
        stamp = headers.get("Wechatpay-Timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) - int(clock.system().timestamp())) > TOLERANCE:
            return None
        if not self._signed(headers, body):
            return None
        try:
            event = json.loads(body)
            resource = event["resource"]
            plain = keys.opened(
                self._account.apiv3_key,
                nonce=str(resource["nonce"]),
                associated=str(resource.get("associated_data") or ""),
                ciphertext=str(resource["ciphertext"]),
            )
            found = json.loads(plain) if plain is not None else None
            kind, ident = str(event["event_type"]), str(event["id"])
        except (ValueError, KeyError, TypeError):
            return None
        if not isinstance(found, dict) or found.get("mchid") != self._account.mchid:
            return None
        return {**found, "event_type": kind, "id": ident}

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """The answer; status 0 instead of a success that WeChat didn't sign."""
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        answer = exchange(
            NAME,
            method,
            self._base + path,
            headers=self._headers(method, path, data),
            data=data or None,
            plain=True,
        )
        if 200 <= answer.status < 300 and not self._signed(answer.headers, answer.raw):
            log.error("wechat: an answer to %s that isn't signed by WeChat Pay", path.split("?")[0])
            return Answer(0, {})
        return answer

    def _headers(self, method: str, path: str, data: bytes) -> dict[str, str]:
        stamp, nonce = str(int(clock.system().timestamp())), secrets.token_hex(16).upper()
        message = f"{method}\n{path}\n{stamp}\n{nonce}\n".encode() + data + b"\n"
        signature = keys.sign(self._account.private_key, message)
        fields = {
            "mchid": self._account.mchid,
            "nonce_str": nonce,
            "signature": signature,
            "timestamp": stamp,
            "serial_no": self._account.serial_no,
        }
        found = {
            "Authorization": f"{SCHEMA} " + ",".join(f'{k}="{v}"' for k, v in fields.items()),
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        if self._account.public_key_id:
            found["Wechatpay-Serial"] = self._account.public_key_id
        return found

    def _signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        key = self._key(headers.get("Wechatpay-Serial", ""))
        return key is not None and _fits(key, headers, body)

    def _key(self, serial: str) -> RSAPublicKey | None:
        """The key with this serial number; an unknown one makes us fetch the certificates."""
        account = self._account
        if account.public_key_id and serial == account.public_key_id:
            return keys.public_key(account.public_key)
        if not serial or serial.startswith("PUB_KEY_ID_"):
            return None
        known = _certified(self._certificates.get(serial.upper(), ""))
        if known is None:
            self.fetch_certificates()
            known = _certified(self._certificates.get(serial.upper(), ""))
        return known

    def fetch_certificates(self) -> None:
        """Take in the platform certificates: opened with our own APIv3 key, so they are WeChat's;
        and the answer is signed by one of them."""
        path = "/v3/certificates"
        answer = exchange(
            NAME, "GET", self._base + path, headers=self._headers("GET", path, b""), plain=True
        )
        rows = answer.body.get("data")
        found: dict[str, str] = {}
        for row in rows if answer.status == 200 and isinstance(rows, list) else []:
            sealed = row.get("encrypt_certificate", {})
            plain = keys.opened(
                self._account.apiv3_key,
                nonce=str(sealed.get("nonce", "")),
                associated=str(sealed.get("associated_data", "")),
                ciphertext=str(sealed.get("ciphertext", "")),
            )
            pem = plain.decode("ascii", "replace") if plain else ""
            if _certified(pem) is not None:
                found[str(row.get("serial_no", "")).upper()] = pem
        signer = _certified(found.get(answer.headers.get("Wechatpay-Serial", "").upper(), ""))
        if signer is None or not _fits(signer, answer.headers, answer.raw):
            log.error("wechat: platform certificates that aren't signed by one of them")
            return
        self._certificates.update(found)
        self._keep(found)


def _fits(key: RSAPublicKey, headers: Mapping[str, str], body: bytes) -> bool:
    stamp, nonce = headers.get("Wechatpay-Timestamp", ""), headers.get("Wechatpay-Nonce", "")
    message = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    return keys.verified(key, message, headers.get("Wechatpay-Signature", ""))


def _certified(pem: str) -> RSAPublicKey | None:
    """The key in a certificate that is valid now."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        key = certificate.public_key()
    except (ValueError, UnicodeError):
        return None
    now = clock.system()
    valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    return key if valid and isinstance(key, RSAPublicKey) else None


def trade_outcome(trade: Mapping[str, Any]) -> Outcome:
    """How a trade stands, by an answer or a notification."""
    status = _STATUS.get(str(trade.get("trade_state")), UNKNOWN)
    amount = trade.get("amount")
    total = amount.get("total") if isinstance(amount, dict) else None
    currency = amount.get("currency", "CNY") if isinstance(amount, dict) else "CNY"
    return Outcome(
        status,
        provider_id=str(trade.get("out_trade_no", "")),
        amount=total if type(total) is int else None,
        currency=str(currency),
        code={CANCELED: "closed", DECLINED: "declined"}.get(status, ""),
        answered=True,
        gateway=NAME,
    )


def refund_outcome(refund: Mapping[str, Any]) -> Outcome:
    """How a refund stands; a notification says ``refund_status`` where an answer says
    ``status``."""
    state = str(refund.get("status") or refund.get("refund_status"))
    amount = refund.get("amount")
    given = amount.get("refund") if isinstance(amount, dict) else None
    status = _REFUND.get(state, UNKNOWN)
    return Outcome(
        status,
        provider_id=str(refund.get("refund_id", "")),
        amount=given if type(given) is int else None,
        currency=str(amount.get("currency", "CNY")) if isinstance(amount, dict) else "CNY",
        code=state.lower() if status == FAILED else "",
        answered=True,
    )


def _code(answer: Answer) -> str:
    return str(answer.body.get("code") or "")


def _refused(answer: Answer, number: str) -> Outcome:
    log.error("wechat: refused with %s %s", answer.status, _code(answer))
    return Outcome(
        REJECTED,
        provider_id=number,
        code=(_code(answer) or "refused")[:100],
        message=str(answer.body.get("message") or "")[:500],
        answered=True,
    )


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")
