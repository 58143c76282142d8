"""Characters and words are read as pypinyin reads them."""

import errno
import os
import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from search.analysis import readings as module
from search.analysis.readings import Readings, readings, spelled


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


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a process that has loaded none keeps them."""
    monkeypatch.setattr(module, "_known", [])
    return tmp_path / "readings.json"


def _again(monkeypatch: pytest.MonkeyPatch, kept: Path) -> tuple[Readings, bool]:
    """What another start loads, and whether it had to make them."""
    made: list[Readings] = []
    init = Readings.__init__

    def making(self: Readings, *given: str) -> None:
        made.append(self)
        init(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(module, "_known", [])
        patched.setattr(Readings, "__init__", making)
        return readings(kept), bool(made)


def test_what_was_made_is_read_by_the_next_start(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = readings(kept)
    second, made = _again(monkeypatch, kept)
    assert not made
    assert vars(second) == vars(first)
    assert [one.name for one in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("left", [b"", b'{"stamp": [', b"[]", b'{"stamp": [0]}', b"null"])
def test_what_cannot_be_read_is_made_anew(
    left: bytes, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.write_bytes(left)
    assert readings(kept).of("玉") == "yu"
    assert not _again(monkeypatch, kept)[1]


def test_of_another_release_they_are_made_anew(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readings(kept)
    other = kept.parent / "other.py"  # whoever changes how they are made changes the file
    other.write_bytes(Path(module.__file__).read_bytes() + b"# other\n")
    monkeypatch.setattr(module, "__file__", str(other))
    assert _again(monkeypatch, kept)[1]
    assert not _again(monkeypatch, kept)[1]


@pytest.mark.parametrize("broken", [{"own": []}, {"own": {"玉": 1}}, {"at": "玉"}, {"ends": [-1]}])
def test_what_is_of_another_shape_is_made_anew(
    broken: dict[str, Any], kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings(kept)
    kept.write_bytes(orjson.dumps(orjson.loads(kept.read_bytes()) | broken))
    assert _again(monkeypatch, kept)[1]
    assert not _again(monkeypatch, kept)[1]


def test_what_a_killed_start_left_goes_and_nobody_waits_for_it(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where several machines share the folder, whose processes may have the same number."""
    left = kept.with_suffix(f".{os.getpid()}.draft")
    left.write_bytes(b"{")
    written: list[Path] = []
    write = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda at, data: written.append(at) or write(at, data))  # type: ignore[func-returns-value]
    readings(kept)
    assert written != [left]
    assert [one.name for one in kept.parent.iterdir()] == [kept.name]


def test_of_a_full_disk_no_room_is_taken(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(at: Path, data: bytes) -> int:
        at.touch()
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "write_bytes", half)
    assert readings(kept).of("玉") == "yu"
    assert not list(kept.parent.iterdir())


def test_where_nothing_can_be_written(kept: Path) -> None:
    assert readings(kept / "of a file that isn't there" / "x.json").of("玉") == "yu"
