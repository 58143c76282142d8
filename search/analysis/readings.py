"""How Chinese characters and words are read (拼音), without tones; ü as v, as it is typed.

The readings are pypinyin's, read from its files without loading it: its dictionaries are 57 MiB in
memory, what is needed of them here is two. Words that are read as their characters commonly are
have no readings of their own, yet count: the longest is taken first, and ends where others begin.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import accumulate, islice
from pathlib import Path

_TONES = re.compile("[\u0300\u0301\u0304\u030c]")
_CHARACTER = re.compile(r'"(\d+)": "([^",]+)')
_PART = re.compile(r'"([^"]*)"')
_FURTHER = re.compile(r'",\n"[^"]*')  # a character's less common readings within a word


class Readings:
    """Of characters and of words."""

    def __init__(self, folder: Path) -> None:
        self.sounds = [""]
        self._at = array("H")  # code point -> place in ``sounds``
        self._characters((folder / "pinyin_dict.json").read_text("utf-8"))
        self._own: dict[str, tuple[str, ...]] = {}
        self._words((folder / "phrases_dict.json").read_text("utf-8"))

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


@lru_cache(maxsize=1)
def readings() -> Readings:
    """All of them, loaded at first use."""
    found = find_spec("pypinyin")
    if found is None or found.origin is None:
        raise ImportError("pypinyin isn't installed")
    return Readings(Path(found.origin).parent)


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
