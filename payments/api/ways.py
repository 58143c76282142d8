"""Ways to pay: the platform's accounts at providers, whether they answer, and what they report."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from django.http import HttpResponse
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, ListOf, ListQuery, Schema, Timestamp, check_if_match, set_etag
from kernel.errors import NotFound, PreconditionFailed
from kernel.pagination import PageOf
from payments.api.routes import routes
from payments.errors import GatewayNotConfigured, ProviderSettings, WebhookRefused
from payments.gateways import breaker
from payments.services import methods, notifications, provider_account
from payments.services.provider_account import ProviderInfo
from platforms import facade as platforms

ANYBODY = {"guest", "buyer", "merchant", "operator"}
OPERATORS = {"operator"}
PROVIDER: dict[str, Any] = {
    "name": "wechat",
    "configured": True,
    "enabled": True,
    "config": {"mchid": "1900000001", "appid": "wx8888888888888888"},
    "secrets": ["private_key", "apiv3_key"],
}
HEALTH = {
    "name": "wechat",
    "available": False,
    "failures": 7,
    "since": "2026-05-01T08:00:00Z",
    "retry_at": "2026-05-01T08:02:00Z",
    "reason": "ConnectTimeout",
}
CONFIG_EXAMPLE = {
    "config": {
        "mchid": "1900000001",
        "appid": "wx8888888888888888",
        "serial_no": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
        "base_url": "https://api.mch.weixin.qq.com",
        "notify_url": "https://market.example/p/corn/api/v1/webhooks/wechat",
    },
    "secrets": {"private_key": "-----BEGIN PRIVATE KEY-----…", "apiv3_key": "32 characters"},
    "enabled": True,
}
Value = Annotated[str, Field(max_length=8000)]


class MethodOut(Schema):
    type: str = Field(description="card, alipay, wechat, bank_transfer, wallet, offline_test")
    available: bool = Field(description="false while its provider doesn't answer")


class ProviderOut(Schema):
    name: str
    configured: bool
    enabled: bool
    config: dict[str, str]
    secrets: list[str] = Field(description="Which secrets are there; never their values")


class ProviderIn(Schema):
    config: dict[str, Value] = Field(default_factory=dict)
    secrets: dict[str, Value] = Field(
        default_factory=dict, description="One left out stays as it was"
    )
    enabled: bool = True


class HealthOut(Schema):
    name: str
    available: bool
    failures: int
    since: Timestamp | None
    retry_at: Timestamp | None
    reason: str


def render(info: ProviderInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "configured": info.configured,
        "enabled": info.enabled,
        "config": info.config,
        "secrets": list(info.secrets),
    }


@routes.get(
    "/payments/methods",
    summary="The ways to pay on this platform, and which of them answer at the moment",
    audience=ANYBODY,
    permission="public",
    response=ListOf[MethodOut],
    example={
        "data": [{"type": "card", "available": True}, {"type": "wechat", "available": False}],
        "has_more": False,
        "next_cursor": None,
    },
)
def list_methods(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    payer = request.actor.person_id if request.actor.kind == "buyer" else None
    found = methods.ways(currency=platforms.get_platform().currency, payer_id=payer)
    return PageOf([{"type": one.type, "available": one.available} for one in found], False, None)


@routes.get(
    "/payments/providers",
    summary="The platform's accounts at Alipay, WeChat Pay and its bank",
    audience=OPERATORS,
    scope="payments:read",
    permission="money.see",
    response=ListOf[ProviderOut],
    example={"data": [PROVIDER], "has_more": False, "next_cursor": None},
)
def list_providers(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return PageOf([render(one) for one in provider_account.providers()], False, None)


@routes.get(
    "/payments/providers/health",
    summary="Providers that don't answer, or didn't lately",
    audience=OPERATORS,
    scope="payments:read",
    permission="money.see",
    response=ListOf[HealthOut],
    example={"data": [HEALTH], "has_more": False, "next_cursor": None},
)
def list_health(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    rows = [
        {
            "name": one.name,
            "available": not one.open,
            "failures": one.failures,
            "since": one.since,
            "retry_at": one.retry_at,
            "reason": one.reason,
        }
        for one in breaker.health()
    ]
    return PageOf(rows, False, None)


@routes.get(
    "/payments/providers/{name}",
    summary="One provider's account, without its secrets",
    audience=OPERATORS,
    scope="payments:read",
    permission="money.see",
    response=ProviderOut,
    errors=(NotFound,),
    example=PROVIDER,
)
def get_provider(request: ApiRequest, name: str) -> dict[str, Any]:
    info = provider_account.provider(name=name)
    set_etag(request, info.version)
    return render(info)


@routes.put(
    "/payments/providers/{name}",
    summary="Set or change a provider's account",
    audience=OPERATORS,
    scope="payments:write",
    permission="terms",
    response=ProviderOut,
    errors=(NotFound, ProviderSettings, PreconditionFailed, *platforms.CONFIRMED),
    example=PROVIDER,
    request_example=CONFIG_EXAMPLE,
)
def put_provider(request: ApiRequest, name: str, body: ProviderIn) -> dict[str, Any]:
    check_if_match(request, provider_account.provider(name=name).version)
    platforms.check_confirmed(request, platforms.Sensitive.PROVIDERS)
    info = provider_account.configure_provider(
        name=name, config=body.config, secrets=body.secrets, enabled=body.enabled
    )
    set_etag(request, info.version)
    return render(info)


@routes.post(
    "/webhooks/alipay",
    summary="For Alipay: signed notifications; answers success",
    audience=ANYBODY,
    permission="public",
    response=None,
    sends="text/plain",
    errors=(WebhookRefused, GatewayNotConfigured),
    takes="application/x-www-form-urlencoded",
)
def receive_alipay(request: ApiRequest) -> HttpResponse:
    try:
        text = request.body.decode("utf-8")
        form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    except ValueError as error:
        raise WebhookRefused from error
    notifications.take_alipay(form=form)
    return HttpResponse("success", content_type="text/plain")


@routes.post(
    "/webhooks/wechat",
    summary="For WeChat Pay: signed and encrypted notifications",
    audience=ANYBODY,
    permission="public",
    response=None,
    status=204,
    errors=(WebhookRefused, GatewayNotConfigured),
    takes="application/json",
    outside=True,
)
def receive_wechat(request: ApiRequest) -> HttpResponse:
    headers = {
        name: request.headers.get(name, "")
        for name in (
            "Wechatpay-Timestamp",
            "Wechatpay-Nonce",
            "Wechatpay-Signature",
            "Wechatpay-Serial",
        )
    }
    notifications.take_wechat(headers=headers, body=request.body)
    return HttpResponse(status=204)


@routes.post(
    "/webhooks/bank",
    summary="For the bank: signed word that a transfer came in",
    audience=ANYBODY,
    permission="public",
    response=None,
    status=204,
    errors=(WebhookRefused, GatewayNotConfigured),
    takes="application/json",
)
def receive_bank(request: ApiRequest) -> HttpResponse:
    headers = {name.lower(): value for name, value in request.headers.items()}
    notifications.take_bank(headers=headers, body=request.body)
    return HttpResponse(status=204)
