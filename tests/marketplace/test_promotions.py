"""Promotions in carts and orders: what comes off, who may use a code how often, and back again."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test.utils import CaptureQueriesContext

from catalog import facade as catalog
from kernel import clock, outbox, tenancy
from kernel.ids import uuid7
from kernel.money import Money
from kernel.records.audit import AuditRecord
from kernel.tenancy import Tenant
from kernel.transactions import atomic, connection
from marketplace import facade, locks
from marketplace.facade import OrderGroupInfo, PromotionInput, Terms, Tier
from marketplace.models import Coupon, OrderLine, Promotion, Redemption
from marketplace.services.redeem import give_back
from tests.factories.catalog import make_category
from tests.factories.marketplace import make_cart, make_goods, make_group, place
from tests.factories.platforms import make_merchant, make_person
from tests.factories.promotions import NAMES, make_promotion
from tests.marketplace.test_races import at_once


def problem_of(call: Any, *args: Any, **fields: Any) -> str:
    with pytest.raises(facade.CouponRefused) as caught:
        call(*args, **fields)
    found: str = caught.value.params["coupons"][0]["problem"]
    return found


def enter(cart_id: UUID, code: str) -> facade.CartView:
    return facade.apply_code(cart_id=cart_id, code=code)


def test_from_the_cart_to_the_order(platform: Tenant) -> None:
    shop = make_merchant()
    fruit = make_category(parent_id=make_category(slug="fresh").id)
    pear = make_goods("33.33", merchant_id=shop.id, category_id=fruit.id)
    tea, rice = make_goods("50", merchant_id=shop.id), make_goods("0.335")
    fresh = catalog.category_by_path("fresh")
    make_promotion(
        merchant_id=shop.id, kind="percentage", percent=Decimal(10), scope="categories",
        scope_names=(str(fresh.id),),
    )  # fmt: skip
    make_promotion(merchant_id=shop.id, code="FIVE", minimum=10_000)
    tiers = (Tier(10_000, 1_000), Tier(50_000, 9_000))
    make_promotion(kind="threshold", tiers=tiers)
    cart = make_cart((pear, 2), (tea, 1), (rice, 3))
    view = enter(cart.id, " fi ve ")
    goods = 6666 + 5000 + 101
    assert (view.goods_total, view.discount_total.amount) == (Money(goods), 667 + 500 + 1_000)
    assert view.shipping_total is not None
    assert view.total == view.goods_total - view.discount_total + view.shipping_total
    assert [one.paid_by for one in view.discounts] == ["merchant", "merchant", "platform"]
    assert [(one.code, one.amount.amount, one.problem) for one in view.coupons] == [
        ("FIVE", 500, "")
    ]
    group = place(cart, expected_total=view.total.amount)
    assert (group.total, group.discount_total) == (view.total, view.discount_total)
    first, second = group.orders
    for order in group.orders:
        assert order.total == order.goods_total - order.discount_total + order.shipping_total
        lines = [line.discount_total.amount for line in order.lines]
        assert sum(lines) == order.discount_total.amount
        told = {line.variant_id: 0 for line in order.lines}
        for part in order.discounts:
            assert sum(one.amount for one in part.lines) == part.amount.amount
            for one in part.lines:
                told[one.variant_id] += one.amount
        assert list(told.values()) == lines
        ours = sum(line.platform_discount.amount for line in order.lines)
        assert ours == order.platform_discount.amount
        revenue = order.goods_total - order.discount_total + order.platform_discount
        assert order.commission == revenue.percent(order.commission_rate)
    assert group.platform_discount.amount == 1_000
    assert second.discount_total == second.platform_discount == Money(10), "its part of 1,000"
    assert facade.order(order_id=first.id) == first
    assert facade.cart_view(cart_id=cart.id).coupons == ()
    used = Redemption.objects.order_by("id")
    assert sum(row.amount for row in used) == group.discount_total.amount
    assert len(used) == 4, "the platform's over both orders"


def test_what_keeps_a_code_from_counting(platform: Tenant) -> None:
    shop, buyer = make_merchant(), make_person(role="buyer")
    tea, other = make_goods("20", merchant_id=shop.id), make_goods("20")
    now, day = clock.business(), timedelta(days=1)
    make_promotion(merchant_id=shop.id, code="LATER", starts_at=now + day)
    make_promotion(merchant_id=shop.id, code="MUCH", minimum=5_000)
    paused = make_promotion(merchant_id=shop.id, code="PAUSED")
    facade.move_promotion(promotion_id=paused.id, merchant_id=shop.id, to="paused")
    ended = make_promotion(merchant_id=shop.id, code="ENDED")
    facade.move_promotion(promotion_id=ended.id, merchant_id=shop.id, to="ended")
    make_promotion(merchant_id=shop.id, code="DRAFT", active=False)
    make_promotion(merchant_id=shop.id, code="ONCE", max_uses_each=1, stack_group="a")
    make_promotion(merchant_id=shop.id, code="ALSO", stack_group="a")
    make_promotion(merchant_id=shop.id, code="OTHER", scope="variants", scope_names=(str(tea),))
    cart = make_cart((tea, 1))
    assert problem_of(enter, cart.id, "nothing") == "unknown"
    assert problem_of(enter, cart.id, "DRAFT") == "unknown"
    assert problem_of(enter, cart.id, "PAUSED") == "paused"
    assert problem_of(enter, cart.id, "ENDED") == "expired"
    assert problem_of(enter, cart.id, "ONCE") == "needs_account"
    [much] = enter(cart.id, "MUCH").coupons
    assert (much.problem, much.missing) == ("below_minimum", Money(3_000))
    [_much, later] = enter(cart.id, "LATER").coupons
    assert later.problem == "not_started"
    assert problem_of(place, cart) == "below_minimum", "who names no total wants them all"
    far = make_cart((other, 1))
    assert [one.problem for one in enter(far.id, "OTHER").coupons] == ["no_goods"]
    shown = facade.cart_view(cart_id=far.id)
    assert place(far, expected_total=shown.total.amount).discount_total == Money(0)
    mine = make_cart((tea, 1), buyer_id=buyer.id)
    assert enter(mine.id, "ONCE").discount_total == Money(500)
    assert problem_of(enter, mine.id, "ALSO") == "not_combinable"
    group = place(mine)
    mine = make_cart((tea, 1), buyer_id=buyer.id)
    assert problem_of(enter, mine.id, "ONCE") == "used_before"
    facade.cancel_group(group_id=group.id, reason="test", restore_cart=True)
    view = facade.cart_view(cart_id=mine.id)
    assert [(one.code, one.problem) for one in view.coupons] == [("ONCE", "")], "given back"
    assert facade.remove_code(cart_id=mine.id, code="once").coupons == ()
    five = make_cart((tea, 1))
    for number in range(6):
        make_promotion(merchant_id=shop.id, code=f"N{number}-X")
    for number in range(5):
        enter(five.id, f"N{number}-X")
    with pytest.raises(facade.TooManyCodes):
        enter(five.id, "N5-X")


def test_an_empty_cart_knows_which_codes_there_are(platform: Tenant) -> None:
    cart = make_cart(address=False)
    assert problem_of(enter, cart.id, "nope") == "unknown"
    make_promotion(code="LATER")
    [mine] = enter(cart.id, "later").coupons
    assert (mine.code, mine.problem) == ("LATER", "no_goods")


def test_limits_are_counted_and_given_back(platform: Tenant) -> None:
    made = make_promotion(code="LIMIT", max_uses=2, budget=900)
    two = [make_goods("4"), make_goods("6")]
    group = make_group_with("LIMIT", *((one, 1) for one in two))
    assert group.platform_discount == Money(500)
    cart = make_cart((two[1], 1))
    assert problem_of(enter, cart.id, "LIMIT") == "used_up", "4.00 are left, not 5.00"
    row = Promotion.objects.get(id=made.id)
    assert (row.uses, row.spent, row.version) == (1, 500, made.version)
    facade.cancel_group(group_id=group.id, reason="test")
    row.refresh_from_db()
    assert (row.uses, row.spent) == (0, 0)
    use = facade.promotion_use(promotion_id=made.id)
    assert (use.purchases, use.discount, use.given_back) == (0, Money(0), 1)


def make_group_with(code: str, *lines: tuple[UUID, int], **fields: Any) -> OrderGroupInfo:
    cart = make_cart(*lines, **fields)
    enter(cart.id, code)
    return place(cart)


def test_one_order_of_two_is_cancelled(platform: Tenant) -> None:
    made = make_promotion(amount=1_000, max_uses=5)
    group = make_group((make_goods("40"), 1), (make_goods("60"), 1), paid=True)
    row = Promotion.objects.get(id=made.id)
    first = group.orders[0]
    facade.begin_cancel(order_id=first.id)
    facade.mark_cancelled(order_id=first.id)
    row.refresh_from_db()
    assert (row.uses, row.spent) == (1, 600), "the purchase stands with the other order"
    assert give_back(first.id), "repeatable"
    row.refresh_from_db()
    assert (row.uses, row.spent) == (1, 600)


def test_a_promotion_is_made_changed_and_ended(platform: Tenant) -> None:
    shop, stranger = make_merchant(), make_merchant()
    tea = make_goods(merchant_id=stranger.id)
    wrong = PromotionInput(
        names={}, kind="threshold", terms=Terms(tiers=(Tier(100, 100),)), scope="variants",
        scope_names=(str(tea),), way="code", code="?", max_uses=0,
    )  # fmt: skip
    with pytest.raises(facade.InvalidPromotion) as caught:
        facade.create_promotion(merchant_id=shop.id, given=wrong)
    fields = {one.field for one in caught.value.problems}
    assert fields == {"name", "terms.tiers.0", "scope.ids.0", "code", "max_uses"}
    made = make_promotion(merchant_id=shop.id, code="mine-1", active=False)
    with pytest.raises(facade.CodeTaken):
        make_promotion(merchant_id=stranger.id, code="MINE-1")
    given = PromotionInput(
        names=NAMES, kind="percentage", terms=Terms(percent=Decimal(5)), way="code", code="MINE-2"
    )
    changed = facade.change_promotion(promotion_id=made.id, merchant_id=shop.id, given=given)
    assert (changed.code, changed.kind) == ("MINE-2", "percentage")
    assert set(Coupon.objects.values_list("code", flat=True)) == {"MINE-2"}
    with pytest.raises(facade.PromotionNotFound):
        facade.change_promotion(promotion_id=made.id, merchant_id=stranger.id, given=given)
    with pytest.raises(facade.PromotionNotFound):
        facade.move_promotion(promotion_id=made.id, merchant_id=None, to="active")
    facade.move_promotion(promotion_id=made.id, merchant_id=shop.id, to="active")
    fixed = PromotionInput(
        names=NAMES, kind="percentage", terms=Terms(percent=Decimal(50)), way="code", code="MINE-2"
    )
    with pytest.raises(facade.PromotionState):
        facade.change_promotion(promotion_id=made.id, merchant_id=shop.id, given=fixed)
    pear = make_goods("10", merchant_id=shop.id)
    make_group_with("MINE-2", (pear, 1))
    soon = clock.business() + timedelta(minutes=1)
    later = PromotionInput(**{**vars(given), "max_uses": 1, "ends_at": soon})
    limited = facade.change_promotion(promotion_id=made.id, merchant_id=shop.id, given=later)
    assert limited.max_uses == 1
    assert Promotion.objects.get(id=made.id).uses == 1, "counted when there is a limit to count for"
    assert problem_of(enter, make_cart((pear, 1)).id, "MINE-2") == "used_up"
    Promotion.objects.filter(id=made.id).update(
        ends_at=clock.business(), starts_at=soon - timedelta(days=1)
    )
    assert facade.end_over_promotions() == 1
    assert facade.promotion(promotion_id=made.id, merchant_id=shop.id).state == "ended"
    actions = set(AuditRecord.objects.filter(target_id=made.id).values_list("action", flat=True))
    assert actions == {
        f"marketplace.promotion.{what}" for what in ("created", "changed", "activated", "ended")
    }


def test_a_platform_without_promotions_pays_one_read(platform: Tenant) -> None:
    cart = make_cart((make_goods(), 1))

    def reads() -> list[str]:
        with CaptureQueriesContext(connection()) as queries, tenancy.scope(platform):
            facade.cart_view(cart_id=cart.id)
        return [one["sql"] for one in queries if "marketplace_promotion" in one["sql"]]

    assert len(reads()) == 1
    assert not [one for one in reads() if "marketplace_coupon" in one]
    group = place(cart)
    assert not OrderLine.objects.filter(order__group_id=group.id, discount_total__gt=0).exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_codes_and_budgets_race(platform: Tenant) -> None:
    tea = make_goods("20", stock=1000)
    made = make_promotion(way="codes")
    [code] = facade.draw_codes(promotion_id=made.id, merchant_id=None, count=1)
    make_promotion(amount=300, budget=900, stack_group="own")
    carts = [make_cart((tea, 1)) for _n in range(6)]
    for cart in carts:
        enter(cart.id, code)
    found = at_once(platform, *[lambda c=cart: place(c, key=uuid7()) for cart in carts])
    groups = [one for one in found if isinstance(one, OrderGroupInfo)]
    assert len(groups) == 1, found
    assert sum(isinstance(one, facade.CouponRefused) for one in found) == 5
    with tenancy.scope(platform):
        for cart in carts:
            facade.remove_code(cart_id=cart.id, code=code)
        found = at_once(platform, *[lambda c=cart: place(c, key=uuid7()) for cart in carts])
        off = [g.discount_total.amount for g in (*groups, *found) if isinstance(g, OrderGroupInfo)]
        assert off.count(300) + off.count(800) == 3, found
        assert Promotion.objects.get(budget=900).spent == 900
        row = Coupon.objects.get(code=code)
        assert row.uses == 1
        # Somebody holds the promotion: cancelling doesn't wait, and the event's handler does it.
        held, free = threading.Event(), threading.Event()

        def hold() -> None:
            with atomic():
                locks.promotion(Promotion.objects.get(budget=900).id, None)
                held.set()
                free.wait(20)

        def cancel() -> int:
            held.wait(20)
            facade.cancel_group(group_id=groups[0].id, reason="test")
            kept = Redemption.objects.filter(returned_at=None, group_id=groups[0].id).count()
            free.set()
            outbox.drain()
            return kept

        _none, kept = at_once(platform, hold, cancel)
        assert kept == 2, kept
        assert Promotion.objects.get(budget=900).spent == 600
        assert Coupon.objects.get(code=code).uses == 0
