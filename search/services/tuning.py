"""The tuning that searches use: read once, kept in memory, known to be current within a second."""

import time
from uuid import UUID

from kernel import clock, tenancy
from search.contracts.found import Applied
from search.domain.tuning import Tuning, compiled
from search.selectors import tuning as selectors

KEEP_SECONDS = 1.0
_kept: dict[UUID, tuple[float, Tuning]] = {}


def current() -> Tuning:
    """The published tuning of the platform in scope; at most one small query a second."""
    platform_id = tenancy.current_id()
    now = time.monotonic()
    kept = _kept.get(platform_id)
    if kept is not None and kept[0] > now:
        return kept[1]
    number = selectors.published_number()
    if kept is not None and kept[1].number == number:
        found = kept[1]
    else:
        found = compiled(selectors.content_of(number), number)
    _kept[platform_id] = (now + KEEP_SECONDS, found)
    return found


def draft() -> Tuning:
    """The draft, as it would act if it were published."""
    return compiled(selectors.draft_content(), 0)


def applied(*, text: str, category: str = "", draft_too: bool = False) -> Applied:
    """What concerns this query now. ``category``: the path of the category looked at."""
    chosen = draft() if draft_too else current()
    return chosen.applied(text=text, category=category, at=clock.business())


def forget() -> None:
    """Read it anew at the next search of this process."""
    _kept.pop(tenancy.current_id(), None)
