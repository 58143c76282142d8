"""Serving changes: what was written down becomes documents in the index.

A batch takes a number (``search_version``) before it reads anything, and everything it writes
carries that number. Whoever reads later has a higher one, so a late writer's older reading is
refused by the engine; and what changes after the reading is written down again by its own event.
A row goes only if nothing was requested of it meanwhile.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from kernel import clock, failpoints, tenancy
from kernel.ids import parse_public_id, uuid7
from kernel.transactions import atomic, cursor
from search.building import BUILDERS, Built
from search.contracts import DocumentType, Operation
from search.engines.base import Engine
from search.errors import EngineDown, GenerationUnknown, NoIndex

log = logging.getLogger("search.indexing")
AGAIN = timedelta(hours=1)  # when a document that was set aside is tried again
_TAKE = """
SELECT id, kind, ref_id, requested FROM search_change
WHERE platform_id = %s AND lane = %s AND due_at <= %s
ORDER BY due_at LIMIT %s
"""
# A request that came meanwhile keeps its row, which then waits since this batch began.
_SERVED = """
WITH mine AS (
  SELECT c.platform_id, c.id, c.requested = n.requested AS done
  FROM search_change c
  JOIN unnest(%(ids)s::uuid[], %(requested)s::bigint[]) AS n(id, requested) ON n.id = c.id
  WHERE c.platform_id = %(platform)s
  ORDER BY c.kind, c.ref_id FOR UPDATE OF c
), later AS (
  UPDATE search_change c SET since = greatest(c.since, %(began)s)
  FROM mine WHERE c.platform_id = mine.platform_id AND c.id = mine.id AND NOT mine.done
)
DELETE FROM search_change c USING mine
WHERE c.platform_id = mine.platform_id AND c.id = mine.id AND mine.done
"""
_SET_ASIDE = """
INSERT INTO search_change
  (platform_id, id, kind, ref_id, lane, state, requested, since, due_at, attempts, error)
SELECT %(platform)s, n.id, n.kind, n.ref_id, 1, 'set_aside', 1, %(began)s, %(again)s, 1, n.error
FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(refs)s::uuid[], %(errors)s::text[],
            %(requested)s::bigint[]) AS n(id, kind, ref_id, error, requested)
ON CONFLICT (platform_id, kind, ref_id) DO UPDATE SET
  state = 'set_aside', error = excluded.error, due_at = excluded.due_at, lane = 1,
  attempts = search_change.attempts + 1
WHERE search_change.requested = (
  SELECT max(m.requested) FROM unnest(%(refs)s::uuid[], %(requested)s::bigint[])
    AS m(ref_id, requested) WHERE m.ref_id = excluded.ref_id)
"""


@dataclass
class Batch:
    """Rows that were taken: kind -> ref -> times requested, and the rows' own ids."""

    rows: list[tuple[UUID, str, UUID, int]]
    began: datetime
    wanted: dict[str, set[UUID]] = field(default_factory=dict)
    failures: dict[tuple[str, UUID], str] = field(default_factory=dict)


def serve(
    engine: Engine, *, lane: int, limit: int, targets: dict[str, list[str]], refresh: bool = False
) -> int:
    """Serve up to ``limit`` changes of the platform in scope; how many rows were taken.

    ``targets``: document type -> the generations to write to. A type without any keeps its rows.
    Raises EngineDown or NoIndex: nothing is lost then, the rows are still there.
    """
    batch = take(lane, limit)
    if not batch.rows:
        return 0
    version = next_version()
    for kind, ids in batch.wanted.items():
        generations = targets.get(kind)
        if not generations:
            continue
        builder = BUILDERS[kind]
        built = builder.build(ids, platform=tenancy.current_id(), version=version)
        batch.failures |= {(kind, one): reason for one, reason in built.failures.items()}
        for generation in generations:
            refused = write(engine, builder.doc_type, built.operations, generation, refresh)
            batch.failures |= {
                (kind, parse_public_id(builder.prefix, name)): reason
                for name, reason in refused.items()
            }
    failpoints.hit("search.serve.before_commit")
    _finish(batch, {kind for kind in batch.wanted if targets.get(kind)})
    return len(batch.rows)


