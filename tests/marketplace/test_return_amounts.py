"""What a return gives back: to the fen, in whatever pieces and order."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.domain.returns import Bought, amounts, last_moment, share_of

thousandths = st.integers(1, 9_999_000).map(lambda n: Decimal(n) / 1000)


@st.composite
def in_pieces(draw: st.DrawFn) -> tuple[int, list[Decimal]]:
    """What was paid, and the pieces in which all of it is returned."""
    pieces = draw(st.lists(thousandths, min_size=1, max_size=8))
    return draw(st.integers(0, 10**12)), pieces


@given(in_pieces())
def test_parts_come_to_what_was_paid(case: tuple[int, list[Decimal]]) -> None:
    paid, pieces = case
    whole, back, given_back = sum(pieces, Decimal(0)), Decimal(0), 0
    for piece in pieces:
        part = share_of(Bought(paid, whole, back), piece)
        assert part >= 0
        assert abs(Decimal(part) - paid * piece / whole) <= 1, "within a fen of its exact share"
        back, given_back = back + piece, given_back + part
        assert given_back <= paid
    assert given_back == paid
    with pytest.raises(ValueError, match="of"):
        share_of(Bought(paid, whole, back), pieces[0])


@given(
    orders=st.lists(in_pieces(), min_size=1, max_size=4),
    shipping=st.integers(0, 10**6),
    faults=st.lists(st.booleans(), min_size=40, max_size=40),
    rule=st.sampled_from(["fault_or_whole", "fault", "never"]),
    shuffle=st.randoms(use_true_random=False),
)
def test_any_order_of_returns_gives_back_the_order(
    orders: list[tuple[int, list[Decimal]]], shipping: int, faults: list[bool], rule: str,
    shuffle: "random.Random",  # type: ignore[name-defined]  # noqa: F821
) -> None:  # fmt: skip
    lines = {n: Bought(paid, sum(pieces, Decimal(0))) for n, (paid, pieces) in enumerate(orders)}
    asked = [(n, piece) for n, (_paid, pieces) in enumerate(orders) for piece in pieces]
    shuffle.shuffle(asked)
    left, goods, blamed = shipping, dict.fromkeys(lines, 0), False
    for (n, piece), fault in zip(asked, faults, strict=False):
        found = amounts(lines, {n: piece}, shipping_left=left, fault=fault, rule=rule)
        assert found.total == sum(found.lines.values()) + found.shipping
        goods[n] += found.lines[n]
        left -= found.shipping
        line = lines[n]
        lines[n] = Bought(line.paid, line.quantity, line.returned + piece)
        blamed = blamed or fault
    assert goods == {n: paid for n, (paid, _pieces) in enumerate(orders)}
    assert left in (0, shipping), "the shipping goes back once, or not at all"
    back = rule == "fault_or_whole" or (rule == "fault" and blamed)
    assert left == (0 if back else shipping)


def test_days_count_from_the_one_after_delivery() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    for hour in (0, 23):
        at = datetime(2026, 5, 1, hour, 59, tzinfo=zone)
        assert last_moment(at, 7) == datetime(2026, 5, 9, tzinfo=zone)
