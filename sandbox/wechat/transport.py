"""One call: whose it is, by its signature; and the answer, signed."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox import clock, database, faults, idents
from sandbox.delivery import sender
from sandbox.models import Channel, ScanMerchant
from sandbox.scan import keys
from sandbox.transport import plain
from sandbox.transport.call import Call

log = logging.getLogger("sandbox")
SCHEMA = "WECHATPAY2-SHA256-RSA2048"
_FIELD = re.compile(r'(\w+)="([^"]*)"')
Handler = Callable[..., tuple[int, dict[str, Any] | bytes | None]]


class Problem(Exception):
    """An error answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.body = status, {"code": code, "message": message}


def api(**handlers: tuple[str, Handler]) -> Callable[..., HttpResponse]:
    """A view from ``METHOD=(operation name, handler)``; a handler takes the call, the merchant,
    the JSON body, the query and the ids of the path."""
    plain.NAMES.update(name for name, _handler in handlers.values())

    @csrf_exempt
    def view(request: HttpRequest, **ids: str) -> HttpResponse:
        merchant: ScanMerchant | None = None
        try:
            if request.method not in handlers:
                raise Problem(405, "PARAM_ERROR", "请求方法不支持")
            merchant = _merchant(request)
            name, handler = handlers[request.method]
            call = Call(
                account=merchant.account,
                base_url=f"{request.scheme}://{request.get_host()}",
                plan=faults.take(merchant.account, name),
            )
            if call.plan.error_before:
                raise Problem(500, "SYSTEM_ERROR", "系统异常，请稍后重试")
            faults.wait(call.plan.wait_before)
            with database.atomic():
                status, body = handler(call, merchant, _json(request), request.GET, **ids)
            sender.send_now(call.push_first)
            faults.wait(call.plan.wait_after)
            if call.plan.error_after:
                raise Problem(500, "SYSTEM_ERROR", "系统异常，请稍后重试")
        except Problem as problem:
            status, body = problem.status, problem.body
        return _answer(merchant, status, body)

    return view


def _merchant(request: HttpRequest) -> ScanMerchant:
    """Who signed exactly this request, lately. Raises 401."""
    scheme, _sep, rest = request.headers.get("Authorization", "").partition(" ")
    fields = dict(_FIELD.findall(rest))
    refused = Problem(401, "SIGN_ERROR", "签名错误")
    stamp = fields.get("timestamp", "")
    if scheme != SCHEMA or not stamp.isdigit() or abs(int(stamp) - clock.unix()) > 300:
        raise refused
    merchant = ScanMerchant.objects.select_related("account").filter(
        channel=Channel.WECHAT, number=fields.get("mchid", "")
    ).first()  # fmt: skip
    if merchant is None or fields.get("serial_no", "").upper() != merchant.merchant_serial:
        raise refused
    head = f"{request.method}\n{request.get_full_path()}\n{stamp}\n{fields.get('nonce_str', '')}\n"
    message = head.encode() + request.body + b"\n"
    if not keys.fits(merchant.merchant_key, message, fields.get("signature", "")):
        raise refused
    return merchant


def _json(request: HttpRequest) -> dict[str, Any]:
    if not request.body:
        return {}
    try:
        found = json.loads(request.body)
    except ValueError as error:
        raise Problem(400, "PARAM_ERROR", "输入源不是 JSON") from error
    if not isinstance(found, dict):
        raise Problem(400, "PARAM_ERROR", "输入源不是 JSON 对象")
    return found


def signature(merchant: ScanMerchant, body: bytes) -> dict[str, str]:
    """The headers by which the merchant knows that it is WeChat Pay: signed with the public-key
    pair, or with the platform certificate in use."""
    key, serial = merchant.private_key, merchant.public_key_id
    if merchant.mode == "certificate":
        newest = merchant.certificates[-1]
        key, serial = newest["key"], newest["serial"]
    stamp, nonce = str(clock.unix()), idents.random(32)
    message = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": keys.sign(key, message),
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": SCHEMA,
    }


def _answer(
    merchant: ScanMerchant | None, status: int, body: dict[str, Any] | bytes | None
) -> HttpResponse:
    if isinstance(body, bytes):
        data, kind = body, "text/plain; charset=utf-8"
    else:
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        kind = "application/json; charset=utf-8"
    response = HttpResponse(data, status=status, content_type=kind)
    response["Request-ID"] = idents.random(32).upper()
    if merchant is not None:
        for name, value in signature(merchant, data).items():
            response[name] = value
    return response
