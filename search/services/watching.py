"""The index of the platform in scope as its operators see it: how it is, what couldn't be indexed,
and trying that again."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Count, Q

from catalog import facade as catalog
from kernel import tenancy, transactions
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf, keyset
from kernel.records.jobs import Job
from platforms import facade as platforms
from search.building import BUILDERS
from search.contracts.indexing import IndexState, SetAside, Work
from search.documents.types import TYPES
from search.models import Change, IndexProgress
from search.services import changes, engines, following, rebuilding

RETRIED_MOST = 1000
_OPEN = (Job.State.QUEUED, Job.State.RUNNING)


def index_state() -> IndexState:
    """What waits, what is under way, and whether the engine answers, which is asked once."""
    told = engines.engine().status(doc_types=[TYPES[name] for name in BUILDERS])
    waits = Change.objects.aggregate(
        single=Count("id", filter=Q(state=Change.State.PENDING, lane=Change.Lane.SINGLE)),
        bulk=Count("id", filter=Q(state=Change.State.PENDING, lane=Change.Lane.BULK)),
        set_aside=Count("id", filter=Q(state=Change.State.SET_ASIDE)),
    )
    seen = IndexProgress.objects.filter(shard=tenancy.current().database)
    return IndexState(
        engine=told.engine,
        up=told.up,
        caught_up_at=seen.values_list("caught_up_at", flat=True).first(),
        work=(*_tasks(), *_wide_changes()),
        **waits,
    )


def _tasks() -> Iterable[Work]:
    for one in rebuilding.open_tasks():
        done = min(100, 100 * one.done // one.total) if one.total else 0
        total = 100 if one.total else 0
        yield Work(one.kind, one.doc_type, one.state, one.step, done, total, one.created_at)


def _wide_changes() -> Iterable[Work]:
    for one in Job.objects.filter(kind=following.JOB, state__in=_OPEN).order_by("created_at"):
        scope = str(one.args.get("scope", ""))
        done = max(one.progress_done, int(one.args.get("done", 0)))
        yield Work(scope, "product", one.state, "", done, one.progress_total, one.created_at)


def set_aside(*, cursor: str | None = None, limit: int = 20) -> PageOf[SetAside]:
    """Documents that can't be indexed, the oldest trouble first."""
    rows = Change.objects.filter(state=Change.State.SET_ASIDE)
    page = keyset(
        rows.values("id", "kind", "ref_id", "error", "attempts", "since", "due_at"),
        order=("since", "id"), cursor=cursor, limit=limit,
    )  # fmt: skip
    names = _names([(row["kind"], row["ref_id"]) for row in page.items])
    return page.map(
        lambda row: SetAside(
            id=row["id"],
            doc_type=row["kind"],
            document_id=public_id(BUILDERS[row["kind"]].prefix, row["ref_id"])
            if row["kind"] in BUILDERS
            else "",
            name=names.get(row["ref_id"], ""),
            reason=row["error"],
            attempts=row["attempts"],
            since=row["since"],
            again_at=row["due_at"],
        )
    )


def retry(*, change_id: UUID | None = None) -> int:
    """Try a document again that was set aside (None: all of them, ``RETRIED_MOST`` at a time),
    ahead of what waits in bulk; how many. Raises NotFound when it isn't set aside any more."""
    rows = Change.objects.filter(state=Change.State.SET_ASIDE)
    if change_id is not None:
        rows = rows.filter(id=change_id)
    found = list(rows.order_by("since").values_list("kind", "ref_id")[:RETRIED_MOST])
    if change_id is not None and not found:
        raise NotFound
    with transactions.atomic():
        for kind in {kind for kind, _ref_id in found}:
            ids = [ref_id for one, ref_id in found if one == kind]
            changes.note(kind, ids, lane=changes.SINGLE)
    return len(found)


def _names(found: Iterable[tuple[str, UUID]]) -> dict[UUID, str]:
    """What the documents are called, as far as they are still there; two queries at most."""
    wanted: dict[str, list[UUID]] = {}
    for kind, ref_id in found:
        wanted.setdefault(kind, []).append(ref_id)
    main = platforms.get_platform().locales[0]
    texts: dict[UUID, Mapping[str, str]] = {
        key: one.titles for key, one in catalog.products(wanted.get("product", ())).items()
    }
    texts |= {
        key: one.names for key, one in platforms.merchants(wanted.get("merchant", ())).items()
    }
    return {key: platforms.in_language(one, main) for key, one in texts.items()}
