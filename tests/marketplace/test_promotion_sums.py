"""The arithmetic of promotions: sums that hold for any cart, and what each kind takes off."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.money import unit_price_total
from marketplace.domain.promotions import (
    Item,
    Kind,
    Offered,
    Problem,
    Scope,
    ScopeKind,
    Terms,
    Tier,
    work_out,
)
from marketplace.domain.promotions.terms import problems_of

SHOPS = [UUID(int=number) for number in (101, 102, 103)]
PATHS = ["", "fresh", "fresh/fruit", "freshwater", "tools"]
WIDE = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def item(number: int, price: str, quantity: str = "1", *, shop: int = 0, path: str = "") -> Item:
    total = unit_price_total(Decimal(price), Decimal(quantity), "CNY").amount
    return Item(
        UUID(int=number), SHOPS[shop], UUID(int=1000 + number // 2), path, Decimal(price),
        Decimal(quantity), total,
    )  # fmt: skip


def offer(kind: Kind, number: int = 1, *, shop: int | None = None, **fields: Any) -> Offered:
    terms = {name: fields.pop(name) for name in list(fields) if name in Terms.__slots__}
    merchant = None if shop is None else SHOPS[shop]
    scope = fields.pop("scope", Scope())
    if merchant:
        scope = Scope(scope.kind, scope.names, str(merchant))
    return Offered(
        UUID(int=number),
        kind,
        Terms(**terms),
        scope,
        merchant,
        **fields,
    )


@st.composite
def carts(draw: st.DrawFn) -> list[Item]:
    prices = st.decimals("0.001", "3000", places=3, allow_nan=False)
    quantities = st.one_of(
        st.integers(1, 12).map(Decimal), st.decimals("0.001", "40", places=3, allow_nan=False)
    )
    return [
        item(
            number, str(draw(prices)), str(draw(quantities)), shop=draw(st.integers(0, 2)),
            path=draw(st.sampled_from(PATHS)),
        )
        for number in range(draw(st.integers(1, 6)))
    ]  # fmt: skip


@st.composite
def offers(draw: st.DrawFn) -> list[Offered]:
    found = []
    for number in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(list(Kind)))
        spends = sorted(draw(st.sets(st.integers(2, 200_000), min_size=1, max_size=3)))
        names = draw(st.sets(st.sampled_from(PATHS[1:]), min_size=1))
        found.append(
            offer(
                kind,
                number,
                shop=draw(st.sampled_from([None, 0, 1])),
                percent=draw(st.decimals("0.01", "100", places=2)),
                amount=draw(st.integers(1, 300_000)),
                tiers=tuple(Tier(spend, 1 + place) for place, spend in enumerate(spends)),
                repeat=len(spends) == 1 and draw(st.booleans()),
                buy=draw(st.integers(1, 4)),
                get=draw(st.integers(1, 3)),
                minimum=draw(st.sampled_from([0, 0, 5_000])),
                most=draw(st.sampled_from([None, None, 1, 777])),
                scope=draw(
                    st.sampled_from([Scope(), Scope(ScopeKind.CATEGORIES, frozenset(names))])
                ),
                code=draw(st.sampled_from(["", "A"])),
                priority=draw(st.integers(-1, 1)),
                exclusive=draw(st.booleans()),
                group=draw(st.sampled_from(["", "", "g"])),
                left=draw(st.sampled_from([None, None, 0, 500])),
            )
        )
    return found


@given(carts(), offers())
@WIDE
def test_sums_hold_for_any_cart(cart: list[Item], given_: list[Offered]) -> None:
    found = work_out(cart, given_)
    seen = [one.offered.id for one in found.applied] + [one.offered.id for one in found.refused]
    assert sorted(seen) == sorted(one.id for one in given_)
    for one in found.applied:
        assert sum(one.shares.values()) == one.amount > 0
        assert all(share > 0 for share in one.shares.values())
        assert one.offered.terms.most is None or one.amount <= one.offered.terms.most
        assert one.offered.left is None or one.amount <= one.offered.left
        owner = one.offered.merchant_id
        assert owner is None or all(i.merchant_id == owner for i in cart if i.key in one.shares)
    for line in cart:
        assert 0 <= found.off_by_platform(line.key) <= found.off(line.key) <= line.total
        takers = [one.offered for one in found.applied if line.key in one.shares]
        assert len(takers) == 1 or not any(one.exclusive for one in takers)
        groups = [one.group for one in takers if one.group]
        assert len(groups) == len(set(groups))
    for shop in SHOPS:
        goods = sum(i.total for i in cart if i.merchant_id == shop)
        off = sum(found.off(i.key) for i in cart if i.merchant_id == shop)
        assert off < goods or goods == 0, "something is always left to pay"
    assert sum(found.off(line.key) for line in cart) == found.amount
    assert work_out(list(cart), list(reversed(given_))) == found, "whatever order they come in"


def test_what_each_kind_takes_off() -> None:
    cart = [item(1, "33.33"), item(2, "33.33"), item(3, "33.34")]
    [ten] = work_out(cart, [offer(Kind.PERCENTAGE, percent=Decimal(10))]).applied
    assert (ten.amount, list(ten.shares.values())) == (1000, [333, 333, 334])
    [off] = work_out(cart, [offer(Kind.AMOUNT_OFF, amount=1000)]).applied
    assert list(off.shares.values()) == [333, 333, 334]
    tiers = (Tier(5_000, 500), Tier(10_000, 1_200), Tier(20_000, 3_000))
    [step] = work_out(cart, [offer(Kind.THRESHOLD, tiers=tiers)]).applied
    assert step.amount == 1_200
    each = offer(Kind.THRESHOLD, tiers=(Tier(3_000, 200),), repeat=True)
    assert work_out(cart, [each]).amount == 600
    [low] = work_out(cart, [offer(Kind.THRESHOLD, tiers=(Tier(10_001, 1),))]).refused
    assert (low.problem, low.missing) == (Problem.BELOW_MINIMUM, 1)
    threes = [item(1, "10", "4"), item(2, "6", "2"), item(3, "0.5", "0.5")]
    [gift] = work_out(threes, [offer(Kind.BUY_X_GET_Y, buy=2, get=1, percent=Decimal(100))]).applied
    assert gift.shares == {UUID(int=2): 1200}, "the two cheapest of six; half a unit is none"
    [none] = work_out(
        threes[1:], [offer(Kind.BUY_X_GET_Y, buy=2, get=1, percent=Decimal(100))]
    ).refused
    assert (none.problem, none.missing) == (Problem.BELOW_MINIMUM, 0)


def test_the_order_and_what_combines() -> None:
    cart = [item(1, "100"), item(2, "100", shop=1)]
    tenth: dict[str, Any] = {"percent": Decimal(10)}
    shop = offer(Kind.PERCENTAGE, 9, shop=0, **tenth)
    coupon = offer(Kind.AMOUNT_OFF, 8, shop=0, amount=500, code="FIVE")
    whole = offer(Kind.PERCENTAGE, 1, **tenth)
    found = work_out(cart, [whole, coupon, shop])
    assert [(one.offered.id.int, one.base, one.amount) for one in found.applied] == [
        (9, 10_000, 1_000), (8, 9_000, 500), (1, 8_500 + 10_000, 1_850),
    ]  # fmt: skip
    assert (found.off(cart[0].key), found.off_by_platform(cart[0].key)) == (2_350, 850)
    first = work_out(cart, [shop, coupon, offer(Kind.PERCENTAGE, 1, priority=1, **tenth)])
    assert first.applied[0].base == 20_000, "priority comes first"
    alone = offer(Kind.PERCENTAGE, 5, shop=0, exclusive=True, priority=5, **tenth)
    found = work_out(cart, [alone, coupon, whole])
    assert [one.offered.id.int for one in found.applied] == [5, 1]
    assert found.applied[1].shares == {cart[1].key: 1_000}, "only where it isn't shut out"
    assert [(o.offered.code, o.problem) for o in found.refused] == [
        ("FIVE", Problem.NOT_COMBINABLE)
    ]
    late = offer(Kind.PERCENTAGE, 5, shop=0, exclusive=True, priority=-5, **tenth)
    assert work_out(cart, [late, coupon]).refused[0].offered is late
    pair = [offer(Kind.AMOUNT_OFF, n, amount=100, group="spring") for n in (1, 2)]
    assert [len(x) for x in (work_out(cart, pair).applied, work_out(cart, pair).refused)] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "terms", "field"),
    [
        (Kind.PERCENTAGE, Terms(percent=Decimal("100.5")), "percent"),
        (Kind.PERCENTAGE, Terms(percent=Decimal(5), minimum=-1), "minimum"),
        (Kind.AMOUNT_OFF, Terms(amount=0), "amount"),
        (Kind.THRESHOLD, Terms(), "tiers"),
        (Kind.THRESHOLD, Terms(tiers=(Tier(100, 100),)), "tiers.0"),
        (Kind.THRESHOLD, Terms(tiers=(Tier(200, 20), Tier(100, 30))), "tiers"),
        (Kind.THRESHOLD, Terms(tiers=(Tier(100, 20), Tier(200, 30)), repeat=True), "repeat"),
        (Kind.BUY_X_GET_Y, Terms(buy=0, get=1, percent=Decimal(100)), "buy"),
    ],
)
def test_numbers_that_cant_be(kind: Kind, terms: Terms, field: str) -> None:
    assert [name for name, _code in problems_of(kind, terms)] == [field]
    fine = Terms(percent=Decimal("12.50"), tiers=(Tier(100, 20),), repeat=True, most=7)
    assert Terms.read(fine.plain()) == fine
