"""The routes of selling ahead."""

from typing import Any

import pytest

from inventory import facade
from kernel import clock
from kernel.ids import public_id
from tests.factories.catalog import make_product
from tests.factories.inventory import make_stock
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.inventory.test_ahead import DAY, buy

pytestmark = pytest.mark.django_db


def test_set_sell_wait_and_move(platform: Any) -> None:
    merchant = make_merchant()
    seller = api_client(make_key(merchant_id=merchant.id))
    product = make_product(merchant_id=merchant.id)
    stock = make_stock(1, variant_id=product.variants[0].id)
    variant = public_id("var", stock.variant_id)
    asked = {"sku": product.variants[0].sku, "mode": "backorder", "limit": "4", "lead_days": 5}
    made = seller.put("/stock/ahead", asked)
    assert made.status_code == 200, made.content
    assert (made.json()["variant"], made.json()["promised"]) == (variant, "0.000")
    buy(stock.variant_id, 3)
    [row] = seller.get("/stock").json()["data"]
    assert (row["available"], row["promised"]) == ("0.000", "2.000")
    [one] = seller.get("/stock/promises").json()["data"]
    assert (one["waiting"], one["due_on"]) == ("2.000", str(clock.today() + 5 * DAY))
    assert seller.get("/stock/promises?late=true").json()["data"] == []
    assert seller.get("/stock/promises?updated_since=2026-01-01T00:00:00Z").status_code == 422
    below = seller.put("/stock/ahead", asked | {"limit": "1"})
    assert (below.status_code, below.json()["code"]) == (409, "inventory.ahead_below_promised")
    assert below.json()["promised"] == "2.000"
    past = seller.post("/stock/ahead/move", {"variant": variant, "due_on": "2020-01-01"})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "due_on")
    later = str(clock.today() + 9 * DAY)
    moved = seller.post("/stock/ahead/move", {"variant": variant, "due_on": later})
    assert moved.json() == {"moved": 1}
    off = seller.put("/stock/ahead", {"variant": variant, "mode": "none"})
    assert (off.json()["mode"], off.json()["promised"]) == ("none", "2.000")
    assert [row["mode"] for row in seller.get("/stock/ahead").json()["data"]] == ["none"]
    stranger = api_client(make_key(merchant_id=make_merchant().id))
    refused = stranger.put("/stock/ahead", {"variant": variant, "mode": "none"})
    assert refused.json()["code"] == "inventory.variant_unknown"
    assert stranger.get("/stock/ahead").json()["data"] == []
    assert stranger.get("/stock/promises").json()["data"] == []


def test_what_is_only_promised_is_found_by_its_merchant_alone(platform: Any) -> None:
    merchant = make_merchant()
    seller, stranger = (
        api_client(make_key(merchant_id=one.id)) for one in (merchant, make_merchant())
    )
    product = make_product(merchant_id=merchant.id)
    stock = make_stock(0, variant_id=product.variants[0].id)
    seller.put(
        "/stock/ahead",
        {"sku": product.variants[0].sku, "mode": "backorder", "limit": "4", "lead_days": 5},
    )
    key = buy(stock.variant_id, 3)
    made = facade.reservation_by_key(key)
    assert made is not None
    path = f"/reservations/{public_id('rsv', made.id)}"
    found = seller.get(path)
    assert found.status_code == 200, found.content
    assert (found.json()["state"], found.json()["lines"]) == ("committed", [])
    assert [row["id"] for row in seller.get("/reservations").json()["data"]] == [found.json()["id"]]
    assert stranger.get(path).status_code == 404
    assert stranger.get("/reservations").json()["data"] == []
