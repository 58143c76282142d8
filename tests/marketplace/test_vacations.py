"""A shop on holiday: nothing is sold in it, by the clock, also at its first instant."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import facade as catalog
from kernel import clock
from kernel.errors import DomainError
from kernel.ids import public_id
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from marketplace import facade
from marketplace.models import Order
from tests.factories.marketplace import make_cart, make_goods, make_order, place
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.factories.storefront import Browser, owner_of
from tests.factories.storefront import make_goods as make_shop_goods
from tests.marketplace.test_races import at_once

DAY = timedelta(days=1)


def seller(variant_id: Any) -> Any:
    return catalog.variants([variant_id])[variant_id].merchant_id


def test_lines_are_marked_and_checkout_says_what_to_do(platform: Tenant) -> None:
    tea, rice = make_goods(), make_goods()
    cart = make_cart((tea, 1), (rice, 1))
    until = clock.business() + 3 * DAY
    facade.set_vacation(merchant_id=seller(tea), ends_at=until, messages={"zh-Hans": "放假三天"})
    view = facade.cart_view(cart_id=cart.id)
    problems = {line.variant_id: line.problems for line in view.lines}
    assert problems == {tea: ("on_vacation",), rice: ()}
    assert not view.orderable
    away = {part.merchant_id: part.vacation and part.vacation.messages for part in view.merchants}
    assert away == {seller(rice): None, seller(tea): {"zh-Hans": "放假三天"}}
    with pytest.raises(facade.MerchantOnVacation) as refused:
        place(cart)
    assert refused.value.field == "lines"
    assert [one["variant_id"] for one in refused.value.params["lines"]] == [public_id("var", tea)]
    assert refused.value.params["until"] == until.isoformat()
    with pytest.raises(facade.MerchantOnVacation) as refused:
        facade.add_to_cart(cart_id=cart.id, variant_id=tea, quantity=Decimal(1))
    assert refused.value.field == "variant_id"
    facade.remove_cart_line(cart_id=cart.id, variant_id=tea)
    assert len(place(cart).orders) == 1


def test_it_begins_and_ends_by_the_clock(platform: Tenant) -> None:
    tea = make_goods()
    cart, now = make_cart((tea, 1)), clock.business()
    merchant = seller(tea)
    begin, end = now + DAY, now + 2 * DAY
    facade.set_vacation(merchant_id=merchant, starts_at=begin, ends_at=end)

    def sells(at: datetime) -> bool:
        with clock.frozen(at):
            assert (facade.vacation(merchant).state(at) == "running") == bool(
                facade.vacations([merchant])
            )
            return facade.cart_view(cart_id=cart.id).orderable

    tick = timedelta(microseconds=1)
    moments = [begin - tick, begin, end - tick, end]
    assert [sells(at) for at in moments] == [True, False, False, True]
    with clock.frozen(end):
        assert place(cart).orders


def test_orders_from_before_go_on(platform: Tenant) -> None:
    order = make_order(state="pending_payment")
    facade.set_vacation(merchant_id=order.merchant_id, ends_at=clock.business() + DAY)
    facade.mark_group_paid(group_id=order.group_id)
    facade.begin_ship(order_id=order.id)
    found = facade.order(order_id=order.id)
    assert found is not None
    assert str(found.state) == "shipping"


def test_over_http(platform: Tenant) -> None:
    merchant = make_merchant()
    own = api_client(make_key(merchant_id=merchant.id))
    now = clock.business()
    stamp = partial(datetime.isoformat, timespec="seconds")
    body = {"ends_at": stamp(now + DAY), "messages": {"en": "Away"}}
    fresh = own.get("/shop/vacation")
    assert fresh.json()["state"] == "none"
    made = own.put("/shop/vacation", body, headers={"If-Match": fresh["ETag"]})
    assert (made.status_code, made.json()["state"]) == (200, "running"), made.content
    began = made.json()["starts_at"]
    assert own.put("/shop/vacation", body, headers={"If-Match": fresh["ETag"]}).status_code == 412
    longer = own.put("/shop/vacation", body | {"ends_at": stamp(now + 2 * DAY)}).json()
    assert longer["starts_at"] == began
    seen = api_client().get(f"/shops/{merchant.public_id}/vacation").json()
    assert (seen["state"], seen["messages"]) == ("running", {"en": "Away"})
    for wrong, field in (
        ({"ends_at": stamp(now - DAY)}, "ends_at"),
        ({"ends_at": stamp(now + 200 * DAY)}, "ends_at"),
        ({"starts_at": stamp(now + 400 * DAY), "ends_at": stamp(now + 401 * DAY)}, "starts_at"),
        ({"ends_at": stamp(now + DAY), "messages": {"fr": "x"}}, "messages.fr"),
        ({"ends_at": stamp(now + DAY), "messages": {"en": "x" * 301}}, "messages.en"),
    ):
        refused = own.put("/shop/vacation", wrong)
        assert refused.status_code == 422, wrong
        assert refused.json()["errors"][0]["field"] == field
    for _ in range(2):
        assert own.delete("/shop/vacation").json()["state"] == "none"
    told = OutboxEvent.objects.filter(type="marketplace.vacation.changed.v1")
    assert told.count() == 3  # set, longer, ended; a repetition tells nothing
    waiting = make_merchant(approved=False)
    assert api_client().get(f"/shops/{waiting.public_id}/vacation").status_code == 404


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=st.integers(-5, 5), length=st.integers(-3, 8), look=st.integers(-6, 12))
def test_running_is_just_from_beginning_until_before_the_end(
    platform: Tenant, start: int, length: int, look: int
) -> None:
    merchant, now, hour = make_merchant().id, clock.business(), timedelta(hours=1)
    with clock.frozen(now):
        begin, end = now + start * hour, now + (start + length) * hour
        try:
            facade.set_vacation(merchant_id=merchant, starts_at=begin, ends_at=end)
        except facade.InvalidVacation:
            assert end <= max(begin, now)
            return
    at = now + look * hour
    assert bool(facade.vacations([merchant], at=at)) == (max(begin, now) <= at < end)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_say_so(platform: Tenant, language: str) -> None:
    goods = make_shop_goods()
    desk = owner_of(goods.merchant, language)
    browser = Browser(language)
    browser.send("/cart/add/", variant=goods.variant)
    until = (clock.business() + 2 * DAY).strftime("%Y-%m-%dT%H:%M")
    answer = desk.send("/merchant/shop/vacation/", ends_at=until, message_0="放假", message_1="Off")
    assert answer.status_code == 200
    holiday = "The shop is on holiday" if language == "en" else "店铺休假中"
    message = "Off" if language == "en" else "放假"
    product = f"/products/{goods.product.slug}/"
    for path in (product, f"/shops/{goods.merchant.slug}/", "/cart/"):
        text = browser.see(path).content.decode()
        assert holiday in text, path
        assert message in text, path
    text = browser.see(product).content.decode()
    block = text.split('<script type="application/ld+json">')[1].split("</script>")[0]
    [offer] = json.loads(block)["offers"]
    assert offer["availability"] == "https://schema.org/OutOfStock"
    typed = datetime.fromisoformat(until).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert datetime.fromisoformat(offer["availabilityStarts"]) == typed
    assert browser.see("/checkout/").redirect_chain[-1][0].endswith("/cart/")
    bad = desk.send("/merchant/shop/vacation/", ends_at="2020-01-01T00:00", message_1="Keep me")
    assert bad.status_code == 422
    assert "Keep me" in bad.content.decode()
    desk.send("/merchant/shop/vacation/end/")
    text = browser.see(product).content.decode()
    assert holiday not in text
    assert "https://schema.org/InStock" in text


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_no_order_is_placed_in_a_holiday_set_at_the_same_moment(platform: Tenant) -> None:
    tea = make_goods(stock=1000)
    merchant = seller(tea)
    for _round in range(4):
        carts = [make_cart((tea, 1)) for _ in range(5)]
        found = at_once(
            platform,
            *[partial(place, cart) for cart in carts[:3]],
            partial(facade.set_vacation, merchant_id=merchant, ends_at=clock.business() + DAY),
            *[partial(place, cart) for cart in carts[3:]],
        )
        refused = [one for one in found if isinstance(one, DomainError)]
        assert {type(one) for one in refused} <= {facade.MerchantOnVacation}
        info = facade.vacation(merchant)
        assert info.starts_at is not None
        late = Order.objects.filter(merchant_id=merchant, placed_at__gte=info.starts_at)
        assert late.count() == 0
        facade.end_vacation(merchant_id=merchant)
