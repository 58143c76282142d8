"""The routes: who sees what, refusals, and nothing of others."""

from typing import Any
from uuid import UUID

from django.test.utils import CaptureQueriesContext

from kernel import tenancy
from kernel.ids import public_id, uuid7
from kernel.outbox import merchant_event, rendered
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from kernel.transactions import connection
from marketplace import facade
from tests.factories.catalog import make_product, make_variant
from tests.factories.inventory import make_stock
from tests.factories.marketplace import (
    make_cart,
    make_goods,
    make_group,
    make_order,
    set_price,
)
from tests.factories.platforms import (
    ApiClient,
    api_client,
    make_key,
    make_merchant,
    make_person,
    make_platform,
)

DETAILS = {
    "contact": {"name": "王芳", "phone": "13800000000", "email": "wang@example.com"},
    "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
}


def var(variant_id: UUID) -> str:
    return public_id("var", variant_id)


def merchant_client(merchant_id: UUID | None = None, **options: Any) -> ApiClient:
    return api_client(make_key(merchant_id=merchant_id, **options))


def test_a_guest_fills_a_cart(platform: Tenant) -> None:
    tea, rice = make_goods("19.90"), make_goods("5")
    guest = api_client()
    made = guest.post("/carts", {"lines": [{"variant_id": var(tea), "quantity": "1"}]})
    assert made.status_code == 201, made.content
    cart = made.json()
    token = {"Cart-Token": cart["token"]}
    path = f"/carts/{cart['id']}"
    assert guest.get(path).status_code == 404
    added = guest.post(
        f"{path}/lines", {"variant_id": var(rice), "quantity": "2"}, headers=token
    ).json()
    assert added["goods_total"] == {"amount": 2990, "currency": "CNY"}
    assert added["missing"] == ["address"]
    put = guest.put(f"{path}/address", DETAILS, headers=token).json()
    assert put["orderable"] is True
    assert put["shipping_total"] == {"amount": 600 + 700, "currency": "CNY"}
    line = put["merchants"][0]["lines"][0]
    assert (line["quantity"], line["unit_price"], line["available"]) == ("1", "19.90", "100")
    known = guest.get(f"{path}/address", headers=token).json()
    assert known["contact"] == DETAILS["contact"]
    choice = {"merchant_id": put["merchants"][0]["merchant_id"], "rate_code": "standard"}
    chosen = guest.put(f"{path}/shipping", {"choices": [choice]}, headers=token)
    assert chosen.json()["total"] == put["total"]
    fewer = guest.put(f"{path}/lines/{var(rice)}", {"quantity": "1"}, headers=token).json()
    assert fewer["goods_total"]["amount"] == 2490
    left = guest.delete(f"{path}/lines/{var(rice)}", headers=token).json()
    assert [part["lines"][0]["variant_id"] for part in left["merchants"]] == [var(tea)]
    shown = guest.get(path, headers=token)
    assert shown.headers["ETag"]
    assert "token" not in shown.json()


def test_refusals_name_the_field(platform: Tenant) -> None:
    tea = make_goods()
    cart = make_cart(address=False)
    guest, token = api_client(), {"Cart-Token": cart.token or ""}
    path = f"/carts/{public_id('crt', cart.id)}"
    cases: list[tuple[Any, int, str, str]] = [
        ({"variant_id": var(tea), "quantity": "0"}, 422, "marketplace.invalid_quantity",
         "quantity"),
        ({"variant_id": var(tea), "quantity": "10000"}, 422, "marketplace.invalid_quantity",
         "quantity"),
        ({"variant_id": var(tea), "quantity": 1}, 422, "invalid", "quantity"),
        ({"variant_id": var(tea), "quantity": "1", "gift": True}, 422, "invalid", "gift"),
        ({"variant_id": var(uuid7()), "quantity": "1"}, 422, "marketplace.unknown_variant",
         "variant_id"),
        ({"variant_id": var(make_variant()), "quantity": "1"}, 409, "marketplace.not_purchasable",
         "variant_id"),
    ]  # fmt: skip
    for body, status, code, field in cases:
        answer = guest.post(f"{path}/lines", body, headers=token)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
        assert answer.json()["errors"][0]["field"].endswith(field)
    wrong = guest.put(
        f"{path}/address",
        {**DETAILS, "address": {**DETAILS["address"], "region": "99"}},
        headers=token,
    )
    assert wrong.json()["code"] == "logistics.unknown_region"
    assert guest.get(path, headers=token).json()["missing"] == ["lines", "address"]


