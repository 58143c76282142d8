"""An import whose process is killed between two portions."""

from uuid import UUID

import pytest

from journeys.services import imports, portions
from kernel import jobs
from kernel.ids import uuid7


class Killed(BaseException):
    """As by SIGKILL: nobody handles it."""


def work_until_killed(
    import_id: UUID, monkeypatch: pytest.MonkeyPatch, *, after_portions: int = 2
) -> None:
    """Run the job until it has written so many portions, and no further."""
    hits: list[str] = []

    def die(name: str) -> None:
        hits.append(name)
        if len(hits) == after_portions:
            raise Killed

    context = jobs.JobContext(uuid7(), imports.JOB, 1)
    with monkeypatch.context() as patch:
        patch.setattr(context, "progress", lambda done, total: None)
        patch.setattr(portions, "hit", die)
        with pytest.raises(Killed):
            imports.work(context, import_id=import_id)
