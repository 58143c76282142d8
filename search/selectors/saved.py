"""Reads of kept searches."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from kernel import personal
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset
from search.contracts.saved import MatchInfo, Owner, SavedSearchInfo
from search.models import SavedMatch, SavedSearch

_FIELDS = (
    "id", "person_id", "merchant_id", "sealed", "alert", "checked_at", "version", "created_at",
    "updated_at",
)  # fmt: skip


def saved_searches(
    *,
    owner: Owner,
    order: tuple[str, ...] = ("-id",),
    updated_since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[SavedSearchInfo]:
    """The owner's, newest first."""
    rows = SavedSearch.objects.filter(person_id=owner.person_id, merchant_id=owner.merchant_id)
    if updated_since is not None:
        rows, order = rows.filter(updated_at__gte=updated_since), ("updated_at", "id")
    counted = rows.annotate(unseen=_unseen()).values(*_FIELDS, "unseen")
    return keyset(counted, order=order, cursor=cursor, limit=limit).map(_info)


def saved_search(*, saved_id: UUID, owner: Owner) -> SavedSearchInfo:
    """One of the owner's. Raises NotFound."""
    rows = SavedSearch.objects.filter(
        id=saved_id, person_id=owner.person_id, merchant_id=owner.merchant_id
    )
    row = rows.annotate(unseen=_unseen()).values(*_FIELDS, "unseen").first()
    if row is None:
        raise NotFound
    return _info(row)


def said(owner_id: UUID, sealed: str) -> tuple[str, dict[str, Any]]:
    """A kept search's name and query; both empty once its owner has been erased."""
    text = personal.open_(owner_id, sealed)
    if text is None:
        return "", {}
    found = orjson.loads(text)
    return found["name"], found["query"]


def matches(
    *, saved_id: UUID, owner: Owner, cursor: str | None = None, limit: int = 20
) -> PageOf[MatchInfo]:
    """What newly matched, latest first. Raises NotFound."""
    saved_search(saved_id=saved_id, owner=owner)
    rows = SavedMatch.objects.filter(saved_search_id=saved_id, found_at__isnull=False)
    page = keyset(
        rows.values("id", "product_id", "found_at", "seen"),
        order=("-id",),
        cursor=cursor,
        limit=limit,
    )
    return page.map(_match)


def unseen(*, owner: Owner) -> int:
    """How many new matches wait for the owner, counted up to 100."""
    rows = SavedMatch.objects.filter(
        saved_search__person_id=owner.person_id,
        saved_search__merchant_id=owner.merchant_id,
        found_at__isnull=False,
        seen=False,
    )
    return len(rows.values_list("id")[:100])


def _unseen() -> Coalesce:
    """New matches of each, counted apart: the key of the table is the pair with its platform."""
    rows = SavedMatch.objects.filter(
        saved_search_id=OuterRef("id"), found_at__isnull=False, seen=False
    )
    counted = rows.order_by().values("saved_search_id").annotate(n=Count("id")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _match(row: Any) -> MatchInfo:
    return MatchInfo(row["product_id"], row["found_at"], row["seen"])


def _info(row: Any) -> SavedSearchInfo:
    name, kept = said(row["person_id"] or row["merchant_id"], row["sealed"])
    return SavedSearchInfo(
        id=row["id"],
        name=name,
        text=kept.get("q", ""),
        doc_type=kept.get("type", "product"),
        filters=kept.get("filters", {}),
        sort=kept.get("sort", "relevance"),
        alert=row["alert"],
        unseen=row["unseen"],
        checked_at=row["checked_at"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
