"""The demo's corn contract, told through the API without servers."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.test import Client

from certification import facade as certification
from certification.gateways.identity import Finding
from certification.models import IdentityCheck
from certification.services import identity_checks
from certification.services.agreements.proof import evidence_source
from config.demo.api import Api, Refused
from config.demo.deal import Deal
from config.demo.goods import CORN_SHOP, FEED_MILL
from config.demo.progress import Progress
from config.demo.seed import CORN_MARKET
from kernel.ids import parse_public_id
from tests.factories.platforms import PASSWORD, make_key, make_merchant, make_person


class InProcess(Api):
    """The demo's client, answered by Django's test client."""

    def __init__(self, base: str, key: str) -> None:
        super().__init__(base, key)
        self.client = Client(headers={"Authorization": f"Bearer {key}"})

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", **options: Any
    ) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        answer: Any = self.client.generic(
            method, self.base + path, "" if body is None else json.dumps(body),
            content_type="application/json", headers=headers,
            query_params={k: str(v) for k, v in (options.get("params") or {}).items()},
        )  # fmt: skip
        return self._read(f"{method} {path}", answer)

    def send(self, path: str, content: bytes, kind: str, *, key: str) -> dict[str, Any]:
        answer = self.client.post(
            self.base + path, content, content_type=kind, headers={"Idempotency-Key": key}
        )
        return self._read(f"POST {path}", answer)

    def download(self, path: str) -> bytes | None:
        answer = self.client.get(self.base + path)
        return bytes(answer.content) if answer.status_code == 200 else None

    def _read(self, what: str, answer: Any) -> dict[str, Any]:
        if answer.status_code >= 400:
            raise Refused(f"{what} answered {answer.status_code}: {answer.content.decode()[:800]}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


def make_corn_deal(code: str, folder: Path) -> Progress:
    """The whole story on the platform in scope; what it leaves is in the progress's facts and the
    packages in ``folder``. What worker and provider would do is done while it waits."""
    progress = Progress(folder / "progress.json")
    progress.keep("password", PASSWORD)
    progress.keep(f"api:{CORN_MARKET}:operator", make_key(kind="operator").raw)
    for shop in (CORN_SHOP, FEED_MILL):
        merchant = make_merchant(name=shop.zh)
        owner = make_person(merchant_id=merchant.id, role="merchant_owner", password=PASSWORD)
        raw = make_key(merchant_id=merchant.id, person_id=owner.id).raw
        progress.keep(f"api:{CORN_MARKET}:owner:{shop.code}", raw)
    certification.load_contract_templates()

    def pause() -> None:
        for check in IdentityCheck.objects.filter(state="asked"):
            identity_checks.record(check_id=check.id, finding=Finding("match", "idc_demo"))
        for name in ("contract", "amendment"):
            if name in progress:
                certification.make_package(evidence_source(contract_id=contract_id(progress, name)))

    Deal(
        progress, lambda text: None, folder=folder, pause=pause,
        client=lambda key: InProcess(f"/p/{code}/api/v1", key),
    ).run()  # fmt: skip
    return progress


def contract_id(progress: Progress, name: str) -> UUID:
    """The id of the ``contract`` or its ``amendment``."""
    return parse_public_id("ctr", progress[name])
