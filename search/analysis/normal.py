"""One writing for what looks or means the same: widths, accents, quotes, traditional characters."""

import re
import unicodedata

from search.analysis.simplified import table

_QUOTES = str.maketrans(
    {"″": '"', "”": '"', "“": '"', "＂": '"', "′": "'", "’": "'", "‘": "'", "＇": "'"}
    | {"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "×": "x", "✕": "x", "℃": "°c"}
)
_VULGAR = re.compile("[¼½¾⅐-⅞]")
_COMBINING = re.compile("[\u0300-\u036f]")
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ud800-\udfff]"
)
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN = re.compile(f"[{HAN}]")
CJK = HAN + "\u3040-\u30ff\uac00-\ud7af々〇"


def normalise(text: str) -> str:
    """Half width, no accents, straight quotes, simplified characters, no control characters.

    Case is kept: where a word changes it, the word may be two (``DeckOver``).
    """
    if text.isascii():
        return _UNWANTED.sub(" ", text)
    text = _UNWANTED.sub(" ", text).translate(_QUOTES)
    text = _VULGAR.sub(lambda found: " " + unicodedata.normalize("NFKC", found[0]), text)
    text = unicodedata.normalize("NFKC", text).replace("⁄", "/")
    if not text.isascii():
        text = _COMBINING.sub("", unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", text).translate(table().characters)
    return text


def has_han(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return not text.isascii() and _HAN.search(text) is not None
