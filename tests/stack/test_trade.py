"""A whole trade over HTTP on separate processes: cart, card, parcel, payout; on each database."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests
from django.conf import settings
from django.db import connections

from kernel import tenancy
from kernel.ids import public_id
from logistics import facade as logistics
from payments import facade as payments
from platforms.sections import blueprint_by_name
from sandbox.accounts import create_account
from tests import database
from tests.factories.platforms import make_key, make_platform
from tests.factories.world import make_shop
from tests.stack.processes import Stack, eventually

pytestmark = pytest.mark.stack
ADDRESS = {
    "contact": {"name": "王芳", "phone": "13844445678", "email": "wang@people.example"},
    "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
}


@dataclass(frozen=True)
class Market:
    """A platform with one shop, connected to the stack's sandbox."""

    code: str
    database: str
    variant: str
    seller: dict[str, str]
    gateway: str
    gateway_key: str


def open_market(stack: Stack, alias: str) -> Market:
    preset = blueprint_by_name("city_retail")
    sections = {**preset.get("sections", {}), "payments": {"release_days": 0}}
    tenant = make_platform(database=alias, blueprint={**preset, "sections": sections})
    gateway = f"http://127.0.0.1:{stack.gateway_port}"
    key = create_account(f"Stack {tenant.code}")
    back = f"http://127.0.0.1:{stack.port}/p/{tenant.code}/api/v1"
    headers = {"Authorization": f"Bearer {key}"}
    hook = requests.post(
        f"{gateway}/v1/webhook_endpoints",
        data={"url": f"{back}/webhooks/gateway", "enabled_events[]": "*"},
        headers=headers,
        timeout=20,
    )
    call = requests.post(
        f"{gateway}/carrier/v1/callbacks",
        json={"url": f"{back}/callbacks/carriers/sandbox"},
        headers=headers,
        timeout=20,
    )
    with tenancy.scope(tenant):
        payments.configure_gateway(
            secret_key=key, webhook_secret=hook.json()["secret"], base_url=gateway
        )
        logistics.configure_carrier(
            key=key, callback_secret=call.json()["secret"], base_url=f"{gateway}/carrier"
        )
        shop = make_shop(price="25.00")
        seller = make_key(kind="merchant", merchant_id=shop.merchant_id)
    return Market(
        tenant.code,
        alias,
        public_id("var", shop.variant_id),
        {"Authorization": f"Bearer {seller.raw}"},
        gateway,
        key,
    )


@pytest.fixture(scope="session", params=range(2))
def market(request: pytest.FixtureRequest, stack: Stack, unblocked: None) -> Market:
    """Each of two platforms; in databases of their own when there are two."""
    eventually(lambda: stack.get("/readyz")[1]["status"] == "ok", seconds=60)
    return open_market(stack, settings.SHARDS[request.param % len(settings.SHARDS)])


def ask(
    stack: Stack, market: Market, method: str, path: str, body: Any = None, **headers: str
) -> Any:
    """The answer of the market's API; fails on any problem."""
    if method != "GET":
        headers["Idempotency_Key"] = headers.get("Idempotency_Key", uuid4().hex)
        body = {} if body is None else body
    status, found, _ = stack.call(method, f"/p/{market.code}/api/v1{path}", body, **headers)
    assert 200 <= status < 300, (method, path, status, found)
    return found


def test_from_the_cart_to_the_payout(stack: Stack, market: Market) -> None:
    """The worker is killed on the way: what it had to do is done by its successor."""

    def seller(method: str, path: str, body: Any = None) -> Any:
        return ask(stack, market, method, path, body, **market.seller)

    cart = ask(
        stack,
        market,
        "POST",
        "/carts",
        {"lines": [{"variant_id": market.variant, "quantity": "2"}]},
    )
    token = {"Cart_Token": cart["token"]}
    shown = ask(stack, market, "PUT", f"/carts/{cart['id']}/address", ADDRESS, **token)
    body = {
        "cart_id": cart["id"],
        "payment_method": "pm_card_visa",
        "expected_total": shown["total"]["amount"],
    }
    once = {**token, "Idempotency_Key": uuid4().hex}
    first = ask(stack, market, "POST", "/checkouts", body, **once)
    again = ask(stack, market, "POST", "/checkouts", body, **once)
    assert again["id"] == first["id"]

    def checkout() -> Any:
        return ask(stack, market, "GET", f"/checkouts/{first['id']}", **token)

    eventually(lambda: checkout()["state"] == "done")
    (order,) = checkout()["orders"]
    assert seller("GET", f"/orders/{order}")["state"] == "paid"

    stack.kill("worker")
    seller("POST", f"/orders/{order}/ship")
    stack.start("worker")
    shipped = eventually(
        lambda: (found := seller("GET", f"/orders/{order}"))["state"] == "shipped" and found,
        seconds=60,
    )
    answer = None
    while answer is None or answer.status_code == 200:
        answer = requests.post(
            f"{market.gateway}/carrier/v1/waybills/{shipped['waybill']}/advance",
            headers={"Authorization": f"Bearer {market.gateway_key}"},
            timeout=20,
        )
    assert answer.status_code == 409, answer.text  # nothing more happens to the parcel

    def arrived() -> bool:
        return seller("GET", f"/orders/{order}")["state"] in {"delivered", "completed"}

    eventually(arrived, seconds=120)

    def available() -> int:
        return int(seller("GET", "/balance")["data"][0]["available"]["amount"])

    eventually(available)
    payout = seller("POST", "/payouts")
    paid = eventually(
        lambda: (found := seller("GET", f"/payouts/{payout['id']}"))["state"] == "paid" and found
    )
    assert 0 < paid["amount"]["amount"] < shown["total"]["amount"]
    assert available() == 0
    titles = [line["title"] for line in seller("GET", f"/orders/{order}/timeline")["data"]]
    assert len(titles) >= 4, titles


def test_the_books_balance(stack: Stack, market: Market) -> None:
    """After the trade above: one charge an order, and every ledger sums to zero."""
    name = str(connections[market.database].settings_dict["NAME"])
    with psycopg.connect(database.role_url("owner", name)) as owner:
        counts = owner.execute(
            "SELECT (SELECT count(*) FROM payments_paymentintent WHERE state = 'succeeded'), "
            "(SELECT count(*) FROM marketplace_order)"
        ).fetchone()
        sums = owner.execute(
            "SELECT platform_id, sum(debits_posted) - sum(credits_posted), sum(debits_posted) "
            "FROM ledger_account GROUP BY platform_id"
        ).fetchall()
    assert counts is not None
    assert counts[0] == counts[1] > 0
    assert sums
    assert all(difference == 0 and moved > 0 for _, difference, moved in sums)
