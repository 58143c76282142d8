"""A cart whose goods are large: lines × quantity, and the same by cart and order."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import facade as catalog
from kernel.ids import public_id, uuid7
from logistics import facade as logistics
from marketplace import facade
from marketplace.domain.totals import PricedLine, parcels
from marketplace.selectors.carts import load_of
from tests.factories.marketplace import make_cart, make_goods
from tests.factories.platforms import api_client
from tests.logistics.test_rates import RULE, rule

SELLER = UUID(int=1)
sides = st.integers(1, 3000)
lines = st.lists(
    st.builds(
        PricedLine,
        variant_id=st.uuids(),
        merchant_id=st.just(SELLER),
        unit_price=st.just(Decimal(1)),
        quantity=st.decimals(min_value="0.001", max_value="999", places=3),
        weight_grams=st.integers(0, 50_000),
        size_mm=st.none() | st.tuples(sides, sides, sides),
    ),
    min_size=1,
    max_size=6,
)


def charged(found: list[PricedLine], divisor: int | None = 6000) -> int:
    return rule(volume_divisor=divisor).charged(load_of(parcels(found, "CNY")[SELLER]))


@given(lines, st.integers(1000, 100_000))
def test_sums_over_lines(found: list[PricedLine], divisor: int) -> None:
    weight = parcels(found, "CNY")[SELLER].weight_grams
    assert charged(found, None) == weight
    assert charged(found, divisor) >= weight
    assert charged([replace(line, size_mm=None) for line in found], divisor) == weight
    longest = [max(line.size_mm) for line in found if line.size_mm]
    assert parcels(found, "CNY")[SELLER].longest_mm == max(longest, default=0)


@given(lines, st.integers(0, 5), st.integers(0, 2), st.integers(1, 500))
def test_larger_or_more_is_never_charged_less(
    found: list[PricedLine], place: int, side: int, more: int
) -> None:
    line = found[place % len(found)]
    rest = [one for one in found if one is not line]
    assert charged([*rest, replace(line, quantity=line.quantity + more)]) >= charged(found)
    if line.size_mm:
        size = [value + more * (n == side) for n, value in enumerate(line.size_mm)]
        larger = replace(line, size_mm=(size[0], size[1], size[2]))
        assert charged([*rest, larger]) >= charged(found)


def pillow() -> list[catalog.VariantInput]:
    return [catalog.VariantInput(sku="P", options={"size": "M"}, weight_grams=900, length_mm=500,
                                 width_mm=350, height_mm=200)]  # fmt: skip


@pytest.mark.django_db
def test_cart_and_order_charge_the_volume(platform: Any) -> None:
    soft = make_goods("10", inputs=pillow())
    merchant = catalog.variants([soft])[soft].merchant_id
    tea = make_goods("10", merchant_id=merchant)  # 1 kg without a size
    logistics.set_rates(merchant_id=merchant, rules=[{**RULE, "free_from": None}])
    cart = make_cart((soft, 2), (tea, 1))
    [part] = facade.cart_view(cart_id=cart.id).merchants
    assert part.chosen is not None
    assert (part.load.weight_grams, part.chosen.charged_weight_grams) == (2800, 2800)
    before = part.chosen.price
    logistics.set_rates(
        merchant_id=merchant, rules=[{**RULE, "free_from": None, "volume_divisor": 6000}]
    )
    view = facade.cart_view(cart_id=cart.id)
    [quote] = view.merchants[0].quotes
    assert (quote.charged_weight_grams, quote.by_volume) == (11_667 + 1000, True)
    assert quote.price.amount == 600 + 24 * 150 > before.amount
    answer = api_client().get(
        f"/carts/{public_id('crt', cart.id)}", headers={"Cart-Token": cart.token or ""}
    ).json()  # fmt: skip
    [shown] = answer["merchants"]
    assert (shown["weight_grams"], shown["shipping"][0]["charged_weight_grams"]) == (2800, 12_667)
    assert shown["shipping"][0]["by_volume"] is True
    placed = facade.place_order_group(key=uuid7(), cart_id=cart.id)
    assert view.total == placed.orders[0].total
    assert placed.orders[0].shipping_total.amount == quote.price.amount
    assert placed.orders[0].weight_grams == 2800, "what it weighs"


@pytest.mark.django_db
def test_a_piece_that_is_too_long_for_every_tariff_keeps_from_ordering(platform: Any) -> None:
    soft = make_goods("10", inputs=pillow())
    merchant = catalog.variants([soft])[soft].merchant_id
    logistics.set_rates(merchant_id=merchant, rules=[{**RULE, "max_side_mm": 400}])
    cart = make_cart((soft, 1))
    view = facade.cart_view(cart_id=cart.id)
    assert (view.merchants[0].problem, view.missing) == ("logistics.too_big", ("shipping",))
    with pytest.raises(logistics.TooBig):
        facade.place_order_group(key=uuid7(), cart_id=cart.id)
