"""The operator finds every order; whoever may not sees none, at no address."""

import pytest

from kernel.ids import public_id
from kernel.outbox import drain
from marketplace import facade as marketplace
from platforms import facade as platforms
from tests.factories.platforms import make_merchant, make_person
from tests.factories.storefront import (
    PASSWORD,
    Browser,
    buy,
    make_goods,
    operator,
    operator_with,
    owner_of,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("platform")
LIST = "/operator/orders/"


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
def two() -> tuple[marketplace.OrderInfo, marketplace.OrderInfo]:
    """A guest's order at one shop, a signed-in buyer's at another."""
    tea, rice = make_goods(make_merchant()), make_goods(make_merchant())
    buy(Browser(), tea)
    buyer = make_person(password=PASSWORD, email="wang@people.example", name="Wang Fang")
    buy(sign_in(buyer), rice)
    drain()
    of_buyer, of_guest = marketplace.orders(limit=2).items
    assert of_buyer.buyer_id == buyer.id
    return of_guest, of_buyer


def test_found_by_number_buyer_merchant_state_and_day(
    two: tuple[marketplace.OrderInfo, marketplace.OrderInfo],
) -> None:
    of_guest, of_buyer = two
    desk = operator()

    def found(**asked: str) -> list[bool]:
        page = text(desk.see(LIST, **asked))
        return [one.number in page for one in two]

    assert found() == [True, True]
    assert found(q=of_guest.number) == [True, False]
    assert found(q=public_id("ord", of_guest.id)) == [True, False]
    assert found(q="wang@people.example") == [False, True]
    assert found(merchant=public_id("mer", of_guest.merchant_id)) == [True, False]
    assert found(purchase=public_id("ogr", of_buyer.group_id)) == [False, True]
    assert found(state="delivered") == [False, False]
    day = f"{of_guest.placed_at:%Y-%m-%d}"
    assert found(**{"from": "2000-01-01", "to": "2199-12-31"}) == [True, True]
    assert found(to="2001-01-01") == [False, False]
    assert "before the first" in text(desk.see(LIST, **{"from": day, "to": "2001-01-01"}))
    assert "isn’t a day" in text(desk.see(LIST, to="tomorrow")).replace("&#x27;", "’")
    assert "No account has the address" in text(desk.see(LIST, q="nobody@people.example"))
    assert desk.see(LIST, merchant="mer_nothing").status_code == 404
    export = b"".join(desk.see(LIST, format="csv", q=of_guest.number).streaming_content).decode()
    assert of_guest.number in export
    assert of_buyer.number not in export


def test_one_order_with_who_and_what(
    two: tuple[marketplace.OrderInfo, marketplace.OrderInfo],
) -> None:
    desk = operator()
    for one, who in zip(two, ("Guest", "wang@people.example"), strict=True):
        page = text(desk.see(f"{LIST}{public_id('ord', one.id)}/"))
        assert who in page
        assert one.number in page
        assert one.contact is None or one.contact.phone in page
        assert "marketplace.order.paid" in page


def test_staff_without_the_permission_see_and_act_nowhere(
    two: tuple[marketplace.OrderInfo, marketplace.OrderInfo],
) -> None:
    _of_guest, of_buyer = two
    number = public_id("ord", of_buyer.id)
    writer = operator_with("content")
    assert writer.see(LIST).status_code == 403
    assert writer.see(f"{LIST}{number}/").status_code == 403
    # In the shop an operator is a buyer like others: neither the page nor what it does.
    for desk in (writer, operator()):
        assert desk.see(f"/orders/{number}/").status_code == 404
        assert desk.see(f"/purchases/{public_id('ogr', of_buyer.group_id)}/").status_code == 404
        desk.send(f"/orders/{number}/cancel/", page=f"/orders/{number}/", reason="no")
    assert marketplace.orders(among=[of_buyer.id]).items[0].state == "paid"


def test_an_operator_buys_like_others() -> None:
    goods = make_goods(make_merchant())
    boss = operator()
    buy(boss, goods)
    [own] = marketplace.orders(limit=1).items
    assert boss.see(f"/orders/{public_id('ord', own.id)}/").status_code == 200


def test_a_merchant_finds_the_orders_of_some_days(
    two: tuple[marketplace.OrderInfo, marketplace.OrderInfo],
) -> None:
    of_guest, _of_buyer = two
    desk = owner_of(platforms.merchant(of_guest.merchant_id))
    assert of_guest.number in text(desk.see("/merchant/orders/", **{"from": "2000-01-01"}))
    assert of_guest.number not in text(desk.see("/merchant/orders/", to="2001-01-01"))
