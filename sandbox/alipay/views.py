"""``/gateway.do``: reads the parameters, checks the signature, answers signed."""

import json
import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox import database, faults
from sandbox.alipay import methods
from sandbox.alipay.methods import Problem
from sandbox.delivery import sender
from sandbox.models import Channel, ScanMerchant
from sandbox.scan import keys
from sandbox.transport.call import NO_FAULTS, Call

log = logging.getLogger("sandbox")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def gateway(request: HttpRequest) -> HttpResponse:
    """One call of the open platform; by GET also the cashier's page."""
    fields = {**request.GET.dict(), **request.POST.dict()}
    if request.method == "POST":
        fields = {k: v for k, v in fields.items() if k in request.POST or k != "charset"}
    method = str(fields.get("method", ""))
    merchant = ScanMerchant.objects.select_related("account").filter(
        channel=Channel.ALIPAY, number=fields.get("app_id", "")
    ).first()  # fmt: skip
    if merchant is None:
        return _answer(method, Problem("40002", "isv.invalid-app-id").body, None)
    if method == "alipay.trade.page.pay":
        return _page_pay(request, merchant, fields)
    call = _call(request, merchant, method)
    if call.plan.error_before:
        return HttpResponse("<html>500</html>", status=500)
    faults.wait(call.plan.wait_before)
    try:
        _check(merchant, fields)
        handler = methods.METHODS.get(method)
        if handler is None:
            raise Problem("40006", "isv.invalid-method")
        with database.atomic():
            found = handler(call, merchant, _content(fields), fields)
        body = {"code": "10000", "msg": "Success", **found}
    except Problem as problem:
        body = problem.body
    sender.send_now(call.push_first)
    faults.wait(call.plan.wait_after)
    if call.plan.error_after:
        return HttpResponse("<html>500</html>", status=500)
    return _answer(method, body, merchant)


def _page_pay(request: HttpRequest, merchant: ScanMerchant, fields: dict[str, str]) -> HttpResponse:
    call = _call(request, merchant, "alipay.trade.page.pay")
    try:
        _check(merchant, fields)
        with database.atomic():
            return HttpResponseRedirect(
                methods.page_pay(call, merchant, _content(fields), fields), status=302
            )
    except Problem as problem:
        return HttpResponse(json.dumps(problem.body), status=400, content_type="application/json")


def _call(request: HttpRequest, merchant: ScanMerchant, method: str) -> Call:
    plan = faults.take(merchant.account, method) if method in methods.NAMES else NO_FAULTS
    base = f"{request.scheme}://{request.get_host()}"
    return Call(account=merchant.account, base_url=base, plan=plan)


def _check(merchant: ScanMerchant, fields: dict[str, str]) -> None:
    """Raises Problem unless the merchant signed exactly this."""
    if fields.get("sign_type") != "RSA2":
        raise Problem("40002", "isv.invalid-signature-type")
    rest = sorted((k, v) for k, v in fields.items() if k != "sign" and v != "")
    message = "&".join(f"{key}={value}" for key, value in rest).encode()
    if not keys.fits(merchant.merchant_key, message, fields.get("sign", "")):
        raise Problem("40002", "isv.invalid-signature")


def _content(fields: dict[str, str]) -> dict[str, Any]:
    try:
        found = json.loads(fields.get("biz_content") or "{}")
    except ValueError as error:
        raise Problem("40002", "isv.invalid-parameter") from error
    if not isinstance(found, dict):
        raise Problem("40002", "isv.invalid-parameter")
    return found


def _answer(method: str, body: dict[str, Any], merchant: ScanMerchant | None) -> HttpResponse:
    """The inner object is signed as the very bytes that are sent."""
    name = method.replace(".", "_") + "_response" if method else "error_response"
    inner = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    text = f'{{"{name}":{inner}'
    if merchant is not None:
        text += f',"sign":"{keys.sign(merchant.private_key, inner.encode())}"'
    return HttpResponse(text + "}", content_type="application/json; charset=utf-8")
