"""What happened (the merchant's events), what is being worked on (jobs), and what got stuck."""

from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja.params.functions import Query
from pydantic import Field

from kernel import jobs, outbox
from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms.api.routes import STAFF, own_or_any, routes

EVENT = {
    "id": "evt_01k00000000000000000000000",
    "type": "marketplace.order.paid.v1",
    "aggregate": "marketplace.order",
    "version": 2,
    "data": {"order_id": "ord_01k00000000000000000000000"},
    "business_at": "2026-05-01T08:00:00Z",
    "created_at": "2026-05-01T08:00:00Z",
    "request_id": "req_01k00000000000000000000000",
}
JOB = {
    "id": "job_01k00000000000000000000000",
    "kind": "catalog.import_products",
    "state": "running",
    "progress": {"done": 120, "total": 500},
    "result": None,
    "error": "",
    "created_at": "2026-05-01T08:00:00Z",
    "started_at": "2026-05-01T08:00:01Z",
    "finished_at": None,
}
PARKED = {
    "id": "dlv_01k00000000000000000000000",
    "handler": "journeys.timeline",
    "event_id": "evt_01k00000000000000000000000",
    "event_type": "marketplace.order.paid.v1",
    "aggregate": "marketplace.order",
    "version": 2,
    "attempts": 8,
    "error": "OperationalError: …",
    "waiting": 3,
    "created_at": "2026-05-01T08:00:00Z",
}
JobId = Annotated[UUID, Id("job")]
DeliveryId = Annotated[UUID, Id("dlv")]


class EventOut(Schema):
    id: Annotated[UUID, Id("evt")]
    type: str
    aggregate: str
    version: int = Field(description="Counts the events of one aggregate, without gaps")
    data: dict[str, Any]
    business_at: Timestamp
    created_at: Timestamp
    request_id: str


class EventQuery(ListQuery):
    types: str | None = Field(None, description="Comma-separated event types", max_length=1000)


class ProgressOut(Schema):
    done: int
    total: int


class JobOut(Schema):
    id: JobId
    kind: str
    state: str = Field(description="queued, running, done, failed, cancelled")
    progress: ProgressOut
    result: dict[str, Any] | None
    error: str
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None


class ParkedOut(Schema):
    id: DeliveryId
    handler: str
    event_id: Annotated[UUID, Id("evt")]
    event_type: str
    aggregate: str
    version: int
    attempts: int
    error: str
    waiting: int = Field(description="How many later events of the same aggregate wait behind it")
    created_at: Timestamp


class SkipIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class DeliveryState(Schema):
    id: DeliveryId
    state: str


def render_parked(row: outbox.ParkedDelivery) -> dict[str, Any]:
    return {
        "id": public_id("dlv", row.id),
        "handler": row.handler,
        "event_id": public_id("evt", row.event_id),
        "event_type": row.event_type,
        "aggregate": row.aggregate_type,
        "version": row.version,
        "attempts": row.attempts,
        "error": row.error,
        "waiting": row.waiting,
        "created_at": row.created_at,
    }


@routes.get(
    "/events",
    summary="What happened to you, oldest first, for 30 days; keep the cursor and ask again",
    audience={"merchant"},
    scope="events:read",
    permission="events",
    response=ListOf[EventOut],
    example={"data": [EVENT], "has_more": False, "next_cursor": "WyJ0eGlkLGlkIl0"},
)
def list_events(request: ApiRequest, q: EventQuery = Query(...)) -> PageOf[dict[str, Any]]:
    if q.updated_since is not None:
        raise Invalid(_("Events never change; use cursor."), field="updated_since")
    types = [part.strip() for part in q.types.split(",")] if q.types else None
    merchant = request.actor.merchant_id
    if merchant is None:
        raise NotFound
    return outbox.merchant_events(merchant, cursor=q.cursor, limit=q.limit, types=types).map(
        outbox.rendered
    )


@routes.get(
    "/jobs/{job_id}",
    summary="How a long-running piece of work stands",
    audience=STAFF,
    scope="jobs:read",
    permission={"merchant": "own", "operator": "jobs"},
    response=JobOut,
    errors=(NotFound,),
    example=JOB,
)
def get_job(request: ApiRequest, job_id: JobId) -> dict[str, Any]:
    info = jobs.job_info(job_id, merchant_id=own_or_any(request.actor, None))
    return {
        "id": public_id("job", info.id),
        "kind": info.kind,
        "state": info.state,
        "progress": {"done": info.done, "total": info.total},
        "result": info.result,
        "error": info.error,
        "created_at": info.created_at,
        "started_at": info.started_at,
        "finished_at": info.finished_at,
    }


@routes.get(
    "/parked-deliveries",
    summary="Events that a handler could not take, oldest first",
    audience={"operator"},
    scope="operations:read",
    permission="jobs",
    response=ListOf[ParkedOut],
    example={"data": [PARKED], "has_more": False, "next_cursor": None},
)
def list_parked(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return outbox.parked_deliveries(cursor=q.cursor, limit=q.limit).map(render_parked)


@routes.post(
    "/parked-deliveries/{delivery_id}/replay",
    summary="Let a parked event try again",
    audience={"operator"},
    scope="operations:write",
    permission="jobs",
    response=DeliveryState,
    errors=(NotFound, outbox.DeliveryNotParked),
    example={"id": PARKED["id"], "state": "pending"},
)
def replay_parked(request: ApiRequest, delivery_id: DeliveryId) -> dict[str, Any]:
    outbox.replay(delivery_id)
    return {"id": public_id("dlv", delivery_id), "state": "pending"}


@routes.post(
    "/parked-deliveries/{delivery_id}/skip",
    summary="Give a parked event up, with a reason that is kept; those behind it go on",
    audience={"operator"},
    scope="operations:write",
    permission="jobs",
    response=DeliveryState,
    errors=(NotFound, outbox.DeliveryNotParked),
    example={"id": PARKED["id"], "state": "skipped"},
    request_example={"reason": "The order was settled by hand."},
)
def skip_parked(request: ApiRequest, delivery_id: DeliveryId, body: SkipIn) -> dict[str, Any]:
    outbox.skip(delivery_id, reason=body.reason)
    return {"id": public_id("dlv", delivery_id), "state": "skipped"}
