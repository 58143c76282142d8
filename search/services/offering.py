"""What is offered while somebody types: popular past queries, categories, products.

Queries and categories are few, so each process keeps them in memory for a while and compares; only
products are asked of the engine, and without one the rest still comes.
"""

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from django.utils.html import escape
from django.utils.safestring import mark_safe

from catalog import facade as catalog
from kernel import tenancy
from kernel.errors import DomainError
from kernel.ids import public_id
from search.analysis.readings import spelled
from search.contracts.found import Offered
from search.domain.folding import fold, has_han
from search.selectors import queries
from search.services import search
from search.services.asking import checked_text

KEEP_SECONDS = 30.0
QUERIES = 4
CATEGORIES = 3


@dataclass(frozen=True)
class _Known:
    """One thing that may be meant, with the ways of typing it."""

    offered: Offered
    ways: tuple[str, ...]


_kept: dict[tuple[UUID, str], tuple[float, tuple[_Known, ...], tuple[_Known, ...]]] = {}


def offer(*, text: str, language: str, size: int = 8) -> tuple[Offered, ...]:
    """At most ``size`` lines: queries, then categories, then products; for nothing typed, what is
    searched most. Raises QueryTooLong."""
    typed = checked_text(text)
    folded = fold(typed)
    popular, categories = _known(language)
    if not folded:
        most = [one.offered for one in popular[:size]]
        return tuple(replace(one, marked=str(escape(one.text))) for one in most)
    found = [
        *_matching(popular, folded, typed, QUERIES),
        *_matching(categories, folded, typed, CATEGORIES),
    ]
    room = max(size - len(found), 1)
    try:
        products = search.suggest(text=typed, language=language, size=max(size, room))
    except DomainError:
        products = ()
    return tuple([*found, *products[:room]][:size])


def _matching(known: tuple[_Known, ...], folded: str, typed: str, most: int) -> list[Offered]:
    begins = [one for one in known if any(way.startswith(folded) for way in one.ways)]
    found = begins[:most]
    if len(found) < most and (len(folded) > 1 or has_han(folded)):
        found += [one for one in known if folded in one.ways[0] and one not in begins]
    if not found and len(folded) >= 3:
        found = [one for one in known if _almost(folded, one.ways)]
    return [
        Offered(
            one.offered.kind, one.offered.text, marked(one.offered.text, typed),
            one.offered.id, one.offered.path,
        )
        for one in found[:most]
    ]  # fmt: skip


def _almost(folded: str, ways: tuple[str, ...]) -> bool:
    """Whether one way begins with the typed text but for one slip of the finger."""
    return any(_one_edit(folded, way[: len(folded) + 1]) for way in ways if len(way) >= 4)


@lru_cache(maxsize=20_000)
def _one_edit(typed: str, start: str) -> bool:
    """Whether ``typed`` is a beginning of ``start`` after one change, swap, loss or addition."""
    place = next(
        (n for n, (a, b) in enumerate(zip(typed, start, strict=False)) if a != b),
        min(len(typed), len(start)),
    )
    if place == 0:  # people seldom miss the first letter, and half the list would match
        return False
    rest, other = typed[place:], start[place:]
    return any(
        longer.startswith(shorter)
        for longer, shorter in (
            (other[1:], rest[1:]),
            (other, rest[1:]),
            (other[1:], rest),
            (other[2:], rest[2:] if rest[:2] == other[:2][::-1] else "\0"),
        )
    )


def marked(text: str, typed: str) -> str:
    """The text as safe HTML, with ``<mark>`` around what was typed."""
    place = text.casefold().find(typed.casefold())
    if place < 0 or len(text.casefold()) != len(text):
        return str(escape(text))
    end = place + len(typed)
    return mark_safe(  # noqa: S308
        f"{escape(text[:place])}<mark>{escape(text[place:end])}</mark>{escape(text[end:])}"
    )


def _known(language: str) -> tuple[tuple[_Known, ...], tuple[_Known, ...]]:
    key = (tenancy.current_id(), language)
    now = time.monotonic()
    kept = _kept.get(key)
    if kept is not None and kept[0] > now:
        return kept[1], kept[2]
    popular = tuple(
        _Known(Offered("query", row.query, ""), tuple(filter(None, (row.query, row.pinyin,
                                                                    row.initials))))
        for row in queries.popular()
    )  # fmt: skip
    nodes: list[catalog.CategoryNode] = []
    waiting = list(catalog.category_tree(language=language))
    while waiting and len(nodes) < 2000:
        node = waiting.pop(0)
        nodes.append(node)
        waiting.extend(node.children)
    categories = tuple(
        _Known(
            Offered("category", node.name, "", public_id("cat", node.id), node.path),
            (fold(node.name), *_spelled(node.name)),
        )
        for node in nodes
    )
    _kept[key] = (now + KEEP_SECONDS, popular, categories)
    return popular, categories


def forget() -> None:
    """Read queries and categories anew next time. For tests."""
    _kept.clear()


def _spelled(text: str) -> tuple[str, ...]:
    if not has_han(text):
        return ()
    whole, initials = spelled(text)
    return (whole.casefold(), initials.casefold())
