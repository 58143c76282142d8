"""A merchant's webhook endpoints and their delivery log."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja.params.functions import Query
from pydantic import Field

from kernel import webhooks
from kernel.api import (
    ApiRequest,
    ExternalId,
    Id,
    ListOf,
    ListQuery,
    Metadata,
    Schema,
    Timestamp,
    check_if_match,
    set_etag,
)
from kernel.errors import NotFound, PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf
from kernel.webhooks.log import EndpointDisabled
from platforms.api.routes import routes
from platforms.contracts import Sensitive
from platforms.errors import CONFIRMED
from platforms.services.sensitive import check_confirmed

EndpointId = Annotated[UUID, Id("whk")]
DeliveryId = Annotated[UUID, Id("whd")]
WHO: dict[str, Any] = {"audience": {"merchant"}, "scope": "webhooks:write"}
READ: dict[str, Any] = {"audience": {"merchant"}, "scope": "webhooks:read"}
ENDPOINT: dict[str, Any] = {
    "id": "whk_01k00000000000000000000000",
    "url": "https://erp.example/hooks",
    "description": "ERP",
    "event_types": ["marketplace.order.paid.v1"],
    "state": "enabled",
    "disabled_reason": "",
    "failing_since": None,
    "external_id": None,
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
CREATED = {**ENDPOINT, "secret": "whsec_c2hvd24gb25seSBvbmNlLCBrZWVwIGl0IHNhZmU="}
DELIVERY = {
    "id": "whd_01k00000000000000000000000",
    "event_id": "evt_01k00000000000000000000000",
    "event_type": "marketplace.order.paid.v1",
    "state": "succeeded",
    "attempts": 1,
    "last_status": 200,
    "next_attempt_at": None,
    "created_at": "2026-05-01T08:00:00Z",
    "finished_at": "2026-05-01T08:00:01Z",
}
ATTEMPT = {
    "number": 1,
    "at": "2026-05-01T08:00:01Z",
    "milliseconds": 41,
    "status": 200,
    "error": "",
    "answer": "ok",
}


class EndpointOut(Schema):
    id: EndpointId
    url: str
    description: str
    event_types: list[str]
    state: str
    disabled_reason: str
    failing_since: Timestamp | None
    external_id: str | None
    metadata: dict[str, str]
    created_at: Timestamp
    updated_at: Timestamp


class CreatedOut(EndpointOut):
    secret: str = Field(description="Shown this once: sign with it")


class EndpointIn(Schema):
    url: Annotated[str, Field(max_length=2000, description="https, a public address")]
    event_types: Annotated[list[str], Field(min_length=1, max_length=100)] = ["*"]
    description: Annotated[str, Field(max_length=500)] = ""
    external_id: ExternalId | None = None
    metadata: Metadata = {}


class EndpointPatch(Schema):
    url: Annotated[str, Field(max_length=2000)] | None = None
    event_types: Annotated[list[str], Field(min_length=1, max_length=100)] | None = None
    description: Annotated[str, Field(max_length=500)] | None = None
    metadata: Metadata | None = None
    enabled: bool | None = None


class WebhookDeliveryOut(Schema):
    id: DeliveryId
    event_id: Annotated[UUID, Id("evt")]
    event_type: str
    state: str
    attempts: int
    last_status: int | None
    next_attempt_at: Timestamp | None
    created_at: Timestamp
    finished_at: Timestamp | None


class AttemptOut(Schema):
    number: int
    at: Timestamp
    milliseconds: int
    status: int | None
    error: str
    answer: str


class AttemptsOut(Schema):
    data: list[AttemptOut]


class Deleted(Schema):
    id: EndpointId
    deleted: bool


def render(row: webhooks.EndpointInfo) -> dict[str, Any]:
    return {
        "id": public_id("whk", row.id),
        "url": row.url,
        "description": row.description,
        "event_types": row.event_types,
        "state": row.state,
        "disabled_reason": row.disabled_reason,
        "failing_since": row.failing_since,
        "external_id": row.external_id,
        "metadata": row.metadata,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def render_delivery(row: webhooks.DeliveryInfo) -> dict[str, Any]:
    return {
        "id": public_id("whd", row.id),
        "event_id": public_id("evt", row.event_id),
        "event_type": row.event_type,
        "state": row.state,
        "attempts": row.attempts,
        "last_status": row.last_status,
        "next_attempt_at": row.next_attempt_at,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }


def _merchant(request: HttpRequest) -> UUID:
    merchant: UUID | None = request.actor.merchant_id  # type: ignore[attr-defined]
    if merchant is None:
        raise NotFound
    return merchant


@routes.get(
    "/webhook-endpoints",
    summary="Your webhook endpoints",
    permission="keys",
    **READ,
    response=ListOf[EndpointOut],
    example={"data": [ENDPOINT], "has_more": False, "next_cursor": None},
)
def list_endpoints(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    page = webhooks.endpoints(merchant_id=_merchant(request), cursor=q.cursor, limit=q.limit)
    return page.map(render)


@routes.post(
    "/webhook-endpoints",
    summary="Have events sent to you; the secret is shown once",
    permission="keys",
    **WHO,
    status=201,
    response=CreatedOut,
    errors=(webhooks.ForbiddenAddress, webhooks.TooManyEndpoints, *CONFIRMED),
    example=CREATED,
    request_example={"url": "https://erp.example/hooks", "event_types": ["*"]},
)
def create_endpoint(request: ApiRequest, body: EndpointIn) -> dict[str, Any]:
    check_confirmed(request, Sensitive.WEBHOOKS)
    made = webhooks.create_endpoint(merchant_id=_merchant(request), **body.model_dump())
    set_etag(request, made.endpoint.version)
    return {**render(made.endpoint), "secret": made.secret}


@routes.get(
    "/webhook-endpoints/{endpoint_id}",
    summary="One webhook endpoint",
    permission="keys",
    **READ,
    response=EndpointOut,
    example=ENDPOINT,
)
def get_endpoint(request: ApiRequest, endpoint_id: EndpointId) -> dict[str, Any]:
    row = webhooks.endpoint(endpoint_id, merchant_id=_merchant(request))
    set_etag(request, row.version)
    return render(row)


@routes.patch(
    "/webhook-endpoints/{endpoint_id}",
    summary="Change an endpoint, or switch it on or off",
    permission="keys",
    **WHO,
    response=EndpointOut,
    errors=(webhooks.ForbiddenAddress, PreconditionFailed, *CONFIRMED),
    example=ENDPOINT,
    request_example={"event_types": ["marketplace.order.paid.v1"], "enabled": True},
)
def patch_endpoint(
    request: ApiRequest, endpoint_id: EndpointId, body: EndpointPatch
) -> dict[str, Any]:
    merchant = _merchant(request)
    row = webhooks.endpoint(endpoint_id, merchant_id=merchant)
    check_if_match(request, row.version)
    changes = body.model_dump(exclude_unset=True)
    if "url" in changes and changes["url"] != row.url:
        check_confirmed(request, Sensitive.WEBHOOKS)
    enabled = changes.pop("enabled", None)
    if changes:
        row = webhooks.update_endpoint(
            endpoint_id, merchant_id=merchant, expected_version=row.version, **changes
        )
    if enabled is not None:
        row = webhooks.set_enabled(endpoint_id, merchant_id=merchant, enabled=enabled)
    set_etag(request, row.version)
    return render(row)


@routes.delete(
    "/webhook-endpoints/{endpoint_id}",
    summary="Remove an endpoint",
    permission="keys",
    **WHO,
    response=Deleted,
    example={"id": ENDPOINT["id"], "deleted": True},
)
def delete_endpoint(request: ApiRequest, endpoint_id: EndpointId) -> dict[str, Any]:
    webhooks.delete_endpoint(endpoint_id, merchant_id=_merchant(request))
    return {"id": public_id("whk", endpoint_id), "deleted": True}


@routes.post(
    "/webhook-endpoints/{endpoint_id}/rotate-secret",
    summary="A new secret; the old one signs along for 24 hours",
    permission="keys",
    **WHO,
    response=CreatedOut,
    errors=CONFIRMED,
    example=CREATED,
)
def rotate_secret(request: ApiRequest, endpoint_id: EndpointId) -> dict[str, Any]:
    merchant = _merchant(request)
    webhooks.endpoint(endpoint_id, merchant_id=merchant)
    check_confirmed(request, Sensitive.WEBHOOKS)
    made = webhooks.rotate_secret(endpoint_id, merchant_id=merchant)
    return {**render(made.endpoint), "secret": made.secret}


@routes.get(
    "/webhook-endpoints/{endpoint_id}/deliveries",
    summary="What was sent to an endpoint, newest first",
    permission="keys",
    **READ,
    response=ListOf[WebhookDeliveryOut],
    example={"data": [DELIVERY], "has_more": False, "next_cursor": None},
)
def list_deliveries(
    request: ApiRequest, endpoint_id: EndpointId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    page = webhooks.deliveries(
        endpoint_id, merchant_id=_merchant(request), cursor=q.cursor, limit=q.limit
    )
    return page.map(render_delivery)


@routes.get(
    "/webhook-deliveries/{delivery_id}/attempts",
    summary="Every attempt of a delivery",
    permission="keys",
    **READ,
    response=AttemptsOut,
    example={"data": [ATTEMPT]},
)
def list_attempts(request: ApiRequest, delivery_id: DeliveryId) -> dict[str, Any]:
    rows = webhooks.attempts(delivery_id, merchant_id=_merchant(request))
    return {
        "data": [
            {
                "number": row.number,
                "at": row.at,
                "milliseconds": row.milliseconds,
                "status": row.status,
                "error": row.error,
                "answer": row.answer,
            }
            for row in rows
        ]
    }


@routes.post(
    "/webhook-deliveries/{delivery_id}/resend",
    summary="Send once more",
    permission="keys",
    **WHO,
    response=WebhookDeliveryOut,
    errors=(EndpointDisabled,),
    example={**DELIVERY, "state": "pending", "finished_at": None},
)
def resend_delivery(request: ApiRequest, delivery_id: DeliveryId) -> dict[str, Any]:
    return render_delivery(webhooks.resend(delivery_id, merchant_id=_merchant(request)))
