"""Kept searches (收藏搜索) and telling their owners of what newly matches.

A job runs each kept search with an alert every ten minutes, as its owner, newest first, and looks
at 200 hits. Where a search had no more than that when it was kept, whatever hasn't been noted is
new; else only products published since then are, since older ones may just have moved up.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, outbox, personal, transactions
from kernel.actors import Actor, acting
from kernel.errors import DomainError, Invalid
from kernel.ids import parse_public_id, uuid7
from search import events, locks
from search.contracts import Filter
from search.contracts.found import Asked, Found
from search.contracts.saved import Owner, SavedSearchInfo
from search.domain.asking import filters_from, filters_json
from search.domain.folding import clean
from search.errors import TooManySaved
from search.models import SavedMatch, SavedSearch
from search.selectors import saved as selectors
from search.services import search

log = logging.getLogger("search.saved")
MOST = 50
LOOKED_AT = 200
EVERY = timedelta(minutes=10)
TOLD_MOST = 100


def save_search(
    *,
    owner: Owner,
    text: str,
    filters: tuple[Filter, ...] = (),
    sort: str = "relevance",
    name: str = "",
    alert: bool = True,
) -> SavedSearchInfo:
    """Keep a search; one that is kept already is answered as it is. What matches now is noted as
    known. Raises Invalid when it asks for everything, TooManySaved."""
    query: dict[str, Any] = {"q": clean(text)[:200], "filters": filters_json(filters), "sort": sort}
    if not query["q"] and not filters:
        raise Invalid(_("Type something or choose a filter first."), field="q")
    digest = personal.blind_index(
        orjson.dumps(query, option=orjson.OPT_SORT_KEYS).decode(), purpose="search.saved"
    )
    mine = SavedSearch.objects.filter(person_id=owner.person_id, merchant_id=owner.merchant_id)
    kept = mine.filter(digest=digest).values_list("id", flat=True).first()
    if kept is not None:
        return selectors.saved_search(saved_id=kept, owner=owner)
    if mine.count() >= MOST:
        raise TooManySaved(limit=MOST)
    row = SavedSearch(
        id=uuid7(), person_id=owner.person_id, merchant_id=owner.merchant_id,
        digest=digest, alert=alert, checked_at=clock.system(),
    )  # fmt: skip
    found, whole = _look(row, query)
    row.whole = whole
    with transactions.atomic():
        _seal(row, clean(name)[:100] or query["q"][:100] or str(_("My search")), query)
        row.save(force_insert=True)
        SavedMatch.objects.bulk_create(
            SavedMatch(saved_search=row, product_id=one, seen=True) for one in found
        )
        audit.record("search.saved_search.created", target=row, after={"alert": alert})
    return selectors.saved_search(saved_id=row.id, owner=owner)


def change_saved(
    *,
    saved_id: UUID,
    owner: Owner,
    name: str | None = None,
    alert: bool | None = None,
    check: Callable[[int], None] | None = None,
) -> SavedSearchInfo:
    """Rename it, or switch its alert. Raises NotFound, Invalid."""
    selectors.saved_search(saved_id=saved_id, owner=owner)
    with transactions.atomic():
        row = locks.saved_search(saved_id)
        if check is not None:
            check(row.version)
        before = {"alert": row.alert}
        if name is not None:
            new = clean(name)[:100]
            if not new:
                raise Invalid(_("A name is needed."), field="name")
            _seal(row, new, selectors.said(_owner(row), row.sealed)[1])
        row.alert = row.alert if alert is None else alert
        row.save(update_fields=["sealed", "alert"])
        after = {"alert": row.alert}
        audit.record("search.saved_search.changed", target=row, before=before, after=after)
    return selectors.saved_search(saved_id=saved_id, owner=owner)


def remove_saved(*, saved_id: UUID, owner: Owner) -> None:
    """Forget it with its matches. Raises NotFound."""
    selectors.saved_search(saved_id=saved_id, owner=owner)
    with transactions.atomic():
        row = locks.saved_search(saved_id)
        audit.record("search.saved_search.removed", target=row)
        SavedMatch.objects.filter(saved_search_id=saved_id).delete()
        row.delete()


def mark_seen(*, saved_id: UUID, owner: Owner) -> int:
    """The owner has looked at what is new; how much it was. Raises NotFound."""
    selectors.saved_search(saved_id=saved_id, owner=owner)
    return SavedMatch.objects.filter(saved_search_id=saved_id, seen=False).update(seen=True)


def check_due(*, limit: int = 200) -> dict[str, int]:
    """Run the kept searches whose turn it is; how many, and how many products were new."""
    now = clock.system()
    due = SavedSearch.objects.filter(alert=True, checked_at__lte=now - EVERY)
    checked = new = 0
    for row in due.order_by("checked_at")[:limit]:
        _name, query = selectors.said(_owner(row), row.sealed)
        try:
            found, _whole = _look(row, query) if query else ([], False)
        except Exception:
            # One that can't be asked mustn't keep the others from their turn for ever.
            log.exception("kept search %s can't be asked", row.id)
            found = []
        new += _note(row.id, found)
        checked += 1
    return {"checked": checked, "new": new}


def _owner(row: SavedSearch) -> UUID:
    owner = row.person_id or row.merchant_id
    assert owner is not None  # as the table's check demands
    return owner


def _seal(row: SavedSearch, name: str, query: dict[str, Any]) -> None:
    text = orjson.dumps({"name": name, "query": query}).decode()
    row.sealed = personal.seal(_owner(row), text)


def _look(row: SavedSearch, query: dict[str, Any]) -> tuple[list[UUID], bool]:
    """The products that match now, as the owner sees them, and whether these are all. Nothing
    when search doesn't answer: the next run looks again."""
    actor = Actor(
        kind="merchant" if row.merchant_id else "buyer",
        id=row.person_id or row.merchant_id,
        person_id=row.person_id,
        merchant_id=row.merchant_id,
    )
    asked = Asked(
        text=query["q"], filters=filters_from(query["filters"]), facets=(),
        sort="-published_at", size=100, correct=False,
    )  # fmt: skip
    found: list[UUID] = []
    with acting(actor):
        for _round in range(LOOKED_AT // 100):
            try:
                page: Found = search.find(asked)
            except DomainError:
                return found, False
            if page.degraded:
                return found, False
            found += [parse_public_id("prd", one.id) for one in _hits(page)]
            if not page.cursor:
                return found, True
            asked = replace(asked, cursor=page.cursor)
    return found, False


def _hits(page: Found) -> list[Any]:
    return [getattr(one, "hit", one) for one in page.items]


def _note(saved_id: UUID, found: list[UUID]) -> int:
    """Keep what is new and tell of it, once, however many workers look at the same time."""
    now = clock.system()
    with transactions.atomic():
        row = SavedSearch.objects.select_for_update().filter(id=saved_id).first()
        if row is None:
            return 0
        known = set(
            SavedMatch.objects.filter(saved_search_id=saved_id, product_id__in=found).values_list(
                "product_id", flat=True
            )
        )
        # A UUIDv7 tells when its product was made; published is later still.
        new = [one for one in found if one not in known and (row.whole or _since(row, one))]
        SavedMatch.objects.bulk_create(
            SavedMatch(saved_search=row, product_id=one, found_at=now) for one in new
        )
        SavedSearch.objects.filter(id=saved_id).update(checked_at=now)
        if new:
            told = events.SavedSearchMatched(
                saved_search_id=row.id, count=len(new), product_ids=new[:TOLD_MOST]
            )
            outbox.append(told, aggregate=row, merchant_id=row.merchant_id)
    return len(new)


def _since(row: SavedSearch, product_id: UUID) -> bool:
    made = (product_id.int >> 80) / 1000
    return made >= row.created_at.timestamp()
