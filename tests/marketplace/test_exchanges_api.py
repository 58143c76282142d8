"""Exchanges by the API: who may, what is refused and why, what an erasure leaves."""

from typing import Any

import pytest

from kernel import jobs, mail, outbox, personal
from kernel.ids import public_id
from marketplace import facade
from tests.factories.exchanges import Sizes, make_sizes
from tests.factories.platforms import api_client, make_key, make_person
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect

PICTURE = {"name": "seam.png", "data": "iVBORw0KGgo="}


def bought(shop: Sizes, quantity: int = 2) -> tuple[facade.OrderInfo, dict[str, str]]:
    order = shop.bought(quantity)
    return order, {"Order-Token": facade.guest_token(order.group_id)}


@pytest.mark.django_db(transaction=True)
def test_a_guest_and_a_merchant(platform: Any) -> None:
    shop = make_sizes()
    owner = make_person(role="merchant_owner", merchant_id=shop.merchant_id, language="en")
    with serving() as url:
        connect(url, make_account())
        order, token = bought(shop)
        guest, stranger = api_client(), api_client(make_key())
        merchant = api_client(make_key(merchant_id=order.merchant_id))
        where = f"/orders/{public_id('ord', order.id)}"
        assert guest.get(f"{where}/exchangeable").status_code == 404
        may = guest.get(f"{where}/exchangeable", headers=token).json()
        [line] = may["lines"]
        own, other, dearer = (public_id("var", one) for one in shop.variants)
        assert [one["variant_id"] for one in line["replacements"]] == [own, other]
        assert [one["available"] for one in line["replacements"]] == ["8", "10"]
        wanted = {"variant_id": own, "quantity": "1", "replacement": other}
        body = {"lines": [wanted], "cause": "defective", "text": "开线了", "pictures": [PICTURE]}
        refusals: list[tuple[dict[str, Any], str, str]] = [
            ({"quantity": "3"}, "marketplace.invalid_return", "lines.0.quantity"),
            ({"replacement": dearer}, "marketplace.exchange_price_differs", "lines.0.replacement"),
            ({"piece": "rtl_01k00000000000000000000000"}, "marketplace.invalid_return",
             "lines.0.variant_id"),
        ]  # fmt: skip
        for change, code, field in refusals:
            answer = guest.post(
                f"{where}/exchanges", body | {"lines": [wanted | change]}, headers=token
            )
            found = answer.json()
            assert (answer.status_code, found["code"]) == (422, code), answer.content
            assert found["errors"][0]["field"] == field
        sent = {"headers": token, "idempotency_key": "exchange-of-the-shirt-1"}
        made = guest.post(f"{where}/exchanges", body, **sent).json()
        assert guest.post(f"{where}/exchanges", body, **sent).json() == made
        assert (made["kind"], made["lines"][0]["replacement"]["variant_id"]) == ("exchange", other)
        one = f"/returns/{made['id']}"
        assert merchant.get("/returns", query={"kind": "refund"}).json()["data"] == []
        assert merchant.get("/returns", query={"kind": "exchange"}).json()["data"] == [made]
        for step in ("receive", "send", "refund"):
            assert stranger.post(f"{one}/exchange/{step}", {}).status_code == 404
            assert guest.post(f"{one}/exchange/{step}", {}, headers=token).status_code == 401
        assert merchant.post(f"{one}/exchange/send").status_code == 409
        assert merchant.post(f"{one}/exchange/confirm").status_code == 403
        line_id = made["lines"][0]["id"]
        given = [{"line": line_id, "variant_id": dearer}]
        approved = merchant.post(f"{one}/approve", {"send_to": "街 1 号", "lines": given}).json()
        assert approved["lines"][0]["replacement"]["changed"] is True
        guest.post(f"{one}/sent", {"carrier": "EMS", "waybill": "E1"}, headers=token)
        assert merchant.post(f"{one}/receive", {}).status_code == 409, "not a return"
        got = merchant.post(f"{one}/exchange/receive", {"restock": True}).json()
        assert (got["state"], got["restocked"], got["refund"]) == ("received", True, None)
        assert guest.post(f"{where}/accept", headers=token).json()["code"] == (
            "marketplace.exchange_open"
        )
        done = merchant.post(f"{one}/exchange/send").json()
        assert (done["kind"], done["state"], done["subject"]) == ("replace", "done", made["id"])
    resent = guest.get(one, headers=token).json()
    assert resent["resent_waybill"]
    assert resent["shipment"].startswith("shp_")
    ended = guest.post(f"{one}/exchange/confirm", headers=token).json()
    assert ended["state"] == "exchanged"
    may = guest.get(f"{where}/returnable", headers=token).json()
    assert [(p["variant_id"], p["piece"], p["left"]) for p in may["lines"]] == [
        (own, None, "1"), (dearer, line_id, "1"),
    ]  # fmt: skip
    back = {"lines": [{"piece": line_id, "quantity": "1"}], "cause": "no_reason"}
    foreseen = guest.post(f"{where}/returns/preview", back, headers=token).json()
    assert foreseen["lines"] == [
        {"variant_id": dearer, "piece": line_id, "refund": {"amount": 1000, "currency": "CNY"}}
    ], "what was paid, whatever the replacement costs"
    again = guest.post(f"{where}/exchanges", back, headers=token).json()
    assert again["lines"][0]["piece"] == line_id
    outbox.drain()
    letters = mail.letters().items
    assert {one.subject.split(" · ")[0] for one in letters if one.to == owner.email} == {
        "A buyer asks for an exchange", "Goods to be exchanged are on their way to you",
    }  # fmt: skip
    to_guest = {one.subject.split(" · ")[0] for one in letters if one.to == "wang@people.example"}
    assert {"您的换货已获同意", "您寄回的商品已送达", "您的换货商品已寄出"} <= to_guest
    events = merchant.get("/events", query={"limit": 100}).json()["data"]
    told = [event for event in events if event["type"].startswith("marketplace.return.")]
    assert {event["data"]["kind"] for event in told} == {"exchange"}
    assert "marketplace.return.resent.v1" in {event["type"] for event in told}


