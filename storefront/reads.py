"""Reads of the machinery's own rows for the operator's pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.pagination import PageOf, keyset
from kernel.records.jobs import Job


@dataclass(frozen=True)
class JobRow:
    """One job in the operator's list."""

    id: UUID
    kind: str
    state: str
    done: int
    total: int
    attempts: int
    error: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0


_FIELDS = ("id", "kind", "state", "progress_done", "progress_total", "attempts", "error",
           "created_at", "started_at", "finished_at")  # fmt: skip


def job_states() -> list[str]:
    """The states a job can be in."""
    return [str(value) for value in Job.State.values]


def jobs(*, state: str | None = None, cursor: str | None = None, limit: int = 20) -> PageOf[JobRow]:
    """The platform's jobs, newest first; without the machinery's own that recur."""
    rows = Job.objects.filter(periodic=False)
    if state:
        rows = rows.filter(state=state)
    page = keyset(rows.values(*_FIELDS), order=("-id",), cursor=cursor, limit=limit)
    return page.map(_job)


def failed_jobs() -> int:
    """How many jobs have failed, counted up to 100."""
    return Job.objects.filter(state=Job.State.FAILED)[:100].count()


def _job(row: dict[str, Any]) -> JobRow:
    return JobRow(
        id=row["id"],
        kind=row["kind"],
        state=row["state"],
        done=row["progress_done"],
        total=row["progress_total"],
        attempts=row["attempts"],
        error=row["error"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )
