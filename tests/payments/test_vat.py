"""Tax in prices that contain it: exact to the fen, line by line and in sum."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from payments.domain import vat

RATES = st.sampled_from([Decimal(one) for one in ("13", "9", "6", "3", "1", "0", "1.5")])
LINES = st.lists(st.tuples(st.integers(1, 10**12), RATES), min_size=1, max_size=30)


def exact(gross: int, rate: Decimal) -> Fraction:
    return gross * Fraction(rate) / (100 + Fraction(rate))


@given(LINES)
def test_taxes_are_within_a_fen_of_each_line_and_exact_in_sum(
    lines: list[tuple[int, Decimal]],
) -> None:
    found = vat.taxes([gross for gross, _rate in lines], [rate for _gross, rate in lines])
    for (gross, rate), tax in zip(lines, found, strict=True):
        assert abs(tax - exact(gross, rate)) < 1
        assert 0 <= tax <= gross
    for rate in {rate for _gross, rate in lines}:
        whole = sum(gross for gross, one in lines if one == rate)
        said = sum(tax for (_g, one), tax in zip(lines, found, strict=True) if one == rate)
        assert abs(said - exact(whole, rate)) <= Fraction(1, 2)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.data())
def test_what_is_taken_back_never_exceeds_a_line(left: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(left)))
    parts = vat.shared(amount, left)
    assert sum(parts) == amount
    assert all(0 <= part <= one for part, one in zip(parts, left, strict=True))


@given(st.integers(1, 10**9), RATES, st.lists(st.integers(1, 10**9), max_size=8))
def test_a_line_taken_back_bit_by_bit_ends_at_nothing(
    gross: int, rate: Decimal, bits: list[int]
) -> None:
    [tax] = vat.taxes([gross], [rate])
    left, owed = gross, tax
    for bit in [*bits, gross]:
        part = min(bit, left)
        within = vat.tax_within(part, gross=left, tax=owed)
        assert 0 <= within <= part
        left, owed = left - part, owed - within
        assert 0 <= owed <= left
    assert (left, owed) == (0, 0)


def test_rates_by_day() -> None:
    said = {str(rate) for rate in vat.rates_of("general", date(2026, 5, 1))}
    assert said == {"13", "9", "6", "3", "0"}
    assert Decimal(1) in vat.rates_of("small", date(2027, 12, 31))
    assert Decimal(1) not in vat.rates_of("small", date(2028, 1, 1))
    assert Decimal(13) not in vat.rates_of("general", date(2019, 3, 31))
