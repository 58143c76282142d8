"""Text into tokens: what must come out the same, whatever way it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis.pinyin import typed_pinyin
from search.analysis.tokens import by_pairs, index_tokens, pieces, prepare
from search.query.highlight import marked
from search.query.spelling import distance


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("5gal", "5-Gal."), ("1/2 in", "0.5 inches"), ('3/4"', "¾ in."), ("1-1/2 ft", "1½ feet"),
        ("1,000 W", "1000 watts"), ("sq. ft.", "SQ FT"), ("黃玉米", "黄玉米"), ("ｋｇ", "kg"),
        ("２５％", "25%"), ("café", "Cafe"), ("drawers", "drawer"), ("Bob's", "bob"),
    ],
)  # fmt: skip
def test_ways_of_writing(one: str, two: str) -> None:
    assert index_tokens(one) == index_tokens(two)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("1吨", "1000kg"), ("1000公斤", "1000kg"), ("两千斤", "1000kg"), ("500g", "0.5kg"),
        ("二等", "2等"), ("十二级", "12级"), ("百分之十四", "14%"), ("二点五升", "2.5l"),
        ("6 ft.", "72in"), ("2x4", "2x4"), ("2 in. x 4 in.", "2x4"), ("DeckOver", "deckov"),
        ("Strong-Tie", "strongti"), ("iphone6s", "iphon"), ("玉米", "玉米"), ("玉米", "玉"),
        ("千克", "千克"),
    ],
)  # fmt: skip
def test_tokens(text: str, token: str) -> None:
    assert token in index_tokens(text)


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    """Whatever comes: tokens without blanks, safe marks, and the query reads what was indexed."""
    tokens = index_tokens(text)
    assert all(token and not token.isspace() and " " not in token for token in tokens)
    prepared = prepare(text)
    found = list(pieces(prepared))
    asked = {token for piece in found for token in piece.tokens}
    asked |= {token for _, token in by_pairs(prepared, found)}
    assert asked <= set(tokens)
    shown = marked(text, frozenset(tokens)).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in shown
    assert ">" not in shown


def test_pinyin_is_read_by_syllables() -> None:
    assert typed_pinyin("yumi")[0] == ("yumi",)
    assert ("huangyu", "yumi") in typed_pinyin("huangyumi")
    assert typed_pinyin("玉米") == ()


@given(st.text("abcde", min_size=1, max_size=8), st.text("abcde", min_size=1, max_size=8))
def test_distance(one: str, two: str) -> None:
    assert distance(one, one) == 0
    assert (distance(one, two) == 0) == (one == two)
    assert distance(one, two) <= max(len(one), len(two))
    assert distance("teh", "the") < distance("teh", "tex")
