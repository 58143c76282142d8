"""Introduce the platforms to the sandbox: where it reports to, and the secrets it signs with."""

from collections.abc import Mapping, Sequence

import requests
from django.conf import settings

from certification import facade as certification
from config.demo.progress import Progress
from config.demo.seed import PLATFORMS, at
from logistics import facade as logistics
from payments import facade as payments


def connect(progress: Progress) -> None:
    """Register webhooks and callbacks once, and tell the platforms."""
    key = progress["gateway_key"]
    for code, _names, _blueprint in PLATFORMS:
        if f"connected:{code}" in progress:
            continue
        base = f"http://127.0.0.1:{settings.PORT}/p/{code}/api/v1"
        hook = _post(
            f"{settings.GATEWAY_URL}/v1/webhook_endpoints",
            key,
            data={
                "url": f"{base}/webhooks/gateway",
                "enabled_events[]": payments.CARD_EVENTS,
            },
            idempotency=progress.key(f"hook:{code}"),
        )
        callback = _post(
            f"{settings.CARRIER_URL}/v1/callbacks",
            key,
            json={"url": f"{base}/callbacks/carriers/sandbox"},
            idempotency=progress.key(f"callback:{code}"),
        )
        answers = _post(
            f"{settings.IDENTITY_URL}/v1/callbacks",
            key,
            json={"url": f"{base}/callbacks/identity/sandbox"},
            idempotency=progress.key(f"identity:{code}"),
        )
        with at(code):
            payments.configure_gateway(
                secret_key=key, webhook_secret=hook["secret"], base_url=settings.GATEWAY_URL
            )
            logistics.configure_carrier(key=key, callback_secret=callback["secret"])
            certification.configure_identity_provider(
                key=key, callback_secret=answers["secret"], base_url=settings.IDENTITY_URL
            )
        progress.keep(f"connected:{code}", True)
    for place, (code, _names, _blueprint) in enumerate(PLATFORMS):
        if f"fapiao:{code}" not in progress:
            with at(code):
                payments.configure_provider(
                    name=payments.FAPIAO,
                    config={"base_url": f"{settings.GATEWAY_URL}/fapiao"},
                    secrets={"secret_key": key},
                )
            progress.keep(f"fapiao:{code}", True)
        if f"ways:{code}" not in progress:
            _ways_to_pay(progress, key, code, with_bank=place == 0)
            progress.keep(f"ways:{code}", True)


def _ways_to_pay(progress: Progress, key: str, code: str, *, with_bank: bool) -> None:
    """Alipay and WeChat Pay, each with an access of the platform's own; transfers on one platform,
    because both have the same account at the sandbox's bank."""
    hooks = f"http://127.0.0.1:{settings.PORT}/p/{code}/api/v1/webhooks"
    app = _post(f"{settings.GATEWAY_URL}/_sandbox/alipay", key, json={}, idempotency="")
    shop = _post(f"{settings.GATEWAY_URL}/_sandbox/wechat", key, json={}, idempotency="")
    with at(code):
        payments.configure_provider(
            name=payments.ALIPAY,
            config={
                "app_id": app["app_id"],
                "gateway": app["gateway"],
                "seller_id": app["seller_id"],
                "alipay_public_key": app["alipay_public_key"],
                "notify_url": f"{hooks}/alipay",
            },
            secrets={"private_key": app["private_key"]},
        )
        payments.configure_provider(
            name=payments.WECHAT,
            config={
                **{name: shop[name] for name in ("mchid", "appid", "serial_no", "base_url")},
                **{name: shop[name] for name in ("public_key_id", "public_key")},
                "notify_url": f"{hooks}/wechat",
            },
            secrets={"private_key": shop["private_key"], "apiv3_key": shop["apiv3_key"]},
        )
    if with_bank:
        callback = _post(
            f"{settings.BANK_URL}/v1/callbacks",
            key,
            json={"url": f"{hooks}/bank"},
            idempotency=progress.key(f"bank:{code}"),
        )
        with at(code):
            payments.configure_provider(
                name=payments.BANK_TRANSFER,
                config={"base_url": settings.BANK_URL, "bank": "沙箱银行", "holder": "全程市场"},
                secrets={"secret_key": key, "callback_secret": callback["secret"]},
            )


def _post(
    url: str,
    key: str,
    *,
    idempotency: str,
    data: Mapping[str, str | Sequence[str]] | None = None,
    json: dict[str, str] | None = None,
) -> dict[str, str]:
    session = requests.Session()
    session.trust_env = False
    headers = {"Authorization": f"Bearer {key}"}
    if idempotency:
        headers["Idempotency-Key"] = idempotency
    answer = session.post(url, data=data, json=json, headers=headers, timeout=20)
    answer.raise_for_status()
    found: dict[str, str] = answer.json()
    return found
