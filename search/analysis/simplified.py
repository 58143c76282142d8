"""Traditional (繁体) to simplified Chinese, by zhconv's table.

The table is read from zhconv's file without loading it: it keeps those of all regions, seven MiB.
"""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import orjson


class Table:
    """Simplified writings of characters and of words; of several words the longest counts."""

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words
        self._longest: dict[str, int] = {}  # by first character
        for word in words:
            self._longest[word[0]] = max(len(word), self._longest.get(word[0], 0))
        self.characters = {
            ord(old): new
            for old, new in words.items()
            if len(old) == len(new) == 1 and old != new and "\u3400" <= old <= "\u9fff"
        }

    def of(self, text: str) -> str:
        """A text with every word simplified."""
        found, place = [], 0
        while place < len(text):
            for length in range(self._longest.get(text[place], 0), 0, -1):
                new = self._words.get(text[place : place + length])
                if new is not None:
                    break
            else:
                new, length = text[place], 1
            found.append(new)
            place += length
        return "".join(found)


@lru_cache(maxsize=1)
def table() -> Table:
    """The table, loaded at first use."""
    found = find_spec("zhconv")
    if found is None or found.origin is None:
        raise ImportError("zhconv isn't installed")
    return Table(orjson.loads((Path(found.origin).parent / "zhcdict.json").read_bytes())["zh2Hans"])
