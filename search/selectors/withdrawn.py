"""What may not be found any more although the index may still have it: read from the database at
each search, so that a withdrawal, a suspension and a lost right act at once.

It is bounded: only what changed since the index caught up is looked at, a second's worth on a
quiet day. When the writer stands still the look goes further back by itself.
"""

import time
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from catalog import facade as catalog
from kernel import clock, tenancy
from kernel.ids import public_id
from kernel.questions import Question, ask
from platforms import facade as platforms
from search.models import IndexProgress

MOST = 1000
KEEP_SECONDS = 0.5
# A change's time is taken before its transaction commits, which may be so much later.
LONGEST_TRANSACTION = timedelta(seconds=60)
NEVER = timedelta(days=30)
_kept: dict[str, tuple[float, datetime]] = {}
Excluded = tuple[tuple[str, tuple[str, ...]], ...]
_last: dict[UUID, Excluded] = {}
_NONE: Question[None] = Question("", None, lambda rows: None)
T = TypeVar("T")


def excluded(doc_type: str) -> Excluded:
    """What a search for this type must leave out now: two queries at once, one for merchants."""
    if doc_type != "merchant":
        return asked_with(_NONE)[0]
    who = platforms.closed_question(caught_up() - LONGEST_TRANSACTION, limit=MOST)
    closed = tuple(_public("mer", ask(who)[0]))
    return (("id", closed),) if closed else ()


def expected() -> Excluded:
    """What a search for products in this process had to leave out last: mostly what one must now,
    as ``asked_with`` tells."""
    return _last.get(tenancy.current_id(), ())


def asked_with(other: Question[T]) -> tuple[Excluded, T]:
    """What a search for products must leave out now, and another answer, in one round trip."""
    since = caught_up() - LONGEST_TRANSACTION
    what, shut, answer = ask(
        catalog.hidden_question(since, limit=MOST),
        platforms.closed_question(since, limit=MOST),
        other,
    )
    hidden, closed = tuple(_public("prd", what)), tuple(_public("mer", shut))
    found = tuple((ref, ids) for ref, ids in (("id", hidden), ("merchant", closed)) if ids)
    _last[tenancy.current_id()] = found
    return found, answer


def caught_up() -> datetime:
    """Everything committed on this platform's database before then is in the index. Remembered for
    half a second: an old answer only makes the look longer."""
    shard = tenancy.current().database
    now = time.monotonic()
    kept = _kept.get(shard)
    if kept is not None and kept[0] > now:
        return kept[1]
    rows = IndexProgress.objects.filter(shard=shard).values_list("caught_up_at", flat=True)
    found = rows.first() or clock.system() - NEVER
    _kept[shard] = (now + KEEP_SECONDS, found)
    return found


def forget() -> None:
    """Ask anew next time. For tests."""
    _kept.clear()
    _last.clear()


def _public(prefix: str, ids: list[UUID]) -> list[str]:
    return [public_id(prefix, one) for one in ids]
