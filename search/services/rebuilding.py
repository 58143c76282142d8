"""Carrying out tasks: a new generation is filled, checked and swapped in, or the one before it is
brought back. Each ``advance`` does a bounded piece and writes down how far it came, so that single
changes get their turn between two pieces and another process goes on after a crash.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from kernel import clock, failpoints, tenancy
from kernel.errors import Conflict
from kernel.tenancy import Tenant
from search.building import BUILDERS
from search.contracts import DocumentType
from search.documents.types import TYPES, fingerprint
from search.engines.base import Engine
from search.errors import EngineDown, GenerationUnknown, NoIndex
from search.models import Change, IndexTask
from search.services import changes
from search.services.comparing import compare_page
from search.services.serving import fill

log = logging.getLogger("search.indexing")
PAGE = 250
ROUNDS = 5  # how often what differs is looked at again before the task fails
SAMPLED = 20  # every so-manieth page is compared with its contents when a rebuild is checked
KEPT = timedelta(days=30)  # how long ended tasks are kept
OPEN = (IndexTask.State.QUEUED, IndexTask.State.RUNNING)


def ask(kind: str, doc_type: str, *, reason: str = "") -> IndexTask:
    """Queue a task, or find the open one of that kind and type."""
    task, made = IndexTask.objects.get_or_create(
        kind=kind,
        doc_type=doc_type,
        state__in=OPEN,
        defaults={"state": IndexTask.State.QUEUED, "reason": reason, "created_at": clock.system()},
    )
    if made:
        log.info("%s of %s was asked for: %s", kind, doc_type, reason)
    return task


def open_tasks() -> list[IndexTask]:
    """Those that aren't done, in the order they were asked for."""
    return list(IndexTask.objects.filter(state__in=OPEN).order_by("created_at", "id"))


def filling(tasks: Sequence[IndexTask]) -> dict[str, str]:
    """Document type -> the generation that is being filled and so gets every change too."""
    return {
        task.doc_type: task.generation
        for task in tasks
        if task.kind == IndexTask.Kind.REBUILD
        and task.state == IndexTask.State.RUNNING
        and task.generation
    }


def tenants() -> list[Tenant]:
    """Every platform, the oldest first; one that is opened later comes after those done."""
    return sorted(tenancy.directory().all(), key=lambda tenant: tenant.id)