def test_a_line_sent_twice_under_one_key_is_added_once(platform: Tenant) -> None:
    tea = make_goods()
    cart = make_cart(address=False)
    guest, token = api_client(), {"Cart-Token": cart.token or ""}
    for replayed in (False, True):
        answer = guest.post(
            f"/carts/{public_id('crt', cart.id)}/lines",
            {"variant_id": var(tea), "quantity": "2"},
            headers=token,
            idempotency_key="once",
        )
        assert answer.headers.get("Idempotent-Replayed") == ("true" if replayed else None)
    assert facade.cart_view(cart_id=cart.id).lines[0].quantity == 2


def test_a_buyer_has_one_cart(platform: Tenant) -> None:
    buyer = api_client(make_key(kind="buyer"))
    first, second = (buyer.post("/carts", {}).json() for _n in range(2))
    assert first["id"] == second["id"]
    assert first["token"] is None
    assert buyer.get(f"/carts/{first['id']}").status_code == 200
    other = api_client(make_key(kind="buyer"))
    assert other.get(f"/carts/{first['id']}").status_code == 404
    assert merchant_client().get(f"/carts/{first['id']}").status_code == 403


def test_a_merchant_sets_prices(platform: Tenant) -> None:
    merchant = make_merchant()
    product = make_product(variants=3, merchant_id=merchant.id)
    a, b, c = (var(variant.id) for variant in product.variants)
    client = merchant_client(merchant.id)
    made = client.put(f"/variants/{a}/price", {"unit_price": "19.9", "currency": "CNY"})
    assert made.status_code == 200, made.content
    assert made.json()["unit_price"] == "19.90"
    again = client.put(
        f"/variants/{a}/price",
        {"unit_price": "18", "currency": "CNY", "metadata": {"erp": "1"}},
        headers={"If-Match": made.headers["ETag"]},
    )
    assert again.json()["metadata"] == {"erp": "1"}
    stale = client.put(
        f"/variants/{a}/price",
        {"unit_price": "17", "currency": "CNY"},
        headers={"If-Match": made.headers["ETag"]},
    )
    assert stale.status_code == 412
    by_id = client.put(
        "/offers/by-external-id/P-2", {"variant_id": b, "unit_price": "3", "currency": "CNY"}
    )
    assert by_id.json()["external_id"] == "P-2"
    taken = client.put(
        "/offers/by-external-id/P-2", {"variant_id": c, "unit_price": "3", "currency": "CNY"}
    )
    assert taken.json()["code"] == "marketplace.external_id_taken"
    batch = client.post(
        "/offers/batch",
        {
            "prices": [
                {"variant_id": c, "unit_price": "4", "currency": "CNY"},
                {"variant_id": a, "unit_price": "-4", "currency": "CNY"},
            ]
        },
    ).json()
    assert (batch["succeeded"], batch["failed"]) == (1, 1)
    assert batch["data"][1]["error"]["errors"][0]["field"] == "unit_price"
    listed = client.get("/offers").json()["data"]
    assert [(offer["variant_id"], offer["unit_price"]) for offer in listed] == [
        (a, "18.00"),
        (b, "3.00"),
        (c, "4.00"),
    ]
    since = client.get("/offers", query={"updated_since": listed[2]["updated_at"]}).json()["data"]
    assert [offer["variant_id"] for offer in since] == [c]
    history = client.get(f"/offers/{listed[0]['id']}/history").json()["data"]
    assert [change["unit_price"] for change in history] == ["18.00", "19.90"]
    gone = client.delete(f"/variants/{c}/price")
    assert gone.json()["state"] == "withdrawn"


def test_everyone_reads_prices_of_named_variants(platform: Tenant) -> None:
    tea, rice = make_goods("19.90"), make_goods("3")
    facade.withdraw_offer(merchant_id=facade.prices([rice])[rice].merchant_id, variant_id=rice)
    guest = api_client()
    found = guest.get("/offers", query={"variant_id": [var(tea), var(rice)]}).json()["data"]
    assert [(offer["variant_id"], offer["unit_price"]) for offer in found] == [(var(tea), "19.90")]
    assert found[0]["external_id"] is None
    nothing = guest.get("/offers")
    assert nothing.status_code == 422
    assert nothing.json()["errors"][0]["field"] == "variant_id"
    assert merchant_client(scopes=("catalog:read",)).get("/offers").status_code == 403


