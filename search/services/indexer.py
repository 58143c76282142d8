"""The one process that writes the index: serves changes in two lanes, carries tasks out, and says
how far it has come. Whoever else runs it waits for the lock.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from kernel import clock, tenancy
from kernel.single import Single
from kernel.system_role import asking_cursor, mend_connections, shards
from search.building import BUILDERS
from search.engines.base import Engine
from search.errors import EngineDown, GenerationUnknown, NoIndex
from search.models import IndexProgress, IndexTask
from search.services import rebuilding
from search.services.changes import BULK, SINGLE
from search.services.rebuilding import Conductor
from search.services.serving import serve

log = logging.getLogger("search.indexing")
LOCK = 7_403_152_006
ACTIVE, IDLE = 0.03, 0.12  # seconds between two looks just after there was work, and else
TRIES = 1.0  # seconds between two tries for the lock
SINGLES, BULKS = 200, 200  # changes served at once: a single one waits for one bulk batch at most
SMALL = 50  # changes of a bulk batch while single ones come
SINCE = 5.0  # seconds after a single change in which others are to be expected
BEAT = 0.5  # seconds between two writings of progress
LOOK = 1.0  # seconds between two looks for tasks
MARGIN = timedelta(seconds=2)  # an engine may take so long to show what it has written
REPAIR = timedelta(days=30)  # how long an index may have stood still that is brought back
LONGEST_PAUSE = 15.0  # seconds between two tries at an engine that is down

_WAITING = """
(SELECT DISTINCT lane, platform_id FROM (
  SELECT lane, platform_id FROM search_change WHERE lane = 0 AND due_at <= %(now)s
  ORDER BY due_at LIMIT 1000) AS single)
UNION ALL
(SELECT DISTINCT lane, platform_id FROM (
  SELECT lane, platform_id FROM search_change WHERE lane = 1 AND due_at <= %(now)s
  ORDER BY due_at LIMIT 1000) AS bulk)
"""
_OLDEST = """
SELECT least(
  (SELECT min(since) FROM search_change WHERE state = 'pending'),
  (SELECT min(created_at) FROM kernel_outboxevent WHERE published_at IS NULL))
