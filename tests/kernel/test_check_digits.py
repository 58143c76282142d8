"""Check digits, with published specimens and against every single mistyped sign."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.check_digits import (
    CREDIT_ALPHABET,
    credit_check,
    credit_code_problem,
    organisation_check,
    resident_check,
    resident_number_problem,
)

TODAY = date(2026, 5, 1)
BODY = st.builds(
    lambda kind, region, rest: f"9{kind}{region}{rest}",
    st.sampled_from("123"),
    st.sampled_from(["110000", "220101", "350100"]),
    st.text(CREDIT_ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize("code", ["91110000600037341L", "91350100M000100Y43"])
def test_published_credit_codes(code: str) -> None:
    assert credit_code_problem(code) == ""


def test_organisation_part() -> None:
    assert organisation_check("60003734") == "1"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("91110000600037341M", "check"),
        ("9111000060003734L", "length"),
        ("91110000600037341I", "form"),
        ("91990000600037341L", "region"),
        ("9A110000600037341L", "check"),
        ("91A10000600037341L", "form"),
    ],
)
def test_wrong_credit_codes(code: str, problem: str) -> None:
    assert credit_code_problem(code) == problem


@given(BODY, st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_any_one_wrong_sign_of_a_credit_code_is_found(body: str, place: int, sign: str) -> None:
    code = body + credit_check(body)
    assert credit_code_problem(code) == ""
    wrong = code[:place] + sign + code[place + 1 :]
    assert (credit_code_problem(wrong) == "") == (wrong == code)


@pytest.mark.parametrize("number", ["11010519491231002X", "360426199101010071"])
def test_published_resident_numbers(number: str) -> None:
    assert resident_number_problem(number, today=TODAY) == ""


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("130681136250023332", "birth"),
        ("440524188001010014", "birth"),  # born 1880: the check is right
        ("110105194912310021", "check"),
        ("990105194912310021", "region"),
        ("11010519491231002x", "form"),  # the caller writes it upper case first
        ("110105491231002", "length"),
        ("110105202605020011", "birth"),  # tomorrow
        ("11010519490231002X", "birth"),
    ],
)
def test_wrong_resident_numbers(number: str, problem: str) -> None:
    assert resident_number_problem(number, today=TODAY) == problem


def test_check_of_the_published_wrong_number() -> None:
    assert resident_check("13068113625002333") == "X"


@given(st.dates(date(1930, 1, 1), date(2026, 4, 30)), st.integers(0, 999), st.data())
def test_any_one_wrong_digit_of_a_resident_number_is_found(
    born: date, order: int, data: st.DataObject
) -> None:
    body = f"220101{born:%Y%m%d}{order:03d}"
    number = body + resident_check(body)
    assert resident_number_problem(number, today=TODAY) == ""
    place = data.draw(st.integers(0, 17))
    sign = data.draw(st.sampled_from("0123456789" + ("X" if place == 17 else "")))
    wrong = number[:place] + sign + number[place + 1 :]
    assert (resident_number_problem(wrong, today=TODAY) == "") == (wrong == number)
