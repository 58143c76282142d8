"""Reads of the machinery's own rows for the operator's pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from kernel.errors import DomainError
from kernel.pagination import PageOf, keyset
from kernel.records.jobs import Job


@dataclass(frozen=True)
class JobRow:
    """One job in the operator's list; ``error`` as it was kept: a code, and what it said."""

    id: UUID
    kind: str
    state: str
    done: int
    total: int
    attempts: int
    error: str
    request_id: str
    run_at: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0

    @property
    def known_error(self) -> type[DomainError] | None:
        """The error, where it is one that the product gives; None for an accident."""
        return _errors().get(self.error.partition(":")[0])

    @property
    def again_at(self) -> datetime | None:
        """When one that failed is tried again by itself."""
        return self.run_at if self.state == Job.State.QUEUED and self.error else None


_FIELDS = ("id", "kind", "state", "progress_done", "progress_total", "attempts", "error",
           "request_id", "run_at", "created_at", "started_at", "finished_at")  # fmt: skip


def job_states() -> list[str]:
    """The states a job can be in."""
    return [str(value) for value in Job.State.values]


def jobs(
    *,
    state: str | None = None,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[JobRow]:
    """The platform's jobs, newest first; without the machinery's own that recur."""
    rows = Job.objects.filter(periodic=False)
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    page = keyset(rows.values(*_FIELDS), order=("-id",), cursor=cursor, limit=limit)
    return page.map(_job)


def failed_jobs() -> int:
    """How many jobs have failed, counted up to 100."""
    return Job.objects.filter(state=Job.State.FAILED)[:100].count()


@cache
def _errors() -> dict[str, type[DomainError]]:
    return {error.code: error for error in _below(DomainError)}


def _below(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for one in error.__subclasses__():
        yield one
        yield from _below(one)


def _job(row: dict[str, Any]) -> JobRow:
    return JobRow(
        id=row["id"],
        kind=row["kind"],
        state=row["state"],
        done=row["progress_done"],
        total=row["progress_total"],
        attempts=row["attempts"],
        error=row["error"],
        request_id=row["request_id"],
        run_at=row["run_at"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )
