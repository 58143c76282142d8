"""Jobs of this context, and the thread that writes the index."""

import threading
from typing import Any
from uuid import UUID

from django.conf import settings

from kernel.jobs import JobContext, job, periodic
from kernel.residents import resident
from search.services import engines, following, queryjobs, saved
from search.services.indexer import Indexer


@resident("search.indexer")
def index(stopping: threading.Event) -> None:
    """Write the index for as long as this process lives, if no other does."""
    Indexer(engines.make()).run(stopping)


@job(following.JOB)
def follow(
    job: JobContext, *, scope: str, id: str, after: str | None = None, done: int = 0
) -> dict[str, Any]:
    return following.run(
        job, scope=scope, one=UUID(id), after=UUID(after) if after else None, done=done
    )


@periodic("search.queries", seconds=3600)
def queries(job: JobContext) -> dict[str, Any]:
    """Choose what is offered while typing; forget what is old or rare."""
    return {"popular": queryjobs.refresh_popular(), **queryjobs.forget_queries()}


@periodic("search.saved_searches", seconds=60)
def saved_searches(job: JobContext) -> dict[str, Any]:
    """Tell the owners of kept searches what is new."""
    return saved.check_due()


if settings.SEARCH_MEANING:

    @periodic("search.embed", seconds=5)
    def run_embed(job: JobContext) -> dict[str, int]:
        """Give vectors to documents that changed."""
        from search.meaning import vectors
        from search.meaning.embedder import embedder

        model = embedder(settings.SEARCH_MEANING)
        done = 0
        while not job.stopping.is_set() and (count := vectors.embed_waiting(model)):
            done += count
        return {"embedded": done}
