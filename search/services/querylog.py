"""Counting what is searched for, without knowing who searched.

A request leaves a count in this process's memory; a thread writes the counts of some seconds with
one statement a platform. So a search costs no write, and a crash loses a few seconds of statistics
and nothing else. What is written is a query, sealed, a day and numbers.

To count a visit once, its mark is remembered here for half an hour: a hash under a key that this
process makes up at its start and never writes anywhere.
"""

import atexit
import hashlib
import logging
import os
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings

from kernel import clock, personal, tenancy
from kernel.actors import current_actor
from kernel.ids import uuid7
from kernel.tenancy import Tenant
from kernel.transactions import cursor
from search.building import access
from search.contracts import PUBLIC
from search.domain.folding import fold, language_of
from search.models.queries import mark_of, sealed_words

log = logging.getLogger("search.querylog")
VISITS_MOST = 20_000
VISIT_SECONDS = 1800.0
WAITING_MOST = 5_000  # different queries waiting to be written; more than that is an attack
_EMAIL = re.compile(r"\S@\S+\.\S")
_DIGITS = re.compile(r"\d[\d \-]{5,}\d")  # telephone, identity and card numbers
_key = os.urandom(32)


@dataclass
class _Visit:
    at: float
    counted: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    last: str = ""
    pair: tuple[str, str] | None = None


_lock = threading.Lock()
_visits: "OrderedDict[tuple[Any, bytes], _Visit]" = OrderedDict()
_counts: dict[tuple[Tenant, date, str, str], list[int]] = {}
_pairs: dict[tuple[Tenant, date, str, str, str], list[int]] = {}
_writer: list[threading.Thread] = []

_COUNTS = """
INSERT INTO search_querycount
  (platform_id, id, day, language, mark, query, searches, empty, clicks)
SELECT %(platform)s, * FROM unnest(%(ids)s::uuid[], %(days)s::date[], %(languages)s::text[],
  %(marks)s::text[], %(queries)s::text[], %(a)s::int[], %(b)s::int[], %(c)s::int[])
ON CONFLICT (platform_id, day, language, mark) DO UPDATE SET
  searches = search_querycount.searches + excluded.searches,
  empty = search_querycount.empty + excluded.empty,
  clicks = search_querycount.clicks + excluded.clicks
"""
_PAIRS = """
INSERT INTO search_querypair
  (platform_id, id, day, language, before_mark, after_mark, before, after, times, clicks)
SELECT %(platform)s, * FROM unnest(%(ids)s::uuid[], %(days)s::date[], %(languages)s::text[],
  %(before_marks)s::text[], %(after_marks)s::text[], %(befores)s::text[], %(afters)s::text[],
  %(a)s::int[], %(b)s::int[])
ON CONFLICT (platform_id, day, language, before_mark, after_mark) DO UPDATE SET
  times = search_querypair.times + excluded.times,
  clicks = search_querypair.clicks + excluded.clicks
"""


def note_search(*, text: str, total: int, visit: str, before: str = "") -> None:
    """A first page of results was shown. ``visit``: whatever tells visits apart; only a hash of
    it stays, in memory. ``before``: the query from whose page this one was sent, if known."""
    query = fold(text)
    if not query or is_personal(query, found=total > 0) or _sees_more():
        return
    tenant, day, language = tenancy.current(), clock.day_of(clock.system()), language_of(query)
    with _lock:
        here = _visit(tenant, visit)
        earlier = fold(before) or here.last
        if query not in here.counted and len(here.counted) < 200:
            here.counted.add(query)
            if _room():
                count = _counts.setdefault((tenant, day, language, query), [0, 0, 0])
                count[0] += 1
                count[1] += total == 0
        if earlier and earlier != query and not is_personal(earlier, found=False):
            pair = (earlier, query)
            if here.pair != pair and _room():
                _pairs.setdefault((tenant, day, language, *pair), [0, 0])[0] += 1
            here.pair = pair
        here.last = query
    _start()


def note_click(*, text: str, visit: str) -> None:
    """A product was opened from the results of ``text``; counted once a visit and query."""
    query = fold(text)
    if not query or is_personal(query, found=True) or _sees_more():
        return
    tenant, day, language = tenancy.current(), clock.day_of(clock.system()), language_of(query)
    with _lock:
        here = _visit(tenant, visit)
        if query in here.opened or len(here.opened) >= 200 or not _room():
            return
        here.opened.add(query)
        _counts.setdefault((tenant, day, language, query), [0, 0, 0])[2] += 1
        if here.pair is not None and here.pair[1] == query:
            _pairs.setdefault((tenant, day, language, *here.pair), [0, 0])[1] += 1
    _start()


