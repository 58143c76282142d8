"""Promotions on pages without scripts: at both desks, in the cart, at checkout, on the order."""

import pytest

from marketplace import facade as marketplace
from tests.factories.platforms import make_merchant
from tests.factories.promotions import make_promotion
from tests.factories.storefront import Browser, buy, make_goods, operator, owner_of

pytestmark = pytest.mark.usefixtures("platform")
FORM = {
    "name_zh": "满百减十", "name_en": "Ten off", "kind": "threshold", "tiers": "100 10\n300 40",
    "scope": "all", "scope_ids": "", "way": "code", "code": "ten-off", "priority": "0",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_the_desk_to_the_order(language: str) -> None:
    shop = make_merchant()
    anna, tea = owner_of(shop, language), make_goods(shop, price="60.00")
    assert anna.see("/merchant/promotions/").status_code == 200
    wrong = {"tiers": "100", "code": "?", "budget": "x", "scope": "merchants", "name_zh": ""}
    for name, value in wrong.items():
        more = {"name_en": ""} if name == "name_zh" else {}
        answer = anna.send("/merchant/promotions/new/", **FORM | {name: value} | more)
        assert answer.status_code == 422, name
        assert f'id="id_{name}_error"' in answer.content.decode(), name
    anna.send("/merchant/promotions/new/", **FORM)
    [made] = marketplace.promotions(merchant_id=shop.id).items
    assert (made.state, made.code, len(made.terms.tiers)) == ("draft", "TEN-OFF", 2)
    one = f"/merchant/promotions/{made.public_id}/"
    page = anna.see(one + "edit/").content.decode()
    assert "100.00 10.00" in page
    anna.send(one + "edit/", **FORM | {"name_en": "Ten less"})
    anna.send(one + "act/", page=one, do="active")
    assert marketplace.promotion(promotion_id=made.id, merchant_id=shop.id).state == "active"
    # A browser leaves disabled fields out; the beginning, shown to the minute, stays as it was.
    anna.send(one + "edit/", name_zh="满百减十", name_en="Ten less", priority="3")
    changed = marketplace.promotion(promotion_id=made.id, merchant_id=shop.id)
    assert (changed.priority, changed.starts_at, changed.code) == (3, made.starts_at, "TEN-OFF")
    guest = Browser(language)
    guest.send("/cart/add/", variant=tea.variant, quantity="1")
    refused = guest.send("/cart/code/", do="apply", code="nothing")
    assert refused.status_code == 422
    assert 'id="code-problem"' in refused.content.decode()
    low = guest.send("/cart/code/", do="apply", code="ten-off").content.decode()
    assert "TEN-OFF" in low
    assert ("are missing" if language == "en" else "还差") in low
    done = buy(guest, tea).content.decode()
    name = "Ten less" if language == "en" else "满百减十"
    assert name in done
    assert "TEN-OFF" in done
    [order] = marketplace.orders(merchant_id=shop.id).items
    assert order.discount_total.amount == 1_000
    assert name in anna.see(f"/merchant/orders/{_pid(order)}/").content.decode()
    page = anna.see(one).content.decode()
    assert order.number in page
    csv = anna.get(anna.prefix + "/merchant/promotions/?format=csv")
    assert made.public_id in b"".join(csv.streaming_content).decode()  # type: ignore[attr-defined]
    stranger = owner_of(make_merchant(), language)
    assert stranger.see(one).status_code == 404
    stranger.send(one + "act/", do="ended")
    assert marketplace.promotion(promotion_id=made.id, merchant_id=shop.id).state == "active"
    assert operator(language).see(f"/operator/promotions/{made.public_id}/").status_code == 200


def _pid(order: marketplace.OrderInfo) -> str:
    from kernel.ids import public_id

    return public_id("ord", order.id)


def test_the_platforms_own() -> None:
    anna = operator()
    form = FORM | {"way": "codes", "code": "", "kind": "amount_off", "amount": "5", "tiers": ""}
    anna.send("/operator/promotions/new/", **form)
    [made] = marketplace.promotions(merchant_id=None).items
    one = f"/operator/promotions/{made.public_id}/"
    anna.send(one + "act/", do="draw", count="3")
    anna.send(one + "act/", do="active")
    answer = anna.get(anna.prefix + one + "codes/")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 4
    theirs = make_promotion(merchant_id=make_merchant().id)
    assert theirs.public_id not in anna.see("/operator/promotions/").content.decode()
    assert theirs.public_id in anna.see("/operator/promotions/", whose="all").content.decode()
    code = lines[1].split(",")[0]
    guest, tea = Browser(), make_goods()
    guest.send("/cart/add/", variant=tea.variant, quantity="1")
    assert code in guest.send("/cart/code/", do="apply", code=code).content.decode()
    assert code not in guest.send("/cart/code/", do="remove", code=code).content.decode()
    assert owner_of(make_merchant()).see("/operator/promotions/").status_code == 403
