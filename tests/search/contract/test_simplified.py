"""Chinese is simplified as zhconv simplifies it."""

import random

import zhconv

from search.analysis.normal import normalise
from search.analysis.simplified import table
from search.domain.folding import fold


def _theirs(text: str) -> str:
    return str(zhconv.convert(text, "zh-hans"))


def test_every_character_and_word() -> None:
    words = list(zhconv.zhconv.getdict("zh-hans"))
    assert len(words) > 5000
    assert [table().of(word) for word in words] == [_theirs(word) for word in words]
    for code in range(0x3400, 0xA000):
        new = _theirs(chr(code))
        assert table().characters.get(code) == (new if new != chr(code) and len(new) == 1 else None)


def test_words_beside_one_another() -> None:
    draw = random.Random(7)
    words = sorted(zhconv.zhconv.getdict("zh-hans"))
    for _ in range(2000):
        parts = [draw.choice([*draw.sample(words, 3), "5kg", "，", "玉米"]) for _part in range(6)]
        text = "".join(part[draw.randint(0, 1) : draw.randint(1, 9)] for part in parts)
        assert table().of(text) == _theirs(text), text


def test_where_it_is_used() -> None:
    assert normalise("東北 大豆") == "东北 大豆"
    assert fold("乾隆  玉米") == _theirs("乾隆 玉米")
