"""Introduce the platforms to the sandbox: where it reports to, and the secrets it signs with."""

import requests
from django.conf import settings

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
            data={"url": f"{base}/webhooks/gateway", "enabled_events[]": "*"},
            idempotency=progress.key(f"hook:{code}"),
        )
        callback = _post(
            f"{settings.CARRIER_URL}/v1/callbacks",
            key,
            json={"url": f"{base}/callbacks/carriers/sandbox"},
            idempotency=progress.key(f"callback:{code}"),
        )
        with at(code):
            payments.configure_gateway(
                secret_key=key, webhook_secret=hook["secret"], base_url=settings.GATEWAY_URL
            )
            logistics.configure_carrier(key=key, callback_secret=callback["secret"])
        progress.keep(f"connected:{code}", True)


def _post(
    url: str,
    key: str,
    *,
    idempotency: str,
    data: dict[str, str] | None = None,
    json: dict[str, str] | None = None,
) -> dict[str, str]:
    session = requests.Session()
    session.trust_env = False
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency}
    answer = session.post(url, data=data, json=json, headers=headers, timeout=20)
    answer.raise_for_status()
    found: dict[str, str] = answer.json()
    return found