def test_orders_are_seen_by_those_they_concern(platform: Tenant) -> None:
    buyer = make_person(role="buyer")
    group = make_group((make_goods(), 1), (make_goods(), 2), buyer_id=buyer.id)
    first, second = group.orders
    mine = f"/orders/{public_id('ord', first.id)}"
    whole = f"/order-groups/{public_id('ogr', group.id)}"
    client = merchant_client(first.merchant_id)
    shown = client.get(mine).json()
    assert shown["commission"] == first.commission.as_api()
    assert shown["delivery"]["address"]["city"] == "长春市"
    assert client.get(f"/orders/{public_id('ord', second.id)}").status_code == 404
    assert client.get(whole).status_code == 404
    assert [order["id"] for order in client.get("/orders").json()["data"]] == [shown["id"]]

    own = api_client(make_key(kind="buyer", person_id=buyer.id))
    seen = own.get(mine).json()
    assert (seen["commission"], seen["metadata"]) == (None, {})
    assert seen["delivery"]["contact"]["name"] == "王芳"
    assert own.get(whole).json()["total"] == group.total.as_api()
    numbers = [order["number"] for order in own.get("/orders").json()["data"]]
    assert numbers == [second.number, first.number]
    stranger = api_client(make_key(kind="buyer"))
    assert stranger.get(mine).status_code == 404
    assert stranger.get(whole).status_code == 404
    assert stranger.get("/orders").json()["data"] == []

    operator = api_client(make_key(kind="operator"))
    assert operator.get(mine).status_code == 200
    assert len(operator.get("/orders", query={"number": group.number}).json()["data"]) == 2
    guest = api_client()
    assert guest.get(mine).status_code == 404
    assert guest.get("/orders").status_code == 404
    link = {"Order-Token": facade.guest_token(group.id)}
    assert guest.get(mine, headers=link).status_code == 200
    assert guest.get(whole, headers=link).status_code == 200
    other = make_order()
    assert guest.get(f"/orders/{public_id('ord', other.id)}", headers=link).status_code == 404


def test_a_guest_sees_orders_by_the_carts_token(platform: Tenant) -> None:
    cart = make_cart((make_goods(), 1))
    group = facade.place_order_group(key=uuid7(), cart_id=cart.id)
    make_group()
    guest, token = api_client(), {"Cart-Token": cart.token or ""}
    [listed] = guest.get("/orders", headers=token).json()["data"]
    assert listed["id"] == public_id("ord", group.orders[0].id)
    assert guest.get(f"/orders/{listed['id']}", headers=token).status_code == 200
    path = f"/order-groups/{public_id('ogr', group.id)}"
    assert guest.get(path, headers=token).status_code == 200
    assert guest.get(path, headers={"Cart-Token": "cart_wrong"}).status_code == 404


def test_a_merchant_puts_its_own_data_on_orders(platform: Tenant) -> None:
    merchant = make_merchant()
    tea = make_goods(merchant_id=merchant.id)
    first = make_group((tea, 1)).orders[0]
    second = make_group((tea, 1)).orders[0]
    client = merchant_client(merchant.id)
    path = f"/orders/{public_id('ord', first.id)}"
    tag = client.get(path).headers["ETag"]
    body = {"external_id": "SO-1", "metadata": {"erp": "A"}}
    done = client.patch(path, body, headers={"If-Match": tag})
    assert done.status_code == 200, done.content
    assert done.json()["external_id"] == "SO-1"
    assert client.patch(path, body, headers={"If-Match": tag}).status_code == 412
    partly = client.patch(path, {"metadata": {}})
    assert (partly.json()["external_id"], partly.json()["metadata"]) == ("SO-1", {})
    taken = client.patch(f"/orders/{public_id('ord', second.id)}", {"external_id": "SO-1"})
    assert taken.json()["code"] == "marketplace.external_id_taken"
    found = client.get("/orders", query={"external_id": "SO-1"}).json()["data"]
    assert [order["id"] for order in found] == [public_id("ord", first.id)]
    other = merchant_client()
    assert other.patch(path, body).status_code == 404
    wrong = client.patch(path, {"state": "paid"})
    assert wrong.status_code == 422


