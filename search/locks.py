"""Locks of this context, taken in this order: tuning, one of its rows, saved search."""

import hashlib
from typing import Any, TypeVar
from uuid import UUID

from kernel import tenancy
from kernel.errors import NotFound
from kernel.models import AggregateModel
from kernel.transactions import cursor
from search.models import SavedSearch, SearchTuning

Row = TypeVar("Row", bound=AggregateModel)


def tuning() -> SearchTuning:
    """The platform's tuning, locked; made when it isn't there yet. Whoever changes the draft
    holds it, so that publishing sees whole changes."""
    name = f"search.tuning:{tenancy.current_id()}"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s)", [number])
    found = SearchTuning.objects.select_for_update().first()
    if found is None:
        found = SearchTuning()
        found.save(force_insert=True)
    return found


def row(model: type[Row], row_id: UUID) -> Row:
    """A row of the draft, locked. Raises NotFound."""
    objects: Any = model.objects
    found: Row | None = objects.select_for_update().filter(id=row_id).first()
    if found is None:
        raise NotFound
    return found


def saved_search(saved_id: UUID) -> SavedSearch:
    """A saved search, locked. Raises NotFound."""
    return row(SavedSearch, saved_id)