"""


class Indexer:
    """Works while it holds the lock; ``run`` in a resident, ``step`` in commands and tests."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.lock = Single(LOCK)
        self.conductor = Conductor(engine)
        self.holder = f"{socket.gethostname()[:200]}:{os.getpid()}"
        self.tasks: list[IndexTask] = []
        self.targets: dict[str, list[str]] = {}
        self._looked = self._beaten = 0.0
        self._single = -SINCE  # when there was a single change

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop: get the lock, work, mend what broke."""
        failures, worked = 0, 0.0
        try:
            while not stopping.is_set():
                try:
                    if not self.lock.hold():
                        stopping.wait(TRIES)
                        continue
                    if self.step():
                        worked = time.monotonic()
                    else:
                        stopping.wait(ACTIVE if time.monotonic() - worked < 1.0 else IDLE)
                    failures = 0
                except Exception as error:
                    failures += 1
                    self._stumbled(error, failures)
                    stopping.wait(min(LONGEST_PAUSE, 0.5 * 2 ** min(failures, 6)))
        finally:
            self.engine.close()
            self.lock.leave()

    def step(self) -> bool:
        """One round: single changes, one batch of bulk, one piece of a task; whether anything was
        done. Raises EngineDown."""
        if time.monotonic() - self._looked >= LOOK:
            self.look()
        seen = {shard: self._caught_up(shard) for shard in shards()} if self._beat_due() else {}
        waiting = [row for shard in shards() for row in self._waiting(shard)]
        worked = self._serve(SINGLE, SINGLES, waiting)
        if worked:
            self._single = time.monotonic()
        bulk = min(BULKS, SMALL) if time.monotonic() - self._single < SINCE else BULKS
        worked = self._serve(BULK, bulk, waiting, platforms=1) or worked
        for task in self.tasks[:1]:
            worked = self.conductor.advance(task) or worked
            self._retarget()
        if seen:
            self._beat(seen)
        return worked

    def look(self) -> None:
        """See which tasks and generations there are; ask for a rebuild where one is needed."""
        self._looked = time.monotonic()
        wanted = {
            name: why
            for name, why in rebuilding.wanting(self.engine).items()
            if not IndexTask.objects.filter(doc_type=name, state__in=rebuilding.OPEN).exists()
            and not _failed_lately(name)
        }
        for name, why in wanted.items():
            rebuilding.ask(IndexTask.Kind.REBUILD, name, reason=why)
        known = {task.id: task for task in self.tasks}
        self.tasks = [known.get(task.id, task) for task in rebuilding.open_tasks()]
        self._retarget()

    def _retarget(self) -> None:
        self.tasks = [task for task in self.tasks if task.state in rebuilding.OPEN]
        being_filled = rebuilding.filling(self.tasks)
        self.targets = {}
        for name, builder in BUILDERS.items():
            current = self.engine.current(doc_type=builder.doc_type)
            found = {name_: None for name_ in (current, being_filled.get(name)) if name_}
            self.targets[name] = list(found)

    @staticmethod
    def _waiting(shard: str) -> list[tuple[int, UUID]]:
        """Lanes and platforms with something due, of one database."""
        with asking_cursor(shard) as sql:
            sql.execute(_WAITING, {"now": clock.system()})
            return [(row[0], row[1]) for row in sql.fetchall()]

    def _serve(
        self, lane: int, limit: int, waiting: list[tuple[int, UUID]], platforms: int | None = None
    ) -> bool:
        served = 0
        mine = [platform_id for its_lane, platform_id in waiting if its_lane == lane]
        for platform_id in self._chosen(mine, platforms):
            tenant = tenancy.directory().by_id(platform_id)
            if tenant is not None:
                with tenancy.scope(tenant):
                    served += self._batch(lane, limit)
        return served > 0

    def _batch(self, lane: int, limit: int) -> int:
        try:
            return serve(self.engine, lane=lane, limit=limit, targets=self.targets)
        except (NoIndex, GenerationUnknown):
            self.look()  # a generation has gone from under us
            return 0

    @staticmethod
    def _chosen(waiting: list[UUID], most: int | None) -> Iterable[UUID]:
        if most is None or len(waiting) <= most:
            return waiting
        start = int(time.monotonic() * 10) % len(waiting)  # each gets its turn
        return [waiting[(start + place) % len(waiting)] for place in range(most)]

    def _beat_due(self) -> bool:
        return time.monotonic() - self._beaten >= BEAT

    @staticmethod
    def _caught_up(shard: str) -> datetime:
        """Everything committed before this is in the index, once it shows what it has."""
        now = clock.system()
        with asking_cursor(shard) as sql:
            sql.execute(_OLDEST)
            row = sql.fetchone()
        oldest: datetime | None = row[0] if row else None
        return min(oldest, now) if oldest else now

    def _beat(self, seen: dict[str, datetime]) -> None:
        self._beaten = time.monotonic()
        # An older index was brought back: until it is repaired, trust only what is far older.
        brought_back = [task for task in self.tasks if task.kind == IndexTask.Kind.ROLLBACK]
        repaired = [task.created_at - REPAIR for task in brought_back]
        for shard, caught_up in seen.items():
            said = {
                "engine": self.engine.name,
                "holder": self.holder,
                "beat_at": clock.system(),
                "caught_up_at": min([caught_up - MARGIN, *repaired]),
                "note": "",
            }
            if not IndexProgress.objects.filter(shard=shard).update(**said):
                IndexProgress.objects.update_or_create(shard=shard, defaults=said)

    def _stumbled(self, error: Exception, failures: int) -> None:
        if isinstance(error, EngineDown | NoIndex):
            log.warning("the engine is down (%s in a row): %s", failures, error)
        else:
            log.error("the indexer stumbled (%s in a row)", failures, exc_info=error)
        mend_connections()
        try:
            IndexProgress.objects.update(note=f"{type(error).__name__}: {error}"[:500])
        except Exception:
            log.exception("nor can it say so")


def _failed_lately(name: str) -> bool:
    """Whether a rebuild failed within the hour: it isn't begun again by itself at once."""
    return IndexTask.objects.filter(
        doc_type=name,
        kind=IndexTask.Kind.REBUILD,
        state=IndexTask.State.FAILED,
        finished_at__gte=clock.system() - timedelta(hours=1),
    ).exists()
