"""The audit trail, for operators."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.audit import AuditEntry, Sought, entries
from kernel.errors import Invalid, NotFound
from kernel.ids import parse_public_id, public_id
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
    """A page ends after ``limit`` changes, or when enough was looked through
    (docs/operations.md)."""

    action: str = Field("", max_length=120, description="platforms.merchant.approved")
    area: str = Field(
        "", pattern="^[a-z]{0,20}$", description="The first part of actions: platforms, payments"
    )
    target: str = Field(
        "", max_length=60, description="The id of what was changed, as public id or as in target"
    )
    actor_kind: Literal["", "operator", "merchant", "buyer", "guest", "system"] = ""
    person: Annotated[UUID, Id("per")] | None = Field(None, description="Who changed it")
    merchant: Annotated[UUID, Id("mer")] | None = Field(
        None, description="Changed by this merchant's staff and keys, or the merchant itself"
    )
    request_id: str = Field("", max_length=64, description="All of one request, oldest first")
    since: Timestamp | None = Field(
        None, alias="from", description="created_at, included; a narrow time is found fastest"
    )
    until: Timestamp | None = Field(None, alias="to", description="created_at, not included")

    def sought(self) -> Sought:
        """Raises Invalid for a target that is no id."""
        return Sought(
            target=_target(self.target),
            action=self.action,
            area=self.area,
            actor_kind=self.actor_kind,
            person_id=self.person,
            merchant_id=self.merchant,
            request_id=self.request_id,
            since=self.since,
            until=self.until,
        )


def _target(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text) if "_" not in text else parse_public_id(text.partition("_")[0], text)
    except (ValueError, NotFound) as error:
        raise Invalid(_("%(text)s is no id.") % {"text": repr(text)}, field="target") from error


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
    summary="What was changed on this platform, newest first; a short page may have a next one",
    audience={"operator"},
    scope="audit:read",
    permission="audit",
    errors=(Invalid,),
    response=ListOf[AuditOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_audit(request: ApiRequest, q: AuditQuery = Query(...)) -> PageOf[dict[str, Any]]:
    if q.updated_since is not None:
        raise Invalid(_("Changes never change; use from."), field="updated_since")
    return entries(q.sought(), cursor=q.cursor, limit=q.limit).map(render)
