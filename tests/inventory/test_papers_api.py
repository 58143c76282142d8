"""The routes of receipts, transfers, counts and limits."""

from typing import Any

import pytest

from catalog import facade as catalog
from inventory import facade
from kernel.ids import public_id
from tests.factories.catalog import make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import api_client, make_key, make_merchant, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant(platform: Any) -> Any:
    return make_merchant()


@pytest.fixture
def seller(merchant: Any) -> Any:
    return api_client(make_key(merchant_id=merchant.id))


@pytest.fixture
def stock(merchant: Any) -> Any:
    return make_stock(10, variant_id=make_product(merchant_id=merchant.id).variants[0].id)


def variant(stock: Any) -> str:
    return public_id("var", stock.variant_id)


def warehouse(stock: Any) -> str:
    return public_id("whs", stock.warehouse_id)


def test_a_receipt_from_draft_to_the_last_piece(seller: Any, stock: Any) -> None:
    made = seller.post("/stock-receipts", {
        "warehouse": warehouse(stock), "reference": "PO-1", "expected_on": "2026-12-24",
        "lines": [{"variant": variant(stock), "quantity": "10"}],
    })  # fmt: skip
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    path = f"/stock-receipts/{made.json()['id']}"
    changed = seller.patch(path, {"note": "by rail"}, headers={"If-Match": made["ETag"]})
    assert changed.json()["note"] == "by rail"
    assert seller.patch(path, {"note": "x"}, headers={"If-Match": made["ETag"]}).status_code == 412
    assert seller.post(f"{path}/confirm").json()["state"] == "expected"
    [row] = seller.get("/stock").json()["data"]
    assert (row["on_hand"], row["incoming"], row["available"]) == ("10.000", "10.000", "10.000")
    part = {"delivery": "D1", "lines": [{"variant": variant(stock), "quantity": "4"}]}
    for _again in range(2):
        body = seller.post(f"{path}/receive", part).json()
        assert (body["state"], body["lines"][0]["missing"]) == ("partly_received", "6.000")
    [came] = seller.get(f"{path}/deliveries").json()["data"]
    assert (came["delivery"], came["lines"][0]["quantity"]) == ("D1", "4.000")
    assert seller.get(f"{path}/deliveries?updated_since=2026-01-01T00:00:00Z").status_code == 422
    over = {"delivery": "D2", "lines": [{"variant": variant(stock), "quantity": "7"}]}
    refused = seller.post(f"{path}/receive", over)
    assert (refused.status_code, refused.json()["code"]) == (409, "inventory.over_delivery")
    assert refused.json()["lines"][0]["expected"] == "6.000"
    whole = seller.post(f"{path}/receive", {**over, "accept_over": True}).json()
    assert (whole["state"], whole["lines"][0]["over"]) == ("received", "1.000")
    assert seller.get("/stock-receipts?state=received").json()["data"] == [seller.get(path).json()]
    assert seller.post(f"{path}/cancel").status_code == 409


def test_a_receipt_is_closed_or_cancelled(seller: Any, stock: Any) -> None:
    ids = []
    for number in (1, 2):
        made = seller.post("/stock-receipts", {
            "warehouse": warehouse(stock), "reference": f"PO-{number}", "confirm": True,
            "lines": [{"variant": variant(stock), "quantity": "10"}],
        })  # fmt: skip
        ids.append(made.json()["id"])
    first, second = (f"/stock-receipts/{one}" for one in ids)
    line = {"variant": variant(stock), "quantity": "1"}
    seller.post(f"{first}/receive", {"delivery": "1", "lines": [line]})
    assert seller.post(f"{first}/close").json()["state"] == "received"
    assert seller.post(f"{second}/cancel").json()["state"] == "cancelled"
    taken = seller.post("/stock-receipts", {
        "warehouse": warehouse(stock), "reference": "PO-1", "lines": [line],
    })  # fmt: skip
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (409, "reference")


def test_a_transfer(seller: Any, stock: Any, merchant: Any) -> None:
    target = public_id("whs", make_warehouse(merchant_id=merchant.id).id)
    body = {
        "source": warehouse(stock), "target": target,
        "lines": [{"variant": variant(stock), "quantity": "4"}],
    }  # fmt: skip
    made = seller.post("/stock-transfers", body, idempotency_key="t1")
    assert made.status_code == 201
    assert seller.post("/stock-transfers", body, idempotency_key="t1").json() == made.json()
    path = f"/stock-transfers/{made.json()['id']}"
    assert seller.post(f"{path}/send").json()["state"] == "sent"
    less = {"lines": [{"variant": variant(stock), "quantity": "3"}]}
    refused = seller.post(f"{path}/receive", less)
    assert (refused.status_code, refused.json()["code"]) == (422, "inventory.loss_unexplained")
    assert "stolen" in refused.json()["allowed"]
    done = seller.post(f"{path}/receive", {**less, "loss_cause": "damaged"}).json()
    assert (done["state"], done["lines"][0]["lost"]) == ("received", "1.000")
    assert seller.get(f"/stock-transfers?warehouse={target}").json()["data"] == [done]
    back = seller.post("/stock-transfers", body).json()["id"]
    assert seller.post(f"/stock-transfers/{back}/cancel").json()["state"] == "cancelled"
    much = {**body, "lines": [{"variant": variant(stock), "quantity": "99"}]}
    path = f"/stock-transfers/{seller.post('/stock-transfers', much).json()['id']}"
    assert seller.post(f"{path}/send").json()["code"] == "inventory.out_of_stock"


