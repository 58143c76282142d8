"""Slugs: the readable part of an address."""

import re
import unicodedata
from collections.abc import Iterable

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = 80


def valid_slug(slug: str) -> bool:
    """Whether it has 1 to 80 of a-z and 0-9, parted by single hyphens."""
    return len(slug) <= SLUG_LENGTH and SLUG.fullmatch(slug) is not None


def slug_from(texts: Iterable[str], end: str, *, otherwise: str) -> str:
    """A slug from the first text that has Latin letters; ``end`` makes it unique."""
    for text in texts:
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        if len(words) > 2:
            return f"{words[: SLUG_LENGTH - len(end) - 1].strip('-')}-{end}"
    return f"{otherwise}-{end}"
