"""The routes of promotions and codes: whose, refusals, exports."""

from kernel.ids import public_id
from kernel.tenancy import Tenant
from tests.factories.marketplace import make_goods
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.marketplace.test_api import merchant_client, var

SENT = {
    "name": {"en": "Tenth off"}, "kind": "percentage", "terms": {"percent": "10"},
    "way": "code", "code": "tenth",
}  # fmt: skip


def test_promotions_by_api(platform: Tenant) -> None:
    shop = make_merchant()
    tea = make_goods("20", merchant_id=shop.id)
    client, stranger = merchant_client(shop.id), merchant_client()
    bad = client.post("/promotions", {**SENT, "terms": {"percent": "0"}})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "terms.percent")
    scoped = {"kind": "variants", "ids": ["prd_nothing"]}
    assert client.post("/promotions", {**SENT, "scope": scoped}).status_code == 422
    own = {**SENT, "scope": {"kind": "variants", "ids": [var(tea)]}}
    made = client.put("/promotions/by-external-id/P-1", own)
    assert made.status_code == 200, made.content
    shown = made.json()
    assert (shown["state"], shown["code"], shown["paid_by"]) == ("draft", "TENTH", "merchant")
    assert shown["scope"]["ids"] == [var(tea)]
    path = f"/promotions/{shown['id']}"
    again = client.put("/promotions/by-external-id/P-1", {**own, "priority": 5})
    assert (again.json()["id"], again.json()["priority"]) == (shown["id"], 5)
    assert stranger.get(path).status_code == 404
    assert stranger.put(f"{path}/state", {"state": "active"}).status_code == 404
    stale = {"If-Match": made.headers["ETag"]}
    assert client.put(f"{path}/state", {"state": "active"}, headers=stale).status_code == 412
    assert client.put(f"{path}/state", {"state": "active"}).json()["state"] == "active"
    refused = client.put(path, {**own, "terms": {"percent": "50"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "marketplace.promotion_state")
    assert client.post(f"{path}/codes", {"count": 5}).status_code == 422
    guest = api_client()
    cart = guest.post("/carts", {"lines": [{"variant_id": var(tea), "quantity": "1"}]}).json()
    token, where = {"Cart-Token": cart["token"]}, f"/carts/{cart['id']}/codes"
    unknown = guest.post(where, {"code": "none"}, headers=token)
    assert (unknown.status_code, unknown.json()["code"]) == (409, "marketplace.coupon_refused")
    view = guest.post(where, {"code": "Tenth"}, headers=token).json()
    assert view["total"] == {"amount": 1800, "currency": "CNY"}
    assert view["discounts"][0]["lines"][0]["amount"]["amount"] == 200
    assert guest.delete(f"{where}/tenth", headers=token).json()["coupons"] == []
    assert client.get(f"{path}/use").json()["purchases"] == 0
    assert client.get(f"{path}/redemptions").json()["data"] == []
    reader = api_client(make_key(merchant_id=shop.id, scopes=("promotions:read",)))
    assert reader.get("/promotions?q=TENTH").json()["data"][0]["id"] == shown["id"]
    assert reader.post("/promotions", SENT).status_code == 403


def test_the_platforms_by_api(platform: Tenant) -> None:
    operator = api_client(make_key(kind="operator"))
    sent = {"name": {"en": "Five"}, "kind": "amount_off", "terms": {"amount": 500}, "way": "codes"}
    made = operator.post("/promotions", sent)
    assert made.status_code == 201, made.content
    assert (made.json()["merchant_id"], made.json()["paid_by"]) == (None, "platform")
    path = f"/promotions/{made.json()['id']}"
    drawn = operator.post(f"{path}/codes", {"count": 3}).json()["codes"]
    listed = operator.get(f"{path}/codes?limit=2").json()
    assert len(set(drawn)) == 3
    assert [row["code"] for row in listed["data"]] == drawn[:2]
    assert operator.post(f"{path}/codes", {"count": 10_000}).status_code == 422
    shop = make_merchant()
    theirs = merchant_client(shop.id).post("/promotions", SENT).json()
    mer = public_id("mer", shop.id)
    only = operator.get(f"/promotions?merchant_id={mer}").json()["data"]
    assert [row["id"] for row in only] == [theirs["id"]]
    put = operator.put(f"/promotions/{theirs['id']}/state", {"state": "active"})
    assert put.status_code == 404, "operators don't spend merchants' money"
