"""The routes, as a merchant uses payments alone, and as an operator sees them."""

from typing import Any

import pytest

from kernel.ids import public_id, uuid7
from payments import facade
from tests.factories.payments import (
    GATEWAY,
    intent_body,
    make_available,
    make_gateway,
    make_intent,
    make_paid,
    make_payee,
    make_refund,
    make_share,
    wire,
)
from tests.factories.platforms import api_client, make_key, make_platform

pytestmark = pytest.mark.usefixtures("books")
BODY = {
    "amount": {"amount": 12_900, "currency": "CNY"},
    "reference": "A-1007",
    "payment_method_types": ["card", "offline_test"],
    "external_id": "A-1007",
    "metadata": {"erp": "A-17"},
}


@pytest.fixture
def shop(books: Any) -> Any:
    """A merchant's client."""
    return api_client(make_key())


@pytest.fixture
def operator(books: Any) -> Any:
    return api_client(make_key(kind="operator"))


def begin(client: Any, **changes: Any) -> Any:
    answer = client.post("/payments/intents", {**BODY, **changes})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_payment_from_beginning_to_refund(shop: Any) -> None:
    payment = begin(shop)
    assert payment["state"] == "requires_payment_method"
    assert payment["shares"][0]["amount"] == {"amount": 12_900, "currency": "CNY"}
    path = f"/payments/intents/{payment['id']}"
    paid = shop.post(f"{path}/confirm", {"payment_method": "offline_test"}).json()
    assert (paid["state"], paid["shares"][0]["available_at"] is not None) == ("succeeded", True)
    balance = shop.get("/balance").json()["data"]
    assert balance[0]["pending"] == {"amount": 12_900, "currency": "CNY"}
    refund = shop.post("/refunds", {"payment": payment["id"], "amount": {"amount": 900,
                       "currency": "CNY"}, "external_id": "R-1"})  # fmt: skip
    assert (refund.status_code, refund.json()["state"]) == (201, "succeeded")
    rest = shop.post("/refunds", {"payment": payment["id"]}).json()
    assert rest["amount"]["amount"] == 12_000
    assert code(shop.post("/refunds", {"payment": payment["id"]})) == (
        409, "payments.not_refundable",
    )  # fmt: skip
    found = shop.get(path).json()
    assert found["amount_refunded"]["amount"] == 12_900
    rows = shop.get("/balance-transactions").json()["data"]
    assert [(row["type"], row["amount"]["amount"]) for row in rows] == [
        ("refund", -12_000), ("refund", -900), ("charge", 12_900),
    ]  # fmt: skip
    assert {row["order"] for row in rows} == {"A-1007"}
    assert rows[-1]["source"] == payment["id"]
    listed = shop.get("/refunds", query={"payment": payment["id"]}).json()
    assert [row["id"] for row in listed["data"]] == [rest["id"], refund.json()["id"]]
    assert shop.get(f"/refunds/{rest['id']}").json()["state"] == "succeeded"


def test_the_same_key_gives_the_same_answer(shop: Any) -> None:
    first = shop.post("/payments/intents", BODY, idempotency_key="k1")
    again = shop.post("/payments/intents", BODY, idempotency_key="k1")
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    path = f"/payments/intents/{first.json()['id']}/confirm"
    for _ in range(2):
        paid = shop.post(path, {"payment_method": "offline_test"}, idempotency_key="k2")
        assert paid.json()["state"] == "succeeded"
    answer = shop.post(path, {"payment_method": "offline_test"}, idempotency_key="k3")
    assert code(answer) == (409, "invalid_transition")
    for _ in range(2):
        refund = shop.post("/refunds", {"payment": first.json()["id"]}, idempotency_key="k4")
        assert refund.json()["amount"]["amount"] == 12_900
    assert len(shop.get("/refunds").json()["data"]) == 1


def test_a_declined_card_is_402(shop: Any) -> None:
    make_gateway()
    payment = begin(shop)
    intent = facade.intents_page(merchant_id=None).items[0]
    error = {"error": {"type": "card_error", "code": "card_declined", "decline_code": "lost_card",
                       "message": "Your card was declined."}}  # fmt: skip
    with wire() as mock:
        url = f"{GATEWAY}/v1/payment_intents"
        mock.post(url, json=intent_body(intent, "requires_payment_method"))
        mock.post(f"{url}/pi_{intent.id.hex}/confirm", status=402, json=error)
        answer = shop.post(
            f"/payments/intents/{payment['id']}/confirm", {"payment_method": "pm_card_visa"}
        )
    assert code(answer) == (402, "payments.declined")
    assert answer.json()["decline_code"] == "lost_card"
    failure = shop.get(f"/payments/intents/{payment['id']}").json()["failure"]
    assert failure == {"code": "lost_card", "message": "Your card was declined."}


def test_cancel(shop: Any) -> None:
    path = f"/payments/intents/{begin(shop)['id']}"
    assert shop.post(f"{path}/cancel").json()["state"] == "canceled"
    assert shop.post(f"{path}/cancel").json()["state"] == "canceled"
    paid = f"/payments/intents/{begin(shop, external_id=None)['id']}"
    shop.post(f"{paid}/confirm", {"payment_method": "offline_test"})
    assert code(shop.post(f"{paid}/cancel")) == (409, "invalid_transition")


