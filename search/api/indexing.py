"""How the index is, and another try for what couldn't be indexed."""

from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.errors import Invalid
from kernel.ids import public_id
from kernel.pagination import PageOf
from search.api.routes import TAIL, routes
from search.api.tuning import READ, WRITE
from search.contracts.indexing import SetAside
from search.services import watching

ChangeId = Annotated[UUID, Id("sch")]
WHEN = "2026-05-01T08:00:00Z"
ASIDE_EXAMPLE = {
    "id": f"sch_{TAIL}", "type": "product", "document_id": f"prd_{TAIL}", "name": "二等玉米",
    "reason": "ValueError: the value isn't finite", "attempts": 2, "since": WHEN, "again_at": WHEN,
}  # fmt: skip


class WorkOut(Schema):
    kind: str = Field(
        description="rebuild, rollback, or what changed widely: category, merchant, brand,"
        " attribute, warehouse, platform"
    )
    type: str
    state: str = Field(description="queued or running")
    step: str
    done: int
    total: int = Field(description="0 when it isn't known yet; 100 of a rebuild")
    since: Timestamp


class StateOut(Schema):
    engine: str
    up: bool = Field(description="Whether the engine answers; without it products are browsed")
    caught_up_at: Timestamp | None = Field(description="What changed before then can be found")
    single: int = Field(description="Changed documents that wait")
    bulk: int = Field(description="Documents of imports and wide changes that wait")
    set_aside: int = Field(description="Documents that can't be indexed")
    work: list[WorkOut]


class SetAsideOut(Schema):
    id: ChangeId
    type: str
    document_id: str
    name: str
    reason: str
    attempts: int
    since: Timestamp
    again_at: Timestamp = Field(description="When it is tried by itself")


class RetriedOut(Schema):
    retried: int


@routes.get("/search/index", summary="How the index is: what waits, what is under way",
            response=StateOut,
            example={"engine": "embedded", "up": True, "caught_up_at": WHEN, "single": 0,
                     "bulk": 420, "set_aside": 1,
                     "work": [{"kind": "category", "type": "product", "state": "running",
                               "step": "", "done": 10000, "total": 24000, "since": WHEN}]},
            **READ)  # fmt: skip
def state(request: ApiRequest) -> dict[str, Any]:
    found = watching.index_state()
    return {
        "engine": found.engine, "up": found.up, "caught_up_at": found.caught_up_at,
        "single": found.single, "bulk": found.bulk, "set_aside": found.set_aside,
        "work": [
            {"kind": one.kind, "type": one.doc_type, "state": one.state, "step": one.step,
             "done": one.done, "total": one.total, "since": one.since}
            for one in found.work
        ],
    }  # fmt: skip


@routes.get("/search/index/set-aside", summary="Documents that can't be indexed, and why",
            response=ListOf[SetAsideOut],
            example={"data": [ASIDE_EXAMPLE], "has_more": False, "next_cursor": None},
            errors=(Invalid,), **READ)  # fmt: skip
def list_set_aside(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    if q.updated_since is not None:
        raise Invalid(
            _("The oldest trouble comes first; leave updated_since out."), field="updated_since"
        )
    return watching.set_aside(cursor=q.cursor, limit=q.limit).map(_out)


@routes.post("/search/index/set-aside/{change_id}/retry",
             summary="Try to index a document again", response=RetriedOut,
             example={"retried": 1}, **WRITE)  # fmt: skip
def retry_one(request: ApiRequest, change_id: ChangeId) -> dict[str, int]:
    return {"retried": watching.retry(change_id=change_id)}


@routes.post("/search/index/set-aside/retry",
             summary="Try to index again all that was set aside, at most 1,000 documents",
             response=RetriedOut, example={"retried": 3}, **WRITE)  # fmt: skip
def retry_all(request: ApiRequest) -> dict[str, int]:
    return {"retried": watching.retry()}


def _out(one: SetAside) -> dict[str, Any]:
    return {
        "id": public_id("sch", one.id), "type": one.doc_type, "document_id": one.document_id,
        "name": one.name, "reason": one.reason, "attempts": one.attempts, "since": one.since,
        "again_at": one.again_at,
    }  # fmt: skip
