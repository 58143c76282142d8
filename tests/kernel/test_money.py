"""Money: exact, never a float, and parts that sum to the whole."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.currencies import UnknownCurrency, active, currency, table
from kernel.errors import Invalid
from kernel.money import (
    CurrencyMismatch,
    InvalidMoney,
    Money,
    currency_exponent,
    total,
    unit_price_total,
)

amounts = st.integers(min_value=-(10**14), max_value=10**14)
weights = st.lists(
    st.one_of(
        st.integers(0, 10**9),
        st.decimals(0, 10**6, places=4, allow_nan=False, allow_infinity=False),
    ),
    min_size=1,
    max_size=30,
)


@given(amounts, weights)
def test_parts_sum_to_the_whole(amount: int, shares: list[int | Decimal]) -> None:
    parts = Money(amount, "CNY").allocate(shares)
    assert sum(part.amount for part in parts) == amount
    assert len(parts) == len(shares)


@given(amounts, weights)
def test_no_part_is_a_whole_unit_away_from_its_exact_share(
    amount: int, shares: list[int | Decimal]
) -> None:
    whole = sum((Decimal(share) for share in shares), Decimal(0))
    for part, share in zip(Money(amount, "CNY").allocate(shares), shares, strict=True):
        exact = Decimal(amount) * Decimal(share) / whole if whole else Decimal(amount) / len(shares)
        assert abs(part.amount - exact) < Decimal("1.000001")


@given(amounts, weights)
def test_nobody_with_weight_zero_gets_anything(amount: int, shares: list[int | Decimal]) -> None:
    if not any(shares):
        return
    for part, share in zip(Money(amount, "CNY").allocate(shares), shares, strict=True):
        assert share or part.amount == 0


def test_largest_remainder_goes_first_and_ties_to_the_earlier() -> None:
    assert [m.amount for m in Money(100, "CNY").allocate([1, 1, 1])] == [34, 33, 33]
    assert [m.amount for m in Money(-100, "CNY").allocate([1, 1, 1])] == [-34, -33, -33]
    assert [m.amount for m in Money(10, "CNY").allocate([1, 2, 4])] == [1, 3, 6]
    assert [m.amount for m in Money(5, "CNY").allocate([0, 0])] == [3, 2]


@pytest.mark.parametrize("wrong", [[], [-1], [Decimal("NaN")], [0.5], [True]])
def test_bad_weights_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidMoney):
        Money(10, "CNY").allocate(wrong)


@pytest.mark.parametrize("wrong", [1.0, Decimal(1), "1", True, None, 10**18])
def test_only_whole_minor_units(wrong: Any) -> None:
    with pytest.raises(InvalidMoney):
        Money(wrong, "CNY")


@pytest.mark.parametrize("wrong", ["cny", "XYZ", "", None, 156])
def test_unknown_currency_names_the_field(wrong: Any) -> None:
    with pytest.raises(UnknownCurrency) as caught:
        Money(1, wrong)
    assert caught.value.problems[0].field == "currency"


@pytest.mark.parametrize(
    ("text", "code", "minor"),
    [
        ("12.34", "CNY", 1234),
        ("12.3", "CNY", 1230),
        ("-0.01", "CNY", -1),
        ("1234", "JPY", 1234),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("12.340", "CNY", 1234),
    ],
)
def test_parse(text: str, code: str, minor: int) -> None:
    assert Money.parse(text, code) == Money(minor, code)


@pytest.mark.parametrize("wrong", ["12.345", "1e3", "", "1,000", "NaN", "٣", 1.5, None])
def test_parse_refuses(wrong: Any) -> None:
    with pytest.raises(InvalidMoney):
        Money.parse(wrong, "CNY")


def test_arithmetic_keeps_to_one_currency() -> None:
    assert Money(3, "CNY") + Money(4, "CNY") == Money(7, "CNY")
    assert Money(3, "CNY") - Money(4, "CNY") == Money(-1, "CNY")
    assert 3 * Money(3, "CNY") == Money(9, "CNY")
    assert -Money(3, "CNY") == Money(-3, "CNY")
    assert Money(3, "CNY") < Money(4, "CNY") <= Money(4, "CNY")
    with pytest.raises(CurrencyMismatch):
        Money(3, "CNY") + Money(4, "USD")
    with pytest.raises(CurrencyMismatch):
        assert Money(3, "CNY") < Money(4, "USD")
    for wrong in (1.5, Decimal(2), True):
        with pytest.raises(Invalid):
            Money(3, "CNY") * wrong  # type: ignore[operator]
    assert total([Money(1, "USD"), Money(2, "USD")], "USD") == Money(3, "USD")
    assert total([], "JPY") == Money(0, "JPY")


def test_per_cent_rounds_half_away_from_zero() -> None:
    assert Money(30, "CNY").percent(Decimal(5)) == Money(2, "CNY")
    assert Money(-30, "CNY").percent(Decimal(5)) == Money(-2, "CNY")
    assert Money(29, "CNY").percent(Decimal(5)) == Money(1, "CNY")
    with pytest.raises(InvalidMoney):
        Money(30, "CNY").percent(0.05)  # type: ignore[arg-type]


def test_a_line_is_rounded_once() -> None:
    assert unit_price_total(Decimal("3.3333"), Decimal(3), "CNY") == Money(1000, "CNY")
    assert unit_price_total(Decimal("2365.00"), Decimal("31.240"), "CNY") == Money(7388260, "CNY")
    assert unit_price_total(Decimal("0.5"), Decimal(1), "JPY") == Money(1, "JPY")
    # 40 digits: rounded once from the exact product, not first to 28 digits
    exact = unit_price_total(Decimal("0.0049999999999999999999999999999"), Decimal(1), "CNY")
    assert exact == Money(0, "CNY")
    with pytest.raises(InvalidMoney):
        unit_price_total(3.3, Decimal(3), "CNY")  # type: ignore[arg-type]


def test_shown() -> None:
    assert str(Money(1234, "CNY")) == "12.34 CNY"
    assert str(Money(1234, "JPY")) == "1234 JPY"
    assert Money(1234, "KWD").as_api() == {"amount": 1234, "currency": "KWD"}
    assert Money(5, "CNY").major == Decimal("0.05")


def test_the_table_follows_iso_4217() -> None:
    assert {code: currency_exponent(code) for code in ("CNY", "JPY", "KWD", "CLF", "IQD")} == {
        "CNY": 2, "JPY": 0, "KWD": 3, "CLF": 4, "IQD": 3,
    }  # fmt: skip
    in_use = [row for row in table().values() if row.valid_until is None]
    assert len({row.numeric for row in in_use}) == len(in_use) > 150
    assert all(len(row.numeric) == 3 and row.names["zh-hans"] for row in table().values())


def test_withdrawn_currencies_stay_readable_but_take_no_new_prices() -> None:
    assert currency("HRK").exponent == 2
    assert active("HRK", on=date(2022, 12, 31)).code == "HRK"
    with pytest.raises(UnknownCurrency):
        active("HRK", on=date(2023, 1, 1))
    with pytest.raises(UnknownCurrency):
        active("XCG", on=date(2025, 3, 30))
