"""How the index is: for ``manage.py search status`` and ``verify``."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from kernel import clock, tenancy
from kernel.ids import public_id
from kernel.system_role import shards, system_cursor
from kernel.tenancy import Tenant
from search.building import BUILDERS
from search.documents.types import TYPES
from search.engines.base import Engine
from search.models import Change, IndexProgress
from search.services import changes, rebuilding
from search.services.comparing import compare_page

Say = Callable[[str], None]
_WAITING = """
SELECT coalesce(sum((state = 'pending' AND lane = 0)::int), 0),
  coalesce(sum((state = 'pending' AND lane = 1)::int), 0),
  coalesce(sum((state = 'set_aside')::int), 0), min(since) FILTER (WHERE state = 'pending')
FROM search_change
"""
_ASIDE = """
SELECT kind, ref_id, error FROM search_change WHERE state = 'set_aside' ORDER BY since, id LIMIT 20
"""


def status(engine: Engine) -> dict[str, Any]:
    """The engine, its indexes, what waits, who writes and what it was told to do."""
    told = engine.status(doc_types=[TYPES[name] for name in BUILDERS])
    return {
        "engine": told.engine,
        "up": told.up,
        "detail": told.detail,
        "indexes": [
            {
                "name": one.name,
                "type": one.doc_type,
                "current": one.current,
                "documents": one.documents,
                "size_bytes": one.size_bytes,
            }
            for one in told.generations
        ],
        "databases": [_database(shard) for shard in shards()],
        "tasks": [
            {"kind": t.kind, "type": t.doc_type, "state": t.state, "step": t.step, "done": t.done,
             "total": t.total, "reason": t.reason}
            for t in rebuilding.open_tasks()
        ],
    }  # fmt: skip


def _database(shard: str) -> dict[str, Any]:
    with system_cursor(shard) as sql:
        sql.execute(_WAITING)
        single, bulk, aside, oldest = sql.fetchone()
        sql.execute(_ASIDE)
        reasons = [{"type": row[0], "id": str(row[1]), "reason": row[2]} for row in sql.fetchall()]
    progress = IndexProgress.objects.filter(shard=shard).first()
    now = clock.system()
    return {
        "database": shard,
        "waiting": {"single": single, "bulk": bulk},
        "oldest_waits_seconds": round((now - oldest).total_seconds(), 1) if oldest else 0.0,
        "set_aside": aside,
        "reasons": reasons,
        "writer": progress.holder if progress else "",
        "writer_seen_seconds_ago": (
            round((now - progress.beat_at).total_seconds(), 1) if progress else None
        ),
        "caught_up_seconds_ago": (
            round((now - progress.caught_up_at).total_seconds(), 1) if progress else None
        ),
        "note": progress.note if progress else "",
    }


@dataclass
class Verified:
    """What was compared on all platforms. ``differences``: (platform, id, what)."""

    documents: int = 0
    waiting: int = 0
    differences: list[tuple[str, str, str]] = field(default_factory=list)


def verify(
    engine: Engine, tenants: list[Tenant], *, contents: bool, repair: bool, say: Say
) -> Verified:
    """Compare the current indexes with the database, document by document. What differs is looked
    at twice, and what waits to be written isn't a difference. With ``repair`` the rest is written
    down to be indexed again."""
    found = Verified()
    for tenant in tenants:
        with tenancy.scope(tenant):
            for kind in BUILDERS:
                documents, first = _compare(engine, kind, contents)
                found.documents += documents
                again = _compare(engine, kind, contents)[1] if first else {}
                both = {one: what for one, what in again.items() if one in first}
                waiting = _waiting(kind) & set(both)
                found.waiting += len(waiting)
                wrong = {one: what for one, what in both.items() if one not in waiting}
                prefix = BUILDERS[kind].prefix
                found.differences += [
                    (tenant.code, public_id(prefix, one), what) for one, what in wrong.items()
                ]
                if repair:
                    changes.note(kind, wrong)
                say(f"{tenant.code} {kind}: {documents} compared, {len(wrong)} differ")
    return found


def _compare(engine: Engine, kind: str, contents: bool) -> tuple[int, dict[UUID, str]]:
    documents = 0
    problems: dict[UUID, str] = {}
    for page in _pages(engine, kind, contents):
        documents += page.documents
        problems |= page.problems
    return documents, problems


def _pages(engine: Engine, kind: str, contents: bool) -> Iterator[Any]:
    after = None
    while True:
        page = compare_page(engine, kind=kind, generation=None, after=after, contents=contents)
        yield page
        if page.last:
            return
        after = page.after


def _waiting(kind: str) -> set[UUID]:
    """Those whose change is written down but not yet served."""
    rows = Change.objects.filter(state=Change.State.PENDING)
    found = set(rows.filter(kind=kind).values_list("ref_id", flat=True))
    if kind == "product":
        variants = rows.filter(kind="variant").values_list("ref_id", flat=True)
        found |= set(catalog.product_ids_of(variants).values())
    return found