def test_change_and_upsert(shop: Any) -> None:
    payment = begin(shop)
    path = f"/payments/intents/{payment['id']}"
    tag = shop.get(path).headers["ETag"]
    changed = shop.patch(path, {"metadata": {"erp": "B"}}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["metadata"]) == (200, {"erp": "B"})
    stale = shop.patch(path, {"description": "x"}, headers={"If-Match": tag})
    assert code(stale) == (412, "precondition_failed")
    body = {key: value for key, value in BODY.items() if key != "external_id"}
    again = shop.put("/payments/intents/by-external-id/A-1007", {**body, "description": "new"})
    assert (again.json()["id"], again.json()["description"]) == (payment["id"], "new")
    other = shop.put("/payments/intents/by-external-id/A-1008", body)
    assert other.json()["external_id"] == "A-1008"
    body["amount"] = {"amount": 1, "currency": "CNY"}
    assert code(shop.put("/payments/intents/by-external-id/A-1007", body)) == (
        409, "payments.amount_fixed",
    )  # fmt: skip
    assert code(shop.patch(path, {"external_id": "A-1008"})) == (409, "payments.external_id_taken")
    assert code(shop.post("/payments/intents", BODY)) == (409, "payments.external_id_taken")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"amount": {"amount": 0, "currency": "CNY"}}, 422),
        ({"amount": {"amount": -5, "currency": "CNY"}}, 422),
        ({"amount": {"amount": 5.5, "currency": "CNY"}}, 422),
        ({"amount": {"amount": "5", "currency": "CNY"}}, 422),
        ({"amount": {"amount": 5, "currency": "XXQ"}}, 422),
        ({"amount": {"amount": 5, "currency": "cny"}}, 422),
        ({"amount": {"amount": 10**18, "currency": "CNY"}}, 422),
        ({"payment_method_types": []}, 422),
        ({"payment_method_types": ["gold"]}, 422),
        ({"surprise": 1}, 422),
        ({"metadata": {"k": 5}}, 422),
    ],
)
def test_bad_input_leaves_nothing(shop: Any, changes: dict[str, Any], status: int) -> None:
    answer = shop.post("/payments/intents", {**BODY, **changes})
    assert answer.status_code == status, answer.json()
    assert answer.json()["errors"], "it says which field"
    assert shop.get("/payments/intents").json()["data"] == []


