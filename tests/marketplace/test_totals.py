"""Parts always sum to the whole, and each line is rounded once."""

from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money, currency_exponent
from marketplace.domain.numbers import ALPHABET, group_number, order_number
from marketplace.domain.prices import plain_price, price_problem, sort_key
from marketplace.domain.quantities import quantity_problem
from marketplace.domain.totals import PricedLine, group_totals, order_totals, parcels

prices = st.decimals(min_value="0.000001", max_value="999999", places=6)
quantities = st.decimals(min_value="0.001", max_value="9999", places=3)
merchants = st.integers(1, 4).map(lambda n: UUID(int=n))
lines = st.lists(
    st.builds(
        PricedLine,
        variant_id=st.uuids(),
        merchant_id=merchants,
        unit_price=prices,
        quantity=quantities,
        weight_grams=st.integers(0, 50_000),
    ),
    min_size=1,
    max_size=12,
)


@given(
    lines,
    st.sampled_from(["CNY", "JPY", "KWD"]),
    st.decimals(min_value=0, max_value=100, places=4),
    st.integers(0, 100_000),
)
def test_parts_sum_to_the_whole(
    found: list[PricedLine], currency: str, rate: Decimal, shipping: int
) -> None:
    split = parcels(found, currency)
    orders = {
        merchant: order_totals(
            parcel,
            shipping=Money(shipping, currency),
            commission=parcel.goods_total.percent(rate),
        )
        for merchant, parcel in split.items()
    }
    whole = group_totals(orders, currency)
    exact = Decimal(10) ** -currency_exponent(currency)
    alone = [
        int(
            (line.unit_price * line.quantity).quantize(exact, ROUND_HALF_UP)
            .scaleb(currency_exponent(currency))
        )
        for line in found
    ]  # fmt: skip
    assert whole.goods_total.amount == sum(alone)
    assert whole.total == whole.goods_total + whole.shipping_total
    assert whole.shipping_total.amount == shipping * len(split)
    assert whole.commission.amount == sum(part.commission.amount for part in orders.values())
    for merchant, part in orders.items():
        assert part.total == part.goods_total + part.shipping_total
        assert Money(0, currency) <= part.commission <= part.goods_total
        mine = [line for line in found if line.merchant_id == merchant]
        grams = sum(line.weight_grams * line.quantity for line in mine)
        assert 0 <= split[merchant].weight_grams - grams < 1


def test_merchants_keep_the_order_of_their_first_line() -> None:
    made = [
        PricedLine(UUID(int=n), UUID(int=m), Decimal(1), Decimal(1), 1)
        for n, m in enumerate([3, 1, 3, 2])
    ]
    assert list(parcels(made, "CNY")) == [UUID(int=3), UUID(int=1), UUID(int=2)]


@pytest.mark.parametrize(
    ("price", "fine"),
    [("0.000001", True), ("12.50", True), ("0", False), ("-1", False), ("0.0000001", False),
     ("1000000000", False), ("999999999.999999", True), ("NaN", False), ("Infinity", False)],
)  # fmt: skip
def test_prices(price: str, fine: bool) -> None:
    assert (price_problem(Decimal(price)) is None) == fine


@pytest.mark.parametrize(
    ("quantity", "unit", "fine"),
    [("1", "C62", True), ("9999", "C62", True), ("10000", "C62", False), ("0", "C62", False),
     ("-1", "C62", False), ("1.5", "C62", False), ("1.5", "KGM", True), ("1.2345", "KGM", False),
     ("1.000", "C62", True), ("NaN", "C62", False)],
)  # fmt: skip
def test_quantities(quantity: str, unit: str, fine: bool) -> None:
    assert (quantity_problem(Decimal(quantity), unit) is None) == fine


def test_prices_are_shown_with_at_least_two_decimals() -> None:
    shown = [str(plain_price(Decimal(p))) for p in ("12.500000", "0.038500", "100.000000")]
    assert shown == ["12.50", "0.0385", "100.00"]
    assert sort_key(Decimal("0.0385"), "CNY") == 4
    assert sort_key(Decimal("12.5"), "JPY") == 13


def test_numbers_can_be_read_out() -> None:
    from datetime import date

    number = group_number(date(2026, 11, 24))
    day, drawn = number.split("-")
    assert day == "20261124"
    assert len(drawn) == 8
    assert set(drawn) <= set(ALPHABET)
    assert not set(ALPHABET) & set("ILOU")
    assert order_number(number, 2) == f"{number}-2"
    assert len({group_number(date(2026, 11, 24)) for _ in range(200)}) == 200