def test_a_count(seller: Any, stock: Any) -> None:
    made = seller.post("/stock-counts", {"warehouse": warehouse(stock)})
    assert (made.status_code, made.json()["lines"]) == (201, 1)
    again = seller.post("/stock-counts", {"warehouse": warehouse(stock)})
    assert (again.status_code, again.json()["code"]) == (409, "inventory.count_open")
    path = f"/stock-counts/{made.json()['id']}"
    assert seller.post(f"{path}/post", {}).json()["code"] == "inventory.nothing_counted"
    entered = seller.put(f"{path}/lines", {"lines": [{"variant": variant(stock), "counted": "8"}]})
    assert entered.json()["counted"] == 1
    [line] = seller.get(f"{path}/lines?show=different").json()["data"]
    assert (line["booked"], line["difference"]) == ("10.000", "-2.000")
    for _again in range(2):
        posted = seller.post(f"{path}/post", {"reason": "lost"}).json()
        assert (posted["state"], posted["reason"]) == ("posted", "lost")
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 8}
    assert seller.get(f"{path}/lines?updated_since=2026-01-01T00:00:00Z").status_code == 422
    other = seller.post("/stock-counts", {"warehouse": warehouse(stock)}).json()["id"]
    assert seller.post(f"/stock-counts/{other}/cancel").json()["state"] == "cancelled"


def test_limits(seller: Any, stock: Any) -> None:
    place = {"variant": variant(stock), "warehouse": warehouse(stock)}
    body = seller.put("/stock/low-at", {**place, "low_at": "11"}).json()
    assert (body["low_at"], body["low"]) == ("11.000", True)
    assert len(seller.get("/stock?low=true").json()["data"]) == 1
    assert seller.put("/stock/low-at", {**place, "low_at": None}).json()["low"] is False
    assert seller.get("/stock?low=true").json()["data"] == []
    for wrong in ("0", "1.5", 3):
        assert seller.put("/stock/low-at", {**place, "low_at": wrong}).status_code == 422


def test_operators_read_and_others_see_nothing(seller: Any, stock: Any) -> None:
    made = seller.post("/stock-receipts", {
        "warehouse": warehouse(stock), "reference": "PO-1",
        "lines": [{"variant": variant(stock), "quantity": "10"}],
    }).json()  # fmt: skip
    path = f"/stock-receipts/{made['id']}"
    operator = api_client(make_key(kind="operator", person_id=make_person().id))
    assert operator.get(path).json() == made
    assert operator.post(f"{path}/confirm").status_code == 403
    stranger = api_client(make_key(merchant_id=make_merchant().id))
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/confirm").status_code == 404
    assert stranger.get("/stock-receipts").json()["data"] == []
    reader = api_client(make_key(merchant_id=stock.merchant_id, scopes=("inventory:read",)))
    assert reader.get(path).status_code == 200
    assert reader.post(f"{path}/confirm").status_code == 403


def test_an_id_and_a_sku_are_of_the_same_variant(seller: Any, stock: Any) -> None:
    """Wherever a variant is named by both; nothing is done for either otherwise."""
    product = make_product(merchant_id=stock.merchant_id, variants=1)
    other = product.variants[0].sku
    place = {"variant": variant(stock), "warehouse": warehouse(stock)}
    own = catalog.variants([stock.variant_id])[stock.variant_id].sku
    line = {"variant": variant(stock), "quantity": "1"}
    receipt = {"warehouse": warehouse(stock), "reference": "PO-7"}
    count = seller.post("/stock-counts", {"warehouse": warehouse(stock)}).json()["id"]

    def entered(sku: str, counted: str | None) -> Any:
        body = {"lines": [{"variant": variant(stock), "sku": sku, "counted": counted}]}
        return seller.put(f"/stock-counts/{count}/lines", body)

    for sku in (other, "no such SKU"):
        answers = {
            "sku": [
                seller.put("/stock", {**place, "sku": sku, "on_hand": "3"}),
                seller.put("/stock/low-at", {**place, "sku": sku, "low_at": "3"}),
                seller.put("/stock/ahead", {
                    "variant": variant(stock), "sku": sku, "mode": "backorder", "lead_days": 7,
                }),
            ],
            "lines.0.sku": [
                seller.post("/stock-receipts", {**receipt, "lines": [{**line, "sku": sku}]}),
                entered(sku, "3"),
                entered(sku, None),
            ],
        }  # fmt: skip
        for field, refused in answers.items():
            for place_, answer in enumerate(refused):
                told = answer.json()
                assert answer.status_code == 422, (field, place_, told)
                assert told["code"] == "inventory.variant_unknown", (field, place_)
                assert [one["field"] for one in told["errors"]] == [field], (field, place_)
    assert seller.get("/stock").json()["data"][0]["on_hand"] == "10.000"
    assert seller.put("/stock", {**place, "sku": own, "on_hand": "3"}).status_code == 200
