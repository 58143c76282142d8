"""Quantities convert exactly inside a dimension and never across."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.quantity import IncompatibleUnits, InvalidQuantity, Quantity, UnknownUnit
from kernel.units import UNITS

values = st.decimals(-(10**9), 10**9, places=3, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "source", "target", "result"),
    [
        ("31.240", "TNE", "KGM", "31240"),
        ("1", "LBR", "GRM", "453.59237"),
        ("1", "BUA", "LTR", "35.23907016688"),
        ("2", "DZN", "C62", "24"),
        ("1", "GRM", "TNE", "0.000001"),
        ("1", "LTN", "KGM", "1016.0469088"),
        ("1", "KGM", "LBR", "2.204622622"),
        ("1", "ANN", "MON", "12"),
    ],
)
def test_conversions(value: str, source: str, target: str, result: str) -> None:
    assert Quantity(Decimal(value), source).convert(target).value == Decimal(result)


@given(values, st.sampled_from(["MGM", "GRM", "TNE", "LBR", "ONZ", "STN"]))
def test_to_kilograms_and_back_is_exact(value: Decimal, code: str) -> None:
    there = Quantity(value, code).convert("KGM")
    assert there == Quantity(value, code)
    assert there.convert(code).value == value


def test_across_dimensions_is_an_error() -> None:
    for target in ("LTR", "C62", "XBX", "MON"):
        with pytest.raises(IncompatibleUnits):
            Quantity(Decimal(1), "KGM").convert(target)
    with pytest.raises(IncompatibleUnits):
        assert Quantity(Decimal(1), "KGM") < Quantity(Decimal(1), "LTR")
    with pytest.raises(IncompatibleUnits):
        Quantity(Decimal(1), "XBX") + Quantity(Decimal(1), "XCT")
    assert Quantity(Decimal(1), "KGM") != Quantity(Decimal(1), "LTR")


def test_arithmetic_and_order() -> None:
    tonne, kilo = Quantity(Decimal(1), "TNE"), Quantity(Decimal(1000), "KGM")
    assert tonne == kilo
    assert hash(tonne) == hash(kilo)
    assert tonne + kilo == Quantity(Decimal(2), "TNE")
    assert (tonne - kilo).value == 0
    assert not tonne - kilo
    assert tonne > Quantity(Decimal("999.999"), "KGM")
    assert tonne * Decimal("0.5") == Quantity(Decimal(500), "KGM")


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("31.24", "TNE", "31.240"),
        ("31.24012", "TNE", "31.24012"),
        ("3", "C62", "3"),
        ("3.000", "C62", "3"),
        ("1.5", "C62", "1.5"),
        ("0", "TNE", "0.000"),
        ("1E+3", "C62", "1000"),
        ("-0.5", "KGM", "-0.500"),
    ],
)
def test_shown(value: str, code: str, text: str) -> None:
    assert Quantity(Decimal(value), code).as_api() == {"value": text, "unit": code}


@pytest.mark.parametrize("wrong", [1.5, True, "1", None, Decimal("NaN"), Decimal(10) ** 16])
def test_only_decimals(wrong: Any) -> None:
    with pytest.raises(InvalidQuantity):
        Quantity(wrong, "KGM")


@pytest.mark.parametrize("wrong", ["", "1e3", "1.", "abc", "0.0000000001", 5])
def test_parse_refuses(wrong: Any) -> None:
    with pytest.raises(InvalidQuantity):
        Quantity.parse(wrong, "KGM")


def test_parse_positive() -> None:
    assert Quantity.parse("31.240", "TNE", positive=True).value == Decimal("31.240")
    for text in ("0", "-1", "0.000"):
        with pytest.raises(InvalidQuantity) as caught:
            Quantity.parse(text, "TNE", positive=True)
        assert caught.value.problems[0].field == "value"


def test_unknown_unit() -> None:
    with pytest.raises(UnknownUnit):
        Quantity(Decimal(1), "kg")


def test_every_unit_has_names_and_a_positive_factor() -> None:
    assert all(u.factor > 0 and u.names["en"] and u.names["zh-hans"] for u in UNITS.values())
