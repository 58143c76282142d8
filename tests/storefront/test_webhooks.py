"""A merchant's webhooks on pages: made with a confirmation, changed, switched off, sent again."""

import re
from uuid import uuid4

import pytest

from kernel import clock, webhooks
from kernel.ids import public_id
from kernel.records.webhooks import WebhookDelivery
from kernel.tenancy import Tenant
from tests.factories.platforms import make_merchant
from tests.factories.storefront import SURE, ask_passwords_only, owner_of
from tests.storefront.test_returns import text

pytestmark = pytest.mark.usefixtures("platform")
LIST = "/merchant/webhooks/"
URL = "https://erp.example/hooks"


@pytest.fixture(autouse=True)
def by_password(platform: Tenant) -> None:
    ask_passwords_only()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_made_and_its_secret_shown_once(language: str) -> None:
    merchant = make_merchant()
    desk = owner_of(merchant, language)
    assert {"en": "No webhooks yet", "zh-hans": "还没有"}[language] in text(desk.see(LIST))
    form = {"url": URL, "description": "ERP", "event_types": "*"}
    unsure = desk.send(LIST, page=LIST, **form)
    assert (unsure.status_code, list(webhooks.endpoints(merchant_id=merchant.id).items)) == (
        422,
        [],
    )
    for wrong in ({"url": "http://127.0.0.1/"}, {"url": ""}, {"event_types": "no.such.v1"}):
        assert desk.send(LIST, page=LIST, **{**form, **wrong}, **SURE).status_code == 422
    made = desk.send(LIST, page=LIST, **form, **SURE)
    assert "whsec_" in text(made)
    assert "no-store" in made["Cache-Control"]
    [info] = webhooks.endpoints(merchant_id=merchant.id).items
    seen = text(desk.see(LIST))
    assert ("whsec_" in seen, URL in seen) == (False, True)
    assert info.event_types == ["*"]


def test_changed_switched_and_removed() -> None:
    merchant = make_merchant()
    info = webhooks.create_endpoint(merchant_id=merchant.id, url=URL, event_types=["*"]).endpoint
    where = f"{LIST}{public_id('whk', info.id)}/"
    desk, act = owner_of(merchant), f"{where}act/"
    form = {"url": URL, "description": "Store", "event_types": "marketplace.order.paid.v1"}
    desk.send(where, page=where, do="save", **form)
    moved = {**form, "url": "https://other.example/"}
    assert desk.send(where, page=where, do="save", **moved).status_code == 422

    def now() -> webhooks.EndpointInfo:
        return webhooks.endpoint(info.id, merchant_id=merchant.id)

    assert (now().url, now().description) == (URL, "Store")
    desk.send(where, page=where, do="save", **moved, **SURE)
    assert now().url == "https://other.example/"
    assert "whsec_" not in text(desk.send(where, page=where, do="rotate"))
    assert re.search("whsec_.{8}", text(desk.send(where, page=where, do="rotate", **SURE)))
    desk.send(act, page=where, do="off")
    assert now().state == "disabled"
    desk.send(act, page=where, do="on")
    assert now().state == "enabled"
    stranger = owner_of(make_merchant())
    assert stranger.see(where).status_code == 404
    stranger.send(act, page=LIST, do="remove")
    desk.send(act, page=where, do="nonsense")
    assert now().state == "enabled"
    desk.send(act, page=where, do="remove")
    assert list(webhooks.endpoints(merchant_id=merchant.id).items) == []


def test_what_failed_is_sent_again() -> None:
    merchant = make_merchant()
    info = webhooks.create_endpoint(merchant_id=merchant.id, url=URL, event_types=["*"]).endpoint
    row = WebhookDelivery(endpoint_id=info.id, event_id=uuid4(), state="failed", tries=9)
    row.event_type = "marketplace.order.paid.v1"
    row.created_at = row.next_attempt_at = clock.system()
    row.save(force_insert=True)
    where = f"{LIST}{public_id('whk', info.id)}/"
    desk = owner_of(merchant)
    seen = text(desk.see(where))
    assert ("marketplace.order.paid.v1" in seen, "Send again" in seen) == (True, True)
    owner_of(make_merchant()).send(
        f"{where}act/", page=LIST, do="resend", delivery=public_id("whd", row.id)
    )
    row.refresh_from_db()
    assert row.state == "failed"
    desk.send(f"{where}act/", page=where, do="resend", delivery=public_id("whd", row.id))
    row.refresh_from_db()
    assert (row.state, row.tries) == ("pending", 0)
