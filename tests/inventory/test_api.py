"""The routes of warehouses, stock and reservations."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from inventory import facade
from inventory.facade import StockLine
from kernel import clock, tenancy
from kernel.ids import public_id
from tests.factories.catalog import make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import api_client, make_key, make_merchant, make_platform

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


def place(stock: Any) -> dict[str, str]:
    return {
        "variant": public_id("var", stock.variant_id),
        "warehouse": public_id("whs", stock.warehouse_id),
    }


def test_set_and_adjust(seller: Any, stock: Any) -> None:
    answer = seller.put("/stock", {**place(stock), "on_hand": "8", "expected": "10"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["on_hand"], body["reserved"], body["available"]) == ("8.000", "0.000", "8.000")
    late = seller.put("/stock", {**place(stock), "on_hand": "7", "expected": "10"})
    assert (late.status_code, late.json()["code"]) == (409, "inventory.stock_changed")
    assert late.json()["actual"] == "8.000"
    adjust = {**place(stock), "delta": "-2", "reason": "damaged", "note": "fell"}
    assert seller.post("/stock/adjust", adjust).json()["on_hand"] == "6.000"
    moved = seller.get("/stock/movements").json()["data"]
    assert [(m["delta"], m["on_hand"], m["reason"]) for m in moved] == [
        ("-2.000", "6.000", "damaged"), ("-2.000", "8.000", "set"), ("10.000", "10.000", "set"),
    ]  # fmt: skip


def test_an_adjustment_sent_twice_counts_once(seller: Any, stock: Any) -> None:
    body = {**place(stock), "delta": "-2", "reason": "damaged"}
    first = seller.post("/stock/adjust", body, idempotency_key="k1")
    again = seller.post("/stock/adjust", body, idempotency_key="k1")
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 8}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"on_hand": 8}, "on_hand"),
        ({"on_hand": "-1"}, "on_hand"),
        ({"on_hand": "1.5"}, "on_hand"),
        ({"on_hand": "x"}, "on_hand"),
        ({"colour": "red"}, "colour"),
        ({"warehouse": "whs_01k00000000000000000000000"}, "warehouse"),
        ({"variant": "var_01k00000000000000000000000"}, "variant"),
    ],
)
def test_bad_bodies(seller: Any, stock: Any, change: Any, field: str) -> None:
    answer = seller.put("/stock", {**place(stock), "on_hand": "8", **change})
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 10}


def test_a_batch(seller: Any, stock: Any, merchant: Any) -> None:
    product = make_product(merchant_id=merchant.id)
    rows = [
        {**place(stock), "on_hand": "4"},
        {**place(stock), "on_hand": 4},
        {"sku": product.variants[0].sku, "warehouse": place(stock)["warehouse"], "on_hand": "2"},
        {**place(stock), "delta": "-9", "reason": "lost"},
        {**place(stock), "delta": "-1", "reason": "eaten"},
        {**place(stock), "delta": "-1"},
    ]
    body = seller.post("/stock/batch", {"stock": rows}).json()
    assert [row["status"] for row in body["data"]] == [200, 422, 200, 409, 422, 422]
    assert (body["succeeded"], body["failed"]) == (2, 4)
    assert body["data"][3]["error"]["code"] == "inventory.stock_reserved"
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 4}
    assert seller.post("/stock/batch", {"stock": [{}] * 501}).status_code == 413


def test_warehouses(seller: Any) -> None:
    made = seller.post("/warehouses", {"names": {"en": "Near"}, "external_id": "W"})
    assert made.status_code == 201
    path = f"/warehouses/{made.json()['id']}"
    changed = seller.patch(path, {"priority": 2}, headers={"If-Match": made["ETag"]})
    assert changed.json()["priority"] == 2
    assert seller.patch(path, {"priority": 3}, headers={"If-Match": '"v1"'}).status_code == 412
    put = seller.put("/warehouses/by-external-id/W", {"names": {"en": "Far"}})
    assert (put.json()["id"], put.json()["priority"]) == (made.json()["id"], 0)
    assert len(seller.get("/warehouses").json()["data"]) == 1
    assert seller.post("/warehouses", {"names": {"en": "N"}, "external_id": "W"}).status_code == 409
    assert seller.post("/warehouses", {"names": {"en": "N"}, "size": 3}).status_code == 422


def test_lists_by_updated_since(seller: Any, merchant: Any) -> None:
    variants = make_product(merchant_id=merchant.id, variants=3).variants
    warehouse = make_warehouse(merchant_id=merchant.id).id
    rows = [make_stock(5, variant_id=v.id, warehouse_id=warehouse) for v in variants]
    since = {"updated_since": "2020-01-01T00:00:00Z", "limit": 2}
    first = seller.get("/stock", query=since).json()
    rest = seller.get("/stock", query={**since, "cursor": first["next_cursor"]}).json()
    found = [row["id"] for row in first["data"] + rest["data"]]
    assert found == [public_id("stk", row.id) for row in rows]
    assert seller.get("/stock", query={"variant": public_id("var", variants[0].id)}).json()["data"]


def test_a_merchant_sees_its_own_lines_of_a_reservation(seller: Any, stock: Any) -> None:
    other = make_stock(5)
    held = facade.reserve(
        key=uuid4(),
        lines=[StockLine(stock.variant_id, Decimal(2)), StockLine(other.variant_id, Decimal(1))],
        expires_at=clock.business() + timedelta(hours=1),
    )
    foreign = facade.reserve(
        key=uuid4(),
        lines=[StockLine(other.variant_id, Decimal(1))],
        expires_at=clock.business() + timedelta(hours=1),
    )
    [found] = seller.get("/reservations").json()["data"]
    assert found["id"] == public_id("rsv", held.id)
    assert [line["quantity"] for line in found["lines"]] == ["2.000"]
    assert seller.get("/reservations", query={"state": "committed"}).json()["data"] == []
    assert seller.get(f"/reservations/{public_id('rsv', held.id)}").status_code == 200
    assert seller.get(f"/reservations/{public_id('rsv', foreign.id)}").status_code == 404
    operator = api_client(make_key(kind="operator"))
    assert len(operator.get("/reservations").json()["data"]) == 2


def test_others_answer_as_absent(seller: Any, stock: Any) -> None:
    theirs = make_stock(5)
    with tenancy.scope(make_platform()):
        foreign = make_stock(5)
    answers = []
    for found in (theirs, foreign, None):
        warehouse = found.warehouse_id if found else UUID(int=7)
        variant = found.variant_id if found else UUID(int=7)
        path = f"/warehouses/{public_id('whs', warehouse)}"
        calls = [
            seller.get(path),
            seller.patch(path, {"active": False}),
            seller.put("/stock", {**place(stock), "warehouse": path[12:], "on_hand": "1"}),
            seller.put(
                "/stock", {**place(stock), "variant": public_id("var", variant), "on_hand": "1"}
            ),
        ]
        bodies = [{k: v for k, v in call.json().items() if k != "request_id"} for call in calls]
        answers.append([(c.status_code, b) for c, b in zip(calls, bodies, strict=True)])
    assert answers[0] == answers[1] == answers[2]
    assert [status for status, _body in answers[0]] == [404, 404, 422, 422]
    assert facade.warehouse(theirs.warehouse_id).active


def test_who_may(seller: Any, platform: Any, stock: Any) -> None:
    guest = api_client()
    assert guest.get("/stock").status_code == 401
    operator = api_client(make_key(kind="operator"))
    assert len(operator.get("/stock").json()["data"]) == 1
    assert operator.put("/stock", {**place(stock), "on_hand": "1"}).status_code == 403
    reader = api_client(make_key(merchant_id=stock.merchant_id, scopes=("inventory:read",)))
    assert reader.get("/stock").status_code == 200
    assert reader.put("/stock", {**place(stock), "on_hand": "1"}).status_code == 403
