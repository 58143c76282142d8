"""Cursors: where a page ended, in which generation, of which query."""

import base64
import binascii
import hashlib
from typing import Any

import orjson

from search.contracts import DocumentType, Query
from search.errors import BadCursor, CursorOfAnotherQuery, CursorOutdated

_MAX = 2048


def query_hash(*, platform: str, doc_type: DocumentType, query: Query) -> str:
    """Sixteen hex digits over what decides which hits come in which order."""
    weights = query.weights
    said = (
        platform, doc_type.name, query.text, query.language, query.visible_to, query.filters,
        query.sort, query.group, query.pins, query.buries, query.boosts, query.synonyms,
        query.correct, sorted(weights.buckets.items()), sorted(weights.signals.items()),
        weights.phrase, weights.all_words, weights.code, weights.code_part, weights.pinyin,
        weights.synonym,
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode(errors="backslashreplace")).hexdigest()[:16]


def encode(*, generation: str, hashed: str, position: list[Any]) -> str:
    """An opaque cursor."""
    raw = orjson.dumps([generation, hashed, position])
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(cursor: str, *, generation: str, hashed: str) -> tuple[Any, ...]:
    """The position in a cursor. Raises BadCursor, CursorOfAnotherQuery, CursorOutdated."""
    try:
        if len(cursor) > _MAX:
            raise ValueError("too long")
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        made_in, made_for, position = orjson.loads(raw)
        if not (isinstance(made_in, str) and isinstance(position, list)):
            raise ValueError("not a cursor")
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadCursor(field="cursor") from error
    if made_for != hashed:
        raise CursorOfAnotherQuery(field="cursor")
    if made_in != generation:
        raise CursorOutdated(field="cursor")
    return tuple(position)