def next_version() -> int:
    """The number that what is read from now on is written under."""
    with cursor() as sql:
        sql.execute("SELECT nextval('search_version')")
        row = sql.fetchone()
    return int(row[0])


def write(
    engine: Engine,
    doc_type: DocumentType,
    operations: Sequence[Operation],
    generation: str,
    refresh: bool = False,
) -> dict[str, str]:
    """Write a batch; what the engine refuses for good, by id, with its reason.

    A batch on which the engine stumbles is halved until the one at fault stands alone.
    """
    if not operations:
        return {}
    try:
        report = engine.write(
            doc_type=doc_type, operations=operations, generation=generation, refresh=refresh
        )
    except (EngineDown, NoIndex, GenerationUnknown):
        raise
    except Exception as error:
        if len(operations) == 1:
            log.exception("%s can't be indexed", operations[0].id)
            return {operations[0].id: f"{type(error).__name__}: {error}"[:500]}
        half = len(operations) // 2
        return {
            **write(engine, doc_type, operations[:half], generation, refresh),
            **write(engine, doc_type, operations[half:], generation, refresh),
        }
    return {failure.id: failure.reason for failure in report.failed}


def fill(
    engine: Engine, *, kind: str, generation: str, after: UUID | None, limit: int
) -> tuple[int, UUID | None]:
    """Write the next page of a type's documents of the platform in scope to a generation; how many
    there were, and the last id, None after the last page."""
    builder = BUILDERS[kind]
    version = next_version()
    ids = builder.page(after, limit)
    if not ids:
        return 0, None
    built = builder.build(ids, platform=tenancy.current_id(), version=version)
    refused = write(engine, builder.doc_type, built.operations, generation)
    set_aside(kind, built, refused)
    return len(ids), ids[-1] if len(ids) == limit else None


def set_aside(kind: str, built: Built, refused: dict[str, str]) -> None:
    """Keep what couldn't be built or written while filling, with its reason."""
    prefix = BUILDERS[kind].prefix
    batch = Batch([], clock.system())
    batch.failures = {(kind, one): reason for one, reason in built.failures.items()} | {
        (kind, parse_public_id(prefix, name)): reason for name, reason in refused.items()
    }
    if batch.failures:
        _finish(batch, set())


def take(lane: int, limit: int) -> Batch:
    """The changes of the platform in scope that are due in a lane, the oldest first; nothing is
    locked or marked: they stand until they were served."""
    began = clock.system()
    with cursor() as sql:
        sql.execute(_TAKE, [tenancy.current_id(), lane, began, limit])
        batch = Batch(sql.fetchall(), began)
    for _id, kind, ref, _requested in batch.rows:
        batch.wanted.setdefault(kind, set()).add(ref)
    variants = batch.wanted.pop("variant", None)
    if variants:
        batch.wanted.setdefault("product", set()).update(catalog.product_ids_of(variants).values())
    for unknown in set(batch.wanted) - set(BUILDERS):  # of a version that knew more types
        del batch.wanted[unknown]
    return batch


def _finish(batch: Batch, served: set[str]) -> None:
    served = served | ({"variant"} if "product" in served else set())
    failed = set(batch.failures)
    rows = [row for row in batch.rows if row[1] in served or row[1] not in {*BUILDERS, "variant"}]
    done = [row for row in rows if (row[1], row[2]) not in failed]
    known = {(row[1], row[2]): row[3] for row in batch.rows}
    values: dict[str, Any] = {"platform": tenancy.current_id(), "began": batch.began}
    with atomic(), cursor() as sql:
        if failed:
            keys = sorted(failed)
            sql.execute(
                _SET_ASIDE,
                values
                | {
                    "again": batch.began + AGAIN,
                    "ids": [uuid7() for _ in keys],
                    "kinds": [kind for kind, _ref in keys],
                    "refs": [ref for _kind, ref in keys],
                    "errors": [batch.failures[key][:500] for key in keys],
                    "requested": [known.get(key, 0) for key in keys],
                },
            )
            log.error("%s documents were set aside: %s", len(keys), batch.failures[keys[0]])
        if done:
            sql.execute(
                _SERVED,
                values | {"ids": [row[0] for row in done], "requested": [row[3] for row in done]},
            )
