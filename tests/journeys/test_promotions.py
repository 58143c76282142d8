"""A promotion of the platform and a merchant's coupon through checkout, refund and release: the
buyer, the merchants and the platform each get back or keep what they gave, to the fen."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from journeys import facade as journeys
from kernel import outbox
from kernel.ids import public_id
from kernel.money import Money
from marketplace import facade as marketplace
from marketplace.facade import Tier
from marketplace.models import Promotion
from payments import facade as payments
from tests.factories.promotions import make_promotion
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(platform: Any) -> Iterator[str]:
    with serving() as url:
        key = make_account()
        connect(url, key)
        yield key


def booked(code: str) -> int:
    """What stands on the platform's account of that code, debits less credits."""
    report = payments.trial_balance()
    assert report.balanced, report.problems
    return sum(r.debits_posted - r.credits_posted for r in report.rows if r.code == code)


def test_everyone_pays_their_part_and_gets_it_back(sandbox: str) -> None:
    world = make_world(2, price="10.01")
    shop = world.shops[0].merchant_id
    make_promotion(merchant_id=shop, code="SHOP", amount=301)
    ours = make_promotion(kind="threshold", tiers=(Tier(2_000, 700),), budget=10_000)
    cart = world.cart(2, 3)
    marketplace.apply_code(cart_id=cart, code="SHOP")
    shown = marketplace.cart_view(cart_id=cart)
    assert shown.discount_total == Money(301 + 700)
    info = journeys.start_checkout(
        key=uuid4(), cart_id=cart, payment_method="pm_card_visa", expected_total=shown.total.amount
    )
    assert info.state == "done"
    assert info.group_id is not None
    group = marketplace.group(group_id=info.group_id)
    assert booked("subsidy") == group.platform_discount.amount == 700
    intent = payments.intent_for(reference=public_id("ogr", group.id))
    assert intent.amount == group.total == shown.total
    for order in group.orders:
        revenue = order.goods_total - order.discount_total + order.platform_discount
        assert order.commission == revenue.percent(5)
        balance = payments.balance(merchant_id=order.merchant_id)
        assert balance.pending == revenue + order.shipping_total - order.commission
    first, second = group.orders
    asked = journeys.ask_invoice(
        key=uuid4(), order=first, buyer=payments.InvoiceBuyer(kind="person", title="李秀英")
    )
    assert asked.amount == first.total
    assert journeys.cancel_order(order_id=first.id).state == "done"
    assert booked("subsidy") == second.platform_discount.amount
    back = payments.balance(merchant_id=first.merchant_id)
    assert (back.pending, back.available) == (Money(0), Money(0))
    row = Promotion.objects.get(id=ours.id)
    assert (row.uses, row.spent) == (1, second.platform_discount.amount)
    assert booked("gateway") == second.total.amount - booked("gateway_fee")
    marketplace.mark_shipped(order_id=second.id)
    journeys.accept_order(order_id=second.id)
    outbox.drain()
    got = payments.balance(merchant_id=second.merchant_id)
    revenue = second.goods_total - second.discount_total + second.platform_discount
    assert got.available == revenue + second.shipping_total - second.commission
    told = payments.order_statement(merchant_id=second.merchant_id, currency="CNY")
    assert told.tied
    assert told.total.gross == revenue + second.shipping_total
    assert payments.order_statement(
        merchant_id=first.merchant_id, currency="CNY"
    ).total.net == Money(0)
    # A refund after release: the buyer and the platform in proportion, the rest with the last fen.
    share = payments.intent_for(reference=public_id("ogr", group.id)).shares[1]
    for amount in (333, second.total.amount - 333):
        payments.refund_intent(
            key=uuid4(),
            intent_id=intent.id,
            shares=[payments.RefundShare(second.merchant_id, share.reference, Money(amount))],
        )
    assert booked("subsidy") == 0
    assert booked("commission") == 0
    got = payments.balance(merchant_id=second.merchant_id)
    assert got.available - got.owed == Money(0)


def test_a_checkout_given_up_gives_the_code_back(sandbox: str) -> None:
    world = make_world(1)
    made = make_promotion(way="codes")
    [code] = marketplace.draw_codes(promotion_id=made.id, merchant_id=None, count=1)
    cart = world.cart(2)
    marketplace.apply_code(cart_id=cart, code=code)
    declined = "pm_card_visa_chargeDeclinedInsufficientFunds"
    info = journeys.start_checkout(key=uuid4(), cart_id=cart, payment_method=declined)
    assert info.state == "waiting"
    journeys.leave_checkout(checkout_id=info.id)
    view = marketplace.cart_view(cart_id=cart)
    assert [(one.code, one.problem) for one in view.coupons] == [(code, "")]
    again = journeys.start_checkout(
        key=uuid4(), cart_id=cart, payment_method="pm_card_visa",
        expected_total=view.total.amount,
    )  # fmt: skip
    assert again.state == "done"