def _sees_more() -> bool:
    """Whether who acts sees what others don't. Their words aren't counted: popular queries and
    related ones are shown to everybody, and would name what is in a private catalogue."""
    return access.viewer(current_actor())[0] != (PUBLIC,)


def is_personal(query: str, *, found: bool) -> bool:
    """Whether it may be about a person and so isn't counted: addresses, and long numbers (a
    barcode is one too, but then something was found)."""
    return bool(_EMAIL.search(query)) or (not found and bool(_DIGITS.search(query)))


def flush() -> int:
    """Write what has been counted; how many rows. What can't be written is dropped, and said."""
    with _lock:
        counts, pairs = dict(_counts), dict(_pairs)
        _counts.clear()
        _pairs.clear()
    written = 0
    tenants: set[Tenant] = {key[0] for key in counts} | {key[0] for key in pairs}
    for tenant in tenants:
        ours = sorted((key[1:], value) for key, value in counts.items() if key[0] == tenant)
        two = sorted((key[1:], value) for key, value in pairs.items() if key[0] == tenant)
        try:
            with tenancy.scope(tenant), personal.keyring():
                written += _write(ours, two)
        except Exception:
            log.warning("%s counts of queries of %s are lost", len(ours) + len(two), tenant.code,
                        exc_info=True)  # fmt: skip
    return written


def forget() -> None:
    """Forget what waits and who visited. For tests."""
    with _lock:
        _counts.clear()
        _pairs.clear()
        _visits.clear()


def _write(counts: list[Any], pairs: list[Any]) -> int:
    platform = tenancy.current_id()
    with cursor() as sql:
        if counts:
            keys, numbers = [key for key, _ in counts], [value for _, value in counts]
            sql.execute(
                _COUNTS,
                {"platform": platform, "ids": [uuid7() for _ in keys], "days": [k[0] for k in keys],
                 "languages": [k[1] for k in keys], "marks": [mark_of(k[2]) for k in keys],
                 "queries": [sealed_words(k[2]) for k in keys],
                 "a": [n[0] for n in numbers], "b": [n[1] for n in numbers],
                 "c": [n[2] for n in numbers]},
            )  # fmt: skip
        if pairs:
            keys, numbers = [key for key, _ in pairs], [value for _, value in pairs]
            sql.execute(
                _PAIRS,
                {"platform": platform, "ids": [uuid7() for _ in keys], "days": [k[0] for k in keys],
                 "languages": [k[1] for k in keys], "befores": [sealed_words(k[2]) for k in keys],
                 "afters": [sealed_words(k[3]) for k in keys],
                 "before_marks": [mark_of(k[2]) for k in keys],
                 "after_marks": [mark_of(k[3]) for k in keys], "a": [n[0] for n in numbers],
                 "b": [n[1] for n in numbers]},
            )  # fmt: skip
    return len(counts) + len(pairs)


def _visit(tenant: Tenant, visit: str) -> _Visit:
    mark = hashlib.blake2b(visit.encode(errors="replace"), key=_key, digest_size=12).digest()
    now, key = time.monotonic(), (tenant.id, mark)
    here = _visits.pop(key, None)
    if here is None or now - here.at > VISIT_SECONDS:
        here = _Visit(now)
    here.at = now
    _visits[key] = here
    while len(_visits) > VISITS_MOST:
        _visits.popitem(last=False)
    return here


def _room() -> bool:
    return len(_counts) + len(_pairs) < WAITING_MOST


def _start() -> None:
    """Let a thread of this process write now and then; 0 seconds: only ``flush`` does."""
    if _writer or not settings.SEARCH_QUERY_LOG_SECONDS:
        return
    with _lock:
        if _writer:
            return
        thread = threading.Thread(target=_run, name="search-querylog", daemon=True)
        _writer.append(thread)
    atexit.register(flush)
    thread.start()


def _run() -> None:
    while True:
        time.sleep(settings.SEARCH_QUERY_LOG_SECONDS)
        flush()