def test_lists_page_and_filter(shop: Any) -> None:
    made = [begin(shop, external_id=f"A-{n}", reference=f"R-{n}")["id"] for n in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = shop.get("/payments/intents", query=query).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert seen == made[::-1]
    found = shop.get("/payments/intents", query={"reference": "R-3"}).json()["data"]
    assert [row["id"] for row in found] == [made[3]]
    since = shop.get("/payments/intents", query={"updated_since": found[0]["updated_at"]}).json()
    assert [row["id"] for row in since["data"]] == made[3:]
    assert shop.get("/payments/intents", query={"state": "succeeded"}).json()["data"] == []
    assert shop.get("/payments/intents", query={"expand": "refunds"}).status_code == 422


def test_payouts(operator: Any) -> None:
    merchant = make_payee()
    shop = api_client(make_key(merchant_id=merchant))
    make_available(make_share(10_000, 500, merchant_id=merchant))
    body = {"amount": {"amount": 4_000, "currency": "CNY"}, "external_id": "P-1"}
    first = shop.post("/payouts", body)
    assert (first.status_code, first.json()["state"]) == (201, "pending")
    rest = operator.post("/payouts", {"merchant": public_id("mer", merchant)}).json()
    assert rest["amount"]["amount"] == 5_500
    assert code(shop.post("/payouts", {})) == (409, "payments.insufficient_balance")
    listed = shop.get("/payouts").json()["data"]
    assert [row["id"] for row in listed] == [rest["id"], first.json()["id"]]
    assert shop.get(f"/payouts/{rest['id']}").json()["destination_last4"] == "4321"
    rows = shop.get("/balance-transactions", query={"type": "payout"}).json()["data"]
    assert {row["payout"] for row in rows} == {rest["id"], first.json()["id"]}
    rows = shop.get("/balance-transactions", query={"source": rest["id"]}).json()["data"]
    assert [row["available"]["amount"] for row in rows] == [-5_500]
    assert operator.post("/payouts", {}).status_code == 422, "the merchant must be named"
    [balance] = operator.get("/balance", query={"merchant": public_id("mer", merchant)}).json()[
        "data"
    ]
    assert balance["in_transit"]["amount"] == 9_500


def test_the_statement_sums_up_to_the_balance() -> None:
    merchant = make_payee()
    shop = api_client(make_key(merchant_id=merchant))
    make_available(make_share(10_000, 500, merchant_id=merchant))
    paid = make_paid(make_share(3_000, 150, merchant_id=merchant))
    shop.post("/payouts", {})
    refund = make_refund(paid, 1_000)
    facade.record_refund(refund_id=refund.id, result=facade.perform_refund(refund_id=refund.id))
    late = make_available(make_share(2_000, 0, merchant_id=merchant))
    shop.post("/payouts", {})
    refund = make_refund(late)
    facade.record_refund(refund_id=refund.id, result=facade.perform_refund(refund_id=refund.id))
    rows = shop.get("/balance-transactions", query={"limit": 100}).json()["data"]
    found = facade.balance(merchant_id=merchant)
    assert found.owed.amount == 2_000
    assert sum(row["pending"]["amount"] for row in rows) == found.pending.amount
    assert sum(row["available"]["amount"] for row in rows) == found.available.amount
    assert (
        sum(row["amount"]["amount"] for row in rows)
        == (found.pending + found.available - found.owed).amount
    )


def test_refunds_and_payouts_under_the_sellers_own_id() -> None:
    merchant = make_payee()
    shop = api_client(make_key(merchant_id=merchant))
    payment = begin(shop)
    shop.post(f"/payments/intents/{payment['id']}/confirm", {"payment_method": "offline_test"})
    body = {"payment": payment["id"], "amount": {"amount": 900, "currency": "CNY"}}
    made = [shop.put("/refunds/by-external-id/R-1", body).json() for _ in range(3)]
    assert len({refund["id"] for refund in made}) == 1
    assert made[0]["external_id"] == "R-1"
    body["amount"] = {"amount": 901, "currency": "CNY"}
    assert code(shop.put("/refunds/by-external-id/R-1", body)) == (409, "payments.key_reused")
    assert shop.get(f"/payments/intents/{payment['id']}").json()["amount_refunded"]["amount"] == 900
    make_available(make_share(1_000, 0, merchant_id=merchant))
    paid = [shop.put("/payouts/by-external-id/P-1", {}).json() for _ in range(3)]
    assert len({payout["id"] for payout in paid}) == 1
    assert paid[0]["amount"]["amount"] == 1_000
    other = {"amount": {"amount": 999, "currency": "CNY"}}
    assert code(shop.put("/payouts/by-external-id/P-1", other)) == (409, "payments.key_reused")


def test_another_merchants_objects_answer_as_absent(shop: Any) -> None:
    payment = begin(shop)
    shop.post(f"/payments/intents/{payment['id']}/confirm", {"payment_method": "offline_test"})
    refund = shop.post("/refunds", {"payment": payment["id"], "amount": {"amount": 5, "currency":
                       "CNY"}}).json()  # fmt: skip
    ours = public_id("pay", make_intent().id)
    stranger = api_client(make_key())
    absent = public_id("pay", uuid7())
    for method, path, body in (
        ("GET", "/payments/intents/{}", None),
        ("PATCH", "/payments/intents/{}", {"description": "x"}),
        ("POST", "/payments/intents/{}/confirm", {"payment_method": "offline_test"}),
        ("POST", "/payments/intents/{}/cancel", None),
    ):
        answers = [
            stranger.request(method, path.format(target), body)
            for target in (payment["id"], ours, absent)
        ]
        shown = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
        assert [answer.status_code for answer in answers] == [404] * 3
        assert shown[0] == shown[1] == shown[2]
    assert stranger.get(f"/refunds/{refund['id']}").status_code == 404
    assert stranger.post("/refunds", {"payment": payment["id"]}).status_code == 404
    mine = public_id("mer", facade.intents_page(merchant_id=None).items[-1].shares[0].merchant_id)
    assert stranger.get("/balance", query={"merchant": mine}).status_code == 404
    for path in ("/payments/intents", "/refunds", "/payouts", "/balance-transactions"):
        assert stranger.get(path).json()["data"] == []


def test_another_platforms_objects_answer_as_absent(shop: Any) -> None:
    payment = begin(shop)
    elsewhere = make_platform()
    from kernel import tenancy

    with tenancy.scope(elsewhere):
        there = api_client(make_key(kind="operator"))
        assert there.get(f"/payments/intents/{payment['id']}").status_code == 404
        assert there.get("/payments/intents").json()["data"] == []


def test_who_may_do_what(shop: Any, books: Any) -> None:
    guest = api_client(code=books.code)
    buyer = api_client(make_key(kind="buyer"))
    reader = api_client(make_key(scopes=("payments:read",)))
    for path in ("/payments/intents", "/refunds", "/payouts", "/balance", "/balance-transactions"):
        assert guest.get(path).status_code == 401
        assert buyer.get(path).status_code == 403
        assert reader.get(path).status_code == 200
    assert reader.post("/payments/intents", BODY).status_code == 403
    assert reader.post("/payouts", {}).status_code == 403
    writer = api_client(make_key(scopes=("payments:write", "payments:read")))
    assert writer.post("/payouts", {}).status_code == 403, "payouts have a scope of their own"


def test_commission_by_the_platforms_rate(shop: Any) -> None:
    from platforms import facade as platforms

    platforms.change_settings(settings={"payments": {"commission_rate": "2.5"}})
    share = begin(shop, amount={"amount": 1_999, "currency": "CNY"})["shares"][0]
    assert share["commission"]["amount"] == 50
