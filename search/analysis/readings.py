"""How Chinese characters and words are read (拼音), without tones; ü as v, as it is typed.

The readings are pypinyin's, read from its files without loading it: its dictionaries are 57 MiB in
memory, what is needed of them here is two. Words that are read as their characters commonly are
have no readings of their own, yet count: the longest is taken first, and ends where others begin.
"""

import os
import re
import secrets
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import orjson

_BROKEN = (AttributeError, KeyError, TypeError, ValueError, OverflowError)
_TONES = re.compile("[\u0300\u0301\u0304\u030c]")
_CHARACTER = re.compile(r'"(\d+)": "([^",]+)')
_PART = re.compile(r'"([^"]*)"')
_FURTHER = re.compile(r'",\n"[^"]*')  # a character's less common readings within a word


class Readings:
    """Of characters and of words."""

    def __init__(self, characters: str, words: str) -> None:
        self.sounds = [""]
        self._at = array("H")  # code point -> place in ``sounds``
        self._characters(characters)
        self._own: dict[str, tuple[str, ...]] = {}
        self._words(words)

    def as_plain(self) -> dict[str, Any]:
        """What JSON can tell, for ``from_plain``."""
        own = {word: " ".join(sounds) for word, sounds in self._own.items()}
        return {
            "sounds": self.sounds, "at": self._at.tolist(), "own": own,
            "text": self._text, "ends": self._ends.tolist(), "longest": self._longest,
        }  # fmt: skip

    @classmethod
    def from_plain(cls, told: dict[str, Any]) -> "Readings":
        """The same again. Raises one of ``_BROKEN`` if it isn't."""
        found = cls.__new__(cls)
        found.sounds, found._at = told["sounds"], array("H", told["at"])
        found._own = {word: tuple(sounds.split(" ")) for word, sounds in told["own"].items()}
        found._text, found._ends = told["text"], array("I", told["ends"])
        found._longest = told["longest"]
        return found

    def _characters(self, text: str) -> None:
        places = {"": 0}
        for found in _CHARACTER.finditer(text):
            code, sound = int(found[1]), _plain(found[2])
            if sound not in places:
                places[sound] = len(self.sounds)
                self.sounds.append(sound)
            if code >= len(self._at):
                self._at.frombytes(bytes(self._at.itemsize * (code + 1000 - len(self._at))))
            self._at[code] = places[sound]

    def _words(self, text: str) -> None:
        words = []
        parts = (found[1] for found in _PART.finditer(_FURTHER.sub("", text)))
        for word in parts:
            sounds = [_plain(part) for part in islice(parts, len(word))]
            common = [self.of(character) for character in word]
            if all(common):
                words.append(word)
                if sounds != common:
                    self._own[word] = tuple(sounds)
        words.sort()
        # One text of all words and where each ends, since objects of their own take ten times that.
        self._text, self._ends = "".join(words), array("I", accumulate(map(len, words)))
        self._longest = max(map(len, words))

    def of(self, character: str) -> str:
        """The commonest reading of a character, "" if it has none."""
        code = ord(character)
        return self.sounds[self._at[code]] if code < len(self._at) else ""

    def in_text(self, text: str) -> Iterator[str]:
        """The reading of each character within its word; what isn't Chinese as it stands."""
        place = 0
        while place < len(text):
            sound = self.of(text[place])
            if not sound:
                yield text[place]
                place += 1
                continue
            length = next(
                (n for n in range(self._longest, 1, -1) if self._is_word(text[place : place + n])),
                1,
            )
            word = text[place : place + length]
            yield from self._own.get(word) or map(self.of, word)
            place += length

    def _is_word(self, text: str) -> bool:
        found = bisect_left(range(len(self._ends)), text, key=self._word)
        return found < len(self._ends) and self._word(found) == text

    def _word(self, place: int) -> str:
        return self._text[self._ends[place - 1] if place else 0 : self._ends[place]]


_known: list[Readings] = []


def readings(kept: Path | None = None) -> Readings:
    """All of them, loaded at first use. Making them of pypinyin's files takes a fifth of a second,
    so what was made is read from ``kept``, if given, as long as those files and this are the same.
    """
    if not _known:
        found = find_spec("pypinyin")
        if found is None or found.origin is None:
            raise ImportError("pypinyin isn't installed")
        folder = Path(found.origin).parent
        sources = [folder / "pinyin_dict.json", folder / "phrases_dict.json"]
        found_at = [os.stat(source) for source in (*sources, Path(__file__))]
        stamp = [[at.st_size, at.st_mtime_ns] for at in found_at]
        read = _read(kept, stamp) if kept else None
        if not read:
            read = Readings(*(source.read_text("utf-8") for source in sources))
            if kept:
                _keep(kept, stamp, read)
        _known.append(read)
    return _known[0]


def _read(kept: Path, stamp: list[Any]) -> Readings | None:
    with suppress(OSError, *_BROKEN):
        told = orjson.loads(kept.read_bytes())
        if told["stamp"] == stamp:
            return Readings.from_plain(told)
    return None


def _keep(kept: Path, stamp: list[Any], made: Readings) -> None:
    draft = kept.with_suffix(f".{secrets.token_hex(4)}.draft")
    with suppress(OSError):  # where nothing can be written, they are made at each start
        draft.write_bytes(orjson.dumps({"stamp": stamp} | made.as_plain()))
        draft.replace(kept)
    for left in kept.parent.glob(f"{kept.stem}.*.draft"):  # by who was killed, or found no room
        with suppress(OSError):
            left.unlink()


def spelled(text: str) -> tuple[str, str]:
    """How a text is typed without Chinese characters: whole (``yumi``), and by initials (``ym``);
    what isn't Chinese stands in both."""
    whole, initials = [], []
    for sound, character in zip(readings().in_text(text), text, strict=True):
        whole.append(sound)
        initials.append(sound[0] if sound != character else character)
    return "".join(whole), "".join(initials)


@cache
def _plain(sound: str) -> str:
    """Without its tone."""
    bare = _TONES.sub("", unicodedata.normalize("NFD", sound))
    return unicodedata.normalize("NFC", bare).replace("ü", "v")
