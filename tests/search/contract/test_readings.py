"""Characters and words are read as pypinyin reads them."""

import random

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from search.analysis.readings import readings, spelled


def theirs(text: str) -> tuple[str, str]:
    return (
        "".join(lazy_pinyin(text)),
        "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)),
    )


def test_every_character() -> None:
    one = readings()
    assert {chr(code): one.of(chr(code)) for code in PINYIN_DICT} == {
        chr(code): lazy_pinyin(chr(code))[0] for code in PINYIN_DICT
    }
    assert one.of("a") == one.of("，") == one.of("\U000e0000") == ""


def test_every_word() -> None:
    assert spelled("银行行长 VIP") == ("yinhanghangzhang VIP", "yhhz VIP")
    assert {word: spelled(word) for word in PHRASES_DICT} == {
        word: theirs(word) for word in PHRASES_DICT
    }


def test_words_beside_one_another() -> None:
    draw = random.Random(7)
    words, characters = sorted(PHRASES_DICT), [chr(code) for code in sorted(PINYIN_DICT)]
    for _ in range(2000):
        parts = [
            draw.choice([draw.choice(words), draw.choice(characters), "5kg", " ", "，", "Nü"])
            for _part in range(draw.randint(1, 8))
        ]
        text = "".join(part[draw.randint(0, 1) :] for part in parts)
        assert spelled(text) == theirs(text), text