def test_events_tell_the_merchant(platform: Tenant) -> None:
    order = make_order(state="delivered")
    make_order()
    rows = OutboxEvent.objects.filter(merchant_id=order.merchant_id)
    found = {row.type: rendered(merchant_event(order.merchant_id, row.id)) for row in rows}
    assert set(found) >= {
        "marketplace.price.changed.v1",
        "marketplace.order.placed.v1",
        "marketplace.order.paid.v1",
        "marketplace.order.shipped.v1",
        "marketplace.order.delivered.v1",
    }
    paid = found["marketplace.order.paid.v1"]
    assert paid["aggregate"] == "marketplace.order"
    assert paid["data"] == {
        "order_id": public_id("ord", order.id),
        "group_id": public_id("ogr", order.group_id),
        "number": order.number,
        "merchant_id": public_id("mer", order.merchant_id),
        "total": order.total.as_api(),
        "commission": order.commission.as_api(),
    }


def test_other_platforms_are_absent(platform: Tenant) -> None:
    cart = make_cart((make_goods(), 1))
    order = make_order()
    offer = set_price(order.lines[0].variant_id, "7")
    with tenancy.scope(make_platform()):
        guest = api_client()
        token = {"Cart-Token": cart.token or ""}
        assert guest.get(f"/carts/{public_id('crt', cart.id)}", headers=token).status_code == 404
        assert facade.order(order_id=order.id) is None
        assert facade.prices([offer.variant_id]) == {}
        link = {"Order-Token": facade.guest_token(order.group_id)}
        path = f"/orders/{public_id('ord', order.id)}"
        assert guest.get(path, headers=link).status_code == 404
        for kind in ("merchant", "operator", "buyer"):
            client = api_client(make_key(kind=kind))
            assert client.get(path).status_code == 404
            assert client.get("/orders").json()["data"] == []
        client = merchant_client()
        assert client.get(f"/offers/{public_id('off', offer.id)}").status_code == 404
        price = {"unit_price": "1", "currency": "CNY"}
        refused = client.put(f"/variants/{var(offer.variant_id)}/price", price)
        assert refused.json()["code"] == "marketplace.unknown_variant"
        assert client.delete(f"/variants/{var(offer.variant_id)}/price").status_code == 404
    assert str(facade.prices([offer.variant_id])[offer.variant_id].unit_price) == "7.00"


def test_the_shop_window_takes_three_statements(platform: Tenant) -> None:
    merchant = make_merchant()
    for _n in range(6):
        product = make_product(variants=2, merchant_id=merchant.id)
        for price, variant in zip(("5", "3.5"), product.variants, strict=True):
            set_price(variant.id, price)
    cheap = product.variants[1].id
    make_stock(7, variant_id=cheap)
    with CaptureQueriesContext(connection()) as queries:
        page = facade.listings(limit=5)
    assert len(queries) <= 3
    assert len(page.items) == 5
    assert page.has_more
    guest = api_client()
    answer = guest.get("/storefront/products", query={"limit": 5}).json()
    tile = answer["data"][0]
    assert tile["id"] == public_id("prd", product.id)
    assert (tile["lowest_price"], tile["highest_price"]) == ("3.50", "5.00")
    assert tile["available"] == "7"
    rest = guest.get("/storefront/products", query={"cursor": answer["next_cursor"]}).json()
    assert len(rest["data"]) == 1
    shown = guest.get(f"/storefront/products/{tile['id']}", headers={"Accept-Language": "en"})
    assert [(v["unit_price"], v["available"]) for v in shown.json()["variants"]] == [
        ("5.00", "0"),
        ("3.50", "7"),
    ]
    assert shown.json()["title"] == product.titles["en"]
    hidden = make_product(published=False)
    path = f"/storefront/products/{public_id('prd', hidden.id)}"
    assert guest.get(path).status_code == 404
    assert guest.get("/storefront/products", query={"sort": "price"}).status_code == 422


def test_reading_orders_takes_three_statements(platform: Tenant) -> None:
    merchant = make_merchant()
    goods = [make_goods(merchant_id=merchant.id) for _n in range(3)]
    for _n in range(4):
        make_group(*((variant, 1) for variant in goods))
    with CaptureQueriesContext(connection()) as queries:
        page = facade.orders(merchant_id=merchant.id)
    assert [len(order.lines) for order in page.items] == [3] * 4
    assert len(queries) == 3


def test_a_cart_is_read_in_a_fixed_number_of_statements(platform: Tenant) -> None:
    def run(count: int) -> int:
        cart = make_cart(*((make_goods(), 1) for _n in range(count)))
        with CaptureQueriesContext(connection()) as queries:
            assert facade.cart_view(cart_id=cart.id).orderable
        return len(queries)

    few = run(1)
    assert run(6) == few
    assert few <= 8
