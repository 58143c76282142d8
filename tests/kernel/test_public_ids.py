"""Public ids: the same number back, sorted alike, nothing malformed taken."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import NotFound
from kernel.ids import parse_public_id, public_id


@settings(max_examples=50)
@given(st.uuids(), st.uuids())
def test_there_and_back_in_the_same_order(one: UUID, two: UUID) -> None:
    names = [public_id("prd", value) for value in (one, two)]
    assert [parse_public_id("prd", name) for name in names] == [one, two]
    assert (names[0] < names[1]) == (one < two)


WRONG = ("prd_", "prd_8" + "0" * 25, "prd_" + "u" * 26, "ord_" + "0" * 26, "prd_" + "0" * 27)


@pytest.mark.parametrize("text", WRONG)
def test_malformed_is_absent(text: str) -> None:
    with pytest.raises(NotFound):
        parse_public_id("prd", text)


def test_the_ends() -> None:
    assert public_id("prd", UUID(int=0)) == "prd_" + "0" * 26
    assert public_id("prd", UUID(int=2**128 - 1)) == "prd_7" + "z" * 25
