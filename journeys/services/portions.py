"""The portions of a list, each a transaction of its own, kept in their order.

Two are worked on at once: PostgreSQL writes the one while the next is worked out here. Each waits
for the one before to be kept, by a lock in the database, so that a knot of locks is seen there and
undone: at its end where all it is about is new, else before it locks what others may wait for.
What isn't kept keeps nothing behind it either: a killed job goes on where it stopped.
"""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from contextvars import copy_context
from typing import Any

from django.utils.translation import override

from journeys import locks
from journeys.contracts import ImportState
from journeys.imports.kinds import KINDS
from journeys.imports.writing import Portion
from journeys.models import PROBLEMS, ImportProblem, ProductImport
from kernel import personal, statistics, tenancy
from kernel.failpoints import hit
from kernel.gathered import gathering
from kernel.jobs import JobContext
from kernel.system_role import close_connections
from kernel.transactions import atomic, connection

LANES = 2
RESULTS = ("made", "changed", "removed", "unchanged", "failed")
# One list of a process has a second lane: two lists are side by side anyway, and the connections
# of the process's pool are for others, too.
_BESIDE = threading.Semaphore()


class _Rehearsed(Exception):
    """Takes back what a check has carried out."""


class _Overtaken(Exception):
    """The portion before wasn't kept, somebody else has written this one, or the list has ended."""


def carry_out(job: JobContext, row: ProductImport, things: Sequence[Any]) -> None:
    """Write the portions from the row's position on, until there is none or the list has ended.

    One at a time after a failure, and inside a transaction, whose rows a second connection
    wouldn't see.
    """
    alone = job.attempt > 1 or connection().in_atomic_block
    if alone or not _BESIDE.acquire(blocking=False):
        _Course(job, row, things, abreast=False).run()
        return
    try:
        _Course(job, row, things, abreast=True).run()
    finally:
        _BESIDE.release()


class _Course:
    """What the lanes share: which portion is next, and what made them stop."""

    def __init__(
        self, job: JobContext, row: ProductImport, things: Sequence[Any], *, abreast: bool
    ) -> None:
        self.job, self.row, self.things, self.abreast = job, row, things, abreast
        self.turn, self.ended = threading.Lock(), False
        self.position: int = row.position
        self.before: int | None = None  # where the portion begins that the next one waits for
        self.error: BaseException | None = None

    def run(self) -> None:
        """All portions; raises what was raised first."""
        others = [
            threading.Thread(target=copy_context().run, args=[self._beside], daemon=True)
            for _lane in range(LANES - 1 if self.abreast else 0)
        ]
        for one in others:
            one.start()
        self._lane()
        for one in others:
            one.join()
        if self.error is not None:
            raise self.error

    def _beside(self) -> None:
        try:
            with personal.keyring(), override("en"):
                self._lane()
        finally:
            close_connections()

    def _lane(self) -> None:
        try:
            while self._one():
                hit("journeys.import.after_portion")
        except _Overtaken:
            pass
        except BaseException as error:
            self.error = self.error or error
        finally:
            self.ended = True

    def _one(self) -> bool:
        """The next portion in one transaction; whether there was one."""
        with ExitStack() as stack:
            with self.turn:
                portion = () if self.ended else self._next()
                if not portion:
                    return False
                self.job.progress(self.position, self.row.products)
                stack.enter_context(atomic())
                start, before = self.position, self.before
                locks.portion(self.row.id, start)  # whoever follows waits for its end
                self.position, self.before = start + len(portion), start
            self._write(portion, start, before)
        if self.row.state == ImportState.RUNNING:
            statistics.keep_up(tenancy.current().database)
        return True

    def _next(self) -> Sequence[Any]:
        return KINDS[self.row.kind].portion(self.things, self.position)

    def _write(self, portion: Sequence[Any], start: int, before: int | None) -> None:
        """The goods, the problems, the position."""
        beside = self.abreast and not KINDS[self.row.kind].alone(self.row, portion)
        here = None if beside else self._turn(start, before)
        result = _result(here or self.row, portion)
        here = here or self._turn(start, before)
        here.position += len(portion)
        for name in RESULTS:
            setattr(here, name, getattr(here, name) + getattr(result, name))
        here.save()
        _note(here, result)

    def _turn(self, start: int, before: int | None) -> ProductImport:
        """The list, locked, once the portion before has ended."""
        if before is not None and self.abreast:
            locks.portion(self.row.id, before)
        here: ProductImport = ProductImport.objects.select_for_update().get(id=self.row.id)
        if (here.state, here.position) != (self.row.state, start):
            raise _Overtaken
        return here


def _result(row: ProductImport, portion: Sequence[Any]) -> Portion:
    """What became of it. A check takes back what it has carried out."""
    result = Portion()
    rehearsal = row.state == ImportState.CHECKING
    try:
        with atomic(), gathering():
            result = KINDS[row.kind].write(row, portion, trial=rehearsal)
            if rehearsal:
                raise _Rehearsed
    except _Rehearsed:
        pass
    return result


def _note(row: ProductImport, result: Portion) -> None:
    headings = {key: name for name, key in row.mapping.items()}
    PROBLEMS.insert_all(
        ImportProblem(
            product_import=row, row=found.row, heading=headings.get(found.key, "")[:120],
            key=found.key[:60], code=found.code[:80], words=found.words[:300],
            value=found.value[:200],
        )
        for found in sorted(result.problems, key=lambda found: found.row)
    )  # fmt: skip