class Conductor:
    """Carries tasks out for one writer."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # What differed in every look so far; kept here only: a new writer looks afresh.
        self.suspects: set[tuple[UUID, UUID]] | None = None
        self.seen: set[tuple[UUID, UUID]] = set()
        self.round = 0
        self.judged = clock.system()

    def advance(self, task: IndexTask) -> bool:
        """Do the next piece; whether there was anything to do. Raises EngineDown."""
        doc_type = TYPES[task.doc_type]
        try:
            if task.state == IndexTask.State.QUEUED:
                self._begin(task, doc_type)
            elif task.step == "filling":
                self._fill(task)
            elif task.step == "checking":
                self._check(task)
            elif task.step == "settling":
                return self._settle(task)
            elif task.step == "swapping":
                self._swap(task, doc_type)
        except EngineDown:
            raise
        except (NoIndex, GenerationUnknown):
            log.warning("%s is gone; filling begins again", task.generation)
            self._to(task, "", state=IndexTask.State.QUEUED, done=0)
        except Conflict as error:
            with override("en"):  # for whoever runs the machine, as all notes are
                self._end(task, IndexTask.State.FAILED, str(error.detail))
        except Exception as error:
            log.exception("%s of %s failed", task.kind, task.doc_type)
            self._end(task, IndexTask.State.FAILED, f"{type(error).__name__}: {error}")
        return True

    def _begin(self, task: IndexTask, doc_type: DocumentType) -> None:
        task.started_at = task.started_at or clock.system()
        self.suspects, self.seen, self.round = None, set(), 0
        if task.kind == IndexTask.Kind.ROLLBACK:
            task.generation = previous(self.engine, doc_type)
            self.engine.swap(doc_type=doc_type, generation=task.generation)
            # It stood still since it was replaced: what differs is written again.
            self._to(task, "checking", state=IndexTask.State.RUNNING)
            return
        stamp = clock.system().strftime("%Y%m%d%H%M%S%f")[:-3]
        task.generation = f"{doc_type.name}-{stamp}-{fingerprint(doc_type, self.engine.layout)}"
        task.total = sum(_count(tenant, doc_type.name) for tenant in tenants())
        self.engine.create(doc_type=doc_type, generation=task.generation)
        self._to(task, "filling", state=IndexTask.State.RUNNING)

    def _fill(self, task: IndexTask) -> None:
        tenant = self._tenant(task)
        if tenant is None:
            self._to(task, "checking")
            return
        with tenancy.scope(tenant):
            count, after = fill(
                self.engine,
                kind=task.doc_type,
                generation=task.generation,
                after=task.after,
                limit=PAGE,
            )
        failpoints.hit("search.fill.before_progress")
        self._step_on(task, tenant, after, count)

    def _check(self, task: IndexTask) -> None:
        tenant = self._tenant(task)
        if tenant is None:
            self._judge(task)
            return
        if task.platform_id is None:
            self.engine.refresh(doc_type=TYPES[task.doc_type], generation=task.generation)
            self.seen = set()
        everything = task.kind == IndexTask.Kind.ROLLBACK
        with tenancy.scope(tenant):
            page = compare_page(
                self.engine,
                kind=task.doc_type,
                generation=task.generation,
                after=task.after,
                contents=everything or (task.done // 500) % SAMPLED == 0,
            )
            changes.note(task.doc_type, page.problems)
        self.seen |= {(tenant.id, one) for one in page.problems}
        self._step_on(task, tenant, page.after, page.documents)

    def _judge(self, task: IndexTask) -> None:
        """After a round of checking: what differed each time is what differs."""
        self.suspects = self.seen if self.suspects is None else self.suspects & self.seen
        aside = self._set_aside(task.doc_type)  # they wait for somebody and hold up nobody
        self.suspects -= aside
        self.round += 1
        self.judged = clock.system()
        if not self.suspects:
            done = task.kind == IndexTask.Kind.ROLLBACK
            if done:
                self._end(task, IndexTask.State.DONE, _told(aside))
            else:
                task.note = _told(aside)
                self._to(task, "swapping", done=task.done)
        elif self.round >= ROUNDS:
            left = ", ".join(f"{one} on {tenant}" for tenant, one in sorted(self.suspects)[:5])
            raise Conflict(f"{len(self.suspects)} documents still differ: {left}")
        else:
            self._to(task, "settling")

    def _settle(self, task: IndexTask) -> bool:
        """Wait until what was found different has been written again."""
        if any(_pending(tenant, task.doc_type, self.judged) for tenant in self._concerned()):
            return False
        self._to(task, "checking")
        return True

    def _set_aside(self, kind: str) -> set[tuple[UUID, UUID]]:
        found = set()
        for tenant in self._concerned():
            with tenancy.scope(tenant):
                rows = Change.objects.filter(kind=kind, state=Change.State.SET_ASIDE)
                found |= {(tenant.id, one) for one in rows.values_list("ref_id", flat=True)}
        return found

    def _concerned(self) -> list[Tenant]:
        wanted = {tenant_id for tenant_id, _one in self.suspects or ()}
        return [tenant for tenant in tenants() if tenant.id in wanted]

    def _swap(self, task: IndexTask, doc_type: DocumentType) -> None:
        self.engine.refresh(doc_type=doc_type, generation=task.generation)
        before = self.engine.swap(doc_type=doc_type, generation=task.generation)
        failpoints.hit("search.swap.after")
        for old in self.engine.generations(doc_type=doc_type):
            if not old.current and old.name != before:
                self.engine.drop(doc_type=doc_type, generation=old.name)
        kept = f"{before} is kept for rollback." if before else ""
        self._end(task, IndexTask.State.DONE, " ".join(filter(None, (task.note, kept))))
        IndexTask.objects.filter(
            state__in=[IndexTask.State.DONE, IndexTask.State.FAILED],
            finished_at__lt=clock.system() - KEPT,
        ).delete()

    def _tenant(self, task: IndexTask) -> Tenant | None:
        """The platform that the task is at: the one it stopped in, else the next."""
        everyone = tenants()
        if task.platform_id is None:
            return everyone[0] if everyone else None
        if task.after is not None:
            here = [tenant for tenant in everyone if tenant.id == task.platform_id]
            if here:
                return here[0]
        return next((tenant for tenant in everyone if tenant.id > task.platform_id), None)

    def _step_on(self, task: IndexTask, tenant: Tenant, after: UUID | None, count: int) -> None:
        task.platform_id, task.after, task.done = tenant.id, after, task.done + count
        task.save()

    def _to(self, task: IndexTask, step: str, *, state: str = "", done: int = 0) -> None:
        task.step, task.platform_id, task.after, task.done = step, None, None, done
        task.state = state or task.state
        task.save()

    def _end(self, task: IndexTask, state: str, note: str) -> None:
        if state == IndexTask.State.FAILED and task.kind == IndexTask.Kind.REBUILD:
            self._drop(task)
        task.state, task.note, task.finished_at = state, note[:1000], clock.system()
        task.save()
        level = logging.INFO if state == IndexTask.State.DONE else logging.ERROR
        log.log(level, "%s of %s: %s %s", task.kind, task.doc_type, state, note)

    def _drop(self, task: IndexTask) -> None:
        """Remove what a failed rebuild leaves, so that nobody takes it for an index."""
        doc_type = TYPES[task.doc_type]
        try:
            if task.generation and task.generation != self.engine.current(doc_type=doc_type):
                self.engine.drop(doc_type=doc_type, generation=task.generation)
        except Exception:
            log.exception("%s could not be removed", task.generation)


def _told(aside: set[tuple[UUID, UUID]]) -> str:
    return f"{len(aside)} documents are set aside." if aside else ""


def previous(engine: Engine, doc_type: DocumentType) -> str:
    """The generation before the current one. Raises Conflict when there is none."""
    unfinished = filling(open_tasks()).get(doc_type.name)
    others = [
        one.name
        for one in engine.generations(doc_type=doc_type)
        if not one.current and one.name != unfinished
    ]
    if not others:
        raise Conflict(_("There is no earlier index to go back to."))
    return max(others)  # names begin with when they were made


def wanting(engine: Engine) -> dict[str, str]:
    """Document type -> why it needs a rebuild that nobody has asked for."""
    found = {}
    for name, doc_type in TYPES.items():
        if name not in BUILDERS:
            continue
        current = engine.current(doc_type=doc_type)
        if current is None:
            found[name] = "there is no index yet"
        elif not current.endswith(fingerprint(doc_type, engine.layout)):
            found[name] = "the declaration has changed"
    return found


def _count(tenant: Tenant, kind: str) -> int:
    with tenancy.scope(tenant):
        return BUILDERS[kind].count()


def _pending(tenant: Tenant, kind: str, before: datetime) -> bool:
    with tenancy.scope(tenant):
        rows = Change.objects.filter(kind=kind, state=Change.State.PENDING, since__lte=before)
        return rows.exists()