def test_the_money_instead_by_a_key(platform: Any) -> None:
    shop = make_sizes()
    order, token = bought(shop)
    guest = api_client()
    merchant = api_client(make_key(merchant_id=order.merchant_id))
    where = f"/orders/{public_id('ord', order.id)}/exchanges"
    variant = public_id("var", shop.variants[0])
    body = {"lines": [{"variant_id": variant, "quantity": "1"}], "cause": "damaged"}
    first = guest.post(where, body, headers=token).json()
    at_once = merchant.post(
        f"/returns/{first['id']}/approve", {"send_to": "街 1 号", "refund": True}
    )
    assert (at_once.json()["kind"], at_once.json()["turned"]) == ("refund", "merchant")
    second = guest.post(where, body, headers=token).json()
    one = f"/returns/{second['id']}"
    shop.stock(0, 0)
    missing = merchant.post(f"{one}/approve", {"send_to": "街 1 号"}).json()
    assert (missing["code"], missing["lines"][0]["available"]) == (
        "marketplace.replacement_missing", "0.000",
    )  # fmt: skip
    shop.stock(0, 1)
    merchant.post(f"{one}/approve", {"send_to": "街 1 号"})
    later = merchant.post(f"{one}/exchange/refund").json()
    assert (later["state"], later["journey"]) == ("approved", None)
    done = merchant.post(f"{one}/receive", {}).json()
    assert (done["kind"], done["state"]) == ("return", "done")


def test_none_where_the_platform_offers_none(platform: Any) -> None:
    from platforms import facade as platforms

    shop = make_sizes()
    order, token = bought(shop)
    platforms.change_settings(settings={"marketplace": {"exchange_days": 0}})
    guest = api_client()
    where = f"/orders/{public_id('ord', order.id)}"
    may = guest.get(f"{where}/exchangeable", headers=token).json()
    assert (may["problem"], may["until"]) == ("marketplace.not_exchangeable", None)
    body = {
        "lines": [{"variant_id": public_id("var", shop.variants[0]), "quantity": "1"}],
        "cause": "damaged",
    }
    answer = guest.post(f"{where}/exchanges", body, headers=token)
    assert (answer.status_code, answer.json()["code"]) == (409, "marketplace.not_exchangeable")
    assert guest.get(f"{where}/returnable", headers=token).json()["problem"] is None


def test_words_and_pictures_go_with_their_key(platform: Any) -> None:
    """Erased: the return stays with its numbers; words and pictures open no more."""
    shop = make_sizes()
    order, token = bought(shop)
    guest = api_client()
    body = {
        "lines": [{"variant_id": public_id("var", shop.variants[0]), "quantity": "1"}],
        "cause": "defective", "text": "王芳的裙子", "pictures": [PICTURE],
    }  # fmt: skip
    where = f"/orders/{public_id('ord', order.id)}/exchanges"
    made = guest.post(where, body, headers=token).json()
    found = facade.returns_page().items[0]
    picture = f"/returns/{made['id']}/pictures/{made['pictures'][0]['id']}"
    assert guest.get(picture, headers=token).status_code == 200
    personal.erase(found.id)
    jobs.drain()
    assert guest.get(picture, headers=token).status_code == 404
    assert facade.order_return(return_id=found.id).text == ""
