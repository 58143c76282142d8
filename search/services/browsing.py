"""Browsing straight from the database, for when no engine answers: by category, merchant, a shop's
own category and whole words, newest first. A shop without its search engine still sells."""

from typing import Any
from uuid import UUID

from catalog import facade as catalog
from kernel.actors import current_actor
from kernel.errors import NotFound, Unavailable
from kernel.ids import parse_public_id, public_id
from kernel.pagination import InvalidCursor, PageOf
from marketplace import facade as marketplace
from platforms import facade as platforms
from search.building import access, attributes
from search.contracts import Hit, Terms
from search.contracts.found import Asked, Found, FoundProduct

SORTS = {"-published_at": "newest"}
SIMPLE = {"category", "merchant", attributes.SHELF}
DEEPEST = 20  # pages that are paged through to reach one given by its number


def browse(asked: Asked) -> Found:
    """What the database alone can say. Raises Unavailable for anything but products."""
    if asked.doc_type != "product":
        raise Unavailable
    currency = platforms.get_platform().currency
    notices = ("filters_left_out",) if _left_out(asked) else ()
    try:
        page = _page(asked)
    except NotFound:  # a category, merchant or shelf that isn't there
        return Found(0, (), text=asked.text, currency=currency, degraded=True, notices=notices)
    keys, _groups = access.viewer(current_actor())
    private = access.catalogue_keys([one.card.id for one in page.items])
    items = tuple(
        FoundProduct(one.card.id, Hit(public_id("prd", one.card.id), 0.0), one)
        for one in page.items
        if one.card.id not in private or set(private[one.card.id]) & set(keys)
    )
    return Found(
        total=len(items),
        items=items,
        cursor=page.next_cursor or "",
        text=asked.text,
        currency=currency,
        degraded=True,
        notices=notices,
    )


def _page(asked: Asked) -> PageOf[Any]:
    cursor = asked.cursor or None
    values: dict[str, Any] = {
        "category": _category(asked),
        "merchant": _merchant(asked),
        "shelf": _shelf(asked),
        "query": asked.text or None,
        "sort": SORTS.get(asked.sort, "newest"),
        "limit": asked.size,
        "language": asked.language,
        "buyer_id": current_actor().person_id,
    }
    try:
        page = marketplace.listings(cursor=cursor, **values)
    except InvalidCursor:  # the engine's own, from before it went away
        page = marketplace.listings(**values)
    for _ in range(min(asked.page, DEEPEST) - 1 if cursor is None else 0):
        if not page.next_cursor:
            return PageOf([], False, None)
        page = marketplace.listings(cursor=page.next_cursor, **values)
    return page


def _left_out(asked: Asked) -> bool:
    return any(one.ref not in SIMPLE or getattr(one, "exclude", False) for one in asked.filters)


def _values(asked: Asked, ref: str) -> list[str]:
    return [
        str(value)
        for one in asked.filters
        if isinstance(one, Terms) and one.ref == ref and not one.exclude
        for value in one.values
    ]


def _category(asked: Asked) -> UUID | None:
    paths = _values(asked, "category")
    return catalog.category_by_path(paths[0]).id if paths else None


def _merchant(asked: Asked) -> UUID | None:
    ids = _values(asked, "merchant")
    return parse_public_id("mer", ids[0]) if ids else None


def _shelf(asked: Asked) -> UUID | None:
    ids = _values(asked, attributes.SHELF)
    return parse_public_id("shc", ids[0]) if ids else None
