"""Looking at jobs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.errors import NotFound
from kernel.records.jobs import Job


@dataclass(frozen=True)
class JobInfo:
    """One job as its owner sees it; ``error`` is only said when it has failed."""

    id: UUID
    kind: str
    state: str
    done: int
    total: int
    result: dict[str, Any] | None
    error: str
    merchant_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def job_info(job_id: UUID, *, merchant_id: UUID | None = None) -> JobInfo:
    """The job; with ``merchant_id`` only if it is that merchant's. Raises NotFound."""
    rows = Job.objects.filter(id=job_id)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    row = rows.first()
    if row is None:
        raise NotFound
    return JobInfo(
        id=row.id,
        kind=row.kind,
        state=row.state,
        done=row.progress_done,
        total=row.progress_total,
        result=row.result,
        error=row.error if row.state == Job.State.FAILED else "",
        merchant_id=row.merchant_id,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
