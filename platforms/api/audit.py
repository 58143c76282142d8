"""The audit trail, for operators."""

from typing import Annotated, Any
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.audit.selectors import AuditEntry, recent_entries
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms.api.routes import routes

EXAMPLE = {
    "id": "aud_01k00000000000000000000000",
    "action": "platforms.merchant.approved",
    "target_type": "platforms.merchant",
    "target": "0196c4f0e0007000800000000000000a",
    "actor": {"kind": "operator", "id": "0196c4f0e0007000800000000000000b", "label": ""},
    "before": {"state": "in_review"},
    "after": {"state": "approved"},
    "created_at": "2026-05-01T08:00:00Z",
    "business_at": "2026-05-01T08:00:00Z",
    "request_id": "req_01k00000000000000000000000",
}


class AuditActor(Schema):
    kind: str = Field(description="operator, merchant, buyer, guest, system")
    id: str | None
    label: str


class AuditOut(Schema):
    """One change. Personal values appear as ciphertext only."""

    id: Annotated[UUID, Id("aud")]
    action: str
    target_type: str
    target: str | None = Field(description="32 hexadecimal digits: the id without its prefix")
    actor: AuditActor
    before: dict[str, Any]
    after: dict[str, Any]
    created_at: Timestamp
    business_at: Timestamp
    request_id: str


class AuditQuery(ListQuery):
    action: str | None = Field(None, max_length=120, description="platforms.merchant.approved")


def render(entry: AuditEntry) -> dict[str, Any]:
    who = entry.actor_person_id or entry.actor_id
    return {
        "id": public_id("aud", entry.id),
        "action": entry.action,
        "target_type": entry.target_type,
        "target": entry.target_id.hex if entry.target_id else None,
        "actor": {
            "kind": entry.actor_kind,
            "id": who.hex if who else None,
            "label": entry.actor_label,
        },
        "before": entry.before,
        "after": entry.after,
        "created_at": entry.created_at,
        "business_at": entry.business_at,
        "request_id": entry.request_id,
    }


@routes.get(
    "/audit-trail",
    summary="What was changed on this platform, newest first",
    audience={"operator"},
    scope="audit:read",
    permission="audit",
    response=ListOf[AuditOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_audit(request: ApiRequest, q: AuditQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return recent_entries(action=q.action, cursor=q.cursor, limit=q.limit).map(render)
