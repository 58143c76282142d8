"""People, their roles, and invitations."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.errors import Forbidden, InvalidTransition, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms import lists, selectors
from platforms.api.routes import (
    STAFF,
    InvitationId,
    MerchantId,
    PersonId,
    StaffRoleId,
    own_or_any,
    routes,
)
from platforms.contracts import InvitationInfo, PersonInfo, Role, Sensitive
from platforms.domain.roles import OF_MERCHANT
from platforms.errors import CONFIRMED, BeyondOwn, EmailTaken, LastOwner
from platforms.services import invitations, people
from platforms.services.ceilings import held_at
from platforms.services.sensitive import check_confirmed

RoleName = Literal["operator", "merchant_owner", "merchant_staff", "buyer"]
EXAMPLE = {
    "id": "per_01k00000000000000000000000",
    "name": "王芳",
    "email": "fang@river-tea.example",
    "language": "zh-hans",
    "state": "active",
    "roles": [
        {
            "role": "merchant_owner",
            "merchant": "mer_01k00000000000000000000000",
            "staff_role": None,
        }
    ],
}
INVITATION_EXAMPLE = {
    "id": "inv_01k00000000000000000000000",
    "email": "fang@river-tea.example",
    "role": "merchant_staff",
    "merchant": "mer_01k00000000000000000000000",
    "staff_role": "rol_01k00000000000000000000000",
    "state": "pending",
    "expires_at": "2026-05-08T08:00:00Z",
}


class RoleHeld(Schema):
    role: str
    merchant: Annotated[UUID, Id("mer")] | None
    staff_role: Annotated[UUID, Id("rol")] | None = Field(
        description="The role of the merchant's or platform's own that narrows it"
    )


Language = Literal["zh-hans", "en"]  # of settings.LANGUAGES


class PersonOut(Schema):
    id: Annotated[UUID, Id("per")]
    name: str
    email: str
    language: str
    state: str = Field(description="active, disabled")
    roles: list[RoleHeld]


class PersonIn(Schema):
    email: str
    name: Annotated[str, Field(max_length=100)] = ""
    language: Language = "zh-hans"


class RoleTaken(Schema):
    role: RoleName
    merchant: MerchantId | None = None


class RoleIn(RoleTaken):
    staff_role: StaffRoleId | None = None


class InvitationOut(Schema):
    id: Annotated[UUID, Id("inv")]
    email: str
    role: str
    merchant: Annotated[UUID, Id("mer")] | None
    staff_role: Annotated[UUID, Id("rol")] | None
    state: str = Field(description="pending, accepted, revoked")
    expires_at: Timestamp


class InvitationIn(Schema):
    email: str
    role: RoleName
    merchant: MerchantId | None = None
    staff_role: StaffRoleId | None = None
    language: Language = "zh-hans"


class TeamQuery(ListQuery):
    merchant: MerchantId | None = None


def render(info: PersonInfo, *, only: UUID | None = None) -> dict[str, Any]:
    """The person; for a merchant (``only``) with the roles at that merchant alone."""
    return {
        "id": info.public_id,
        "name": info.name,
        "email": info.email,
        "language": info.language,
        "state": str(info.state),
        "roles": [
            {
                "role": str(held.role),
                "merchant": public_id("mer", held.merchant_id) if held.merchant_id else None,
                "staff_role": _role_id(held.staff_role_id),
            }
            for held in info.memberships
            if only is None or held.merchant_id == only
        ],
    }


def render_invitation(info: InvitationInfo) -> dict[str, Any]:
    return {
        "id": public_id("inv", info.id),
        "email": info.email,
        "role": str(info.role),
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "staff_role": _role_id(info.staff_role_id),
        "state": str(info.state),
        "expires_at": info.expires_at,
    }


def _role_id(staff_role_id: UUID | None) -> str | None:
    return public_id("rol", staff_role_id) if staff_role_id else None


def _steered(request: ApiRequest, role: str, merchant: UUID | None) -> UUID | None:
    """The merchant that a role belongs to; a merchant gives roles at itself only."""
    if request.actor.kind == "operator":
        return merchant
    if Role(role) not in OF_MERCHANT:
        raise Forbidden(_("A merchant gives the roles merchant_owner and merchant_staff only."))
    return own_or_any(request.actor, merchant)


@routes.get(
    "/people",
    summary="People with a role: of your merchant, or (operators) of the platform or one merchant",
    audience=STAFF,
    scope="people:read",
    permission="staff",
    response=ListOf[PersonOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_people(request: ApiRequest, q: TeamQuery = Query(...)) -> PageOf[dict[str, Any]]:
    merchant_id = own_or_any(request.actor, q.merchant)
    page = lists.team(merchant_id=merchant_id, cursor=q.cursor, limit=q.limit)
    return page.map(lambda info: render(info, only=merchant_id))


@routes.post(
    "/people",
    summary="Add a person; a password is set by the link of a reset",
    audience={"operator"},
    scope="people:write",
    permission="staff",
    status=201,
    response=PersonOut,
    errors=(EmailTaken,),
    example={**EXAMPLE, "roles": []},
    request_example={"email": "fang@river-tea.example", "name": "王芳"},
)
def create_person(request: ApiRequest, body: PersonIn) -> dict[str, Any]:
    return render(people.create_person(**body.model_dump()))


@routes.get(
    "/people/{person_id}",
    summary="One person",
    audience=STAFF,
    scope="people:read",
    permission="staff",
    response=PersonOut,
    example=EXAMPLE,
)
def get_person(request: ApiRequest, person_id: PersonId) -> dict[str, Any]:
    info = selectors.person(person_id)
    own = own_or_any(request.actor, None)
    if own is not None and own not in info.merchant_ids:
        raise NotFound
    return render(info, only=own)


@routes.post(
    "/people/{person_id}/roles",
    summary="Give a person a role",
    audience={"operator"},
    scope="people:write",
    permission="staff",
    response=PersonOut,
    errors=(BeyondOwn, *CONFIRMED),
    example=EXAMPLE,
    request_example={"role": "merchant_owner", "merchant": "mer_01k00000000000000000000000"},
)
def grant_role(request: ApiRequest, person_id: PersonId, body: RoleIn) -> dict[str, Any]:
    check_confirmed(request, Sensitive.STAFF)
    people.grant_role(
        person_id=person_id,
        role=Role(body.role),
        merchant_id=body.merchant,
        staff_role_id=body.staff_role,
        ceiling=held_at(request.actor, body.merchant),
    )
    return render(selectors.person(person_id))


@routes.post(
    "/people/{person_id}/roles/revoke",
    summary="Take a role back, and the keys held by it",
    audience=STAFF,
    scope="people:write",
    permission="staff",
    response=PersonOut,
    errors=(BeyondOwn, LastOwner, *CONFIRMED),
    example={**EXAMPLE, "roles": []},
    request_example={"role": "merchant_staff", "merchant": "mer_01k00000000000000000000000"},
)
def revoke_role(request: ApiRequest, person_id: PersonId, body: RoleTaken) -> dict[str, Any]:
    merchant_id = _steered(request, body.role, body.merchant)
    check_confirmed(request, Sensitive.STAFF)
    people.revoke_role(
        person_id=person_id,
        role=Role(body.role),
        merchant_id=merchant_id,
        ceiling=held_at(request.actor, merchant_id),
    )
    own = own_or_any(request.actor, None)
    return render(selectors.person(person_id), only=own)


@routes.get(
    "/invitations",
    summary="Invitations, newest first",
    audience=STAFF,
    scope="people:read",
    permission="staff",
    response=ListOf[InvitationOut],
    example={"data": [INVITATION_EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_invitations(request: ApiRequest, q: TeamQuery = Query(...)) -> PageOf[dict[str, Any]]:
    merchant_id = own_or_any(request.actor, q.merchant)
    page = lists.invitations_page(merchant_id=merchant_id, cursor=q.cursor, limit=q.limit)
    return page.map(render_invitation)


@routes.post(
    "/invitations",
    summary="Invite somebody to a role by mail",
    audience=STAFF,
    scope="people:write",
    permission="staff",
    status=201,
    response=InvitationOut,
    errors=(BeyondOwn, NotFound, *CONFIRMED),
    example=INVITATION_EXAMPLE,
    request_example={"email": "fang@river-tea.example", "role": "merchant_staff"},
)
def create_invitation(request: ApiRequest, body: InvitationIn) -> dict[str, Any]:
    merchant_id = _steered(request, body.role, body.merchant)
    check_confirmed(request, Sensitive.STAFF)
    return render_invitation(
        invitations.invite(
            email=body.email,
            role=Role(body.role),
            merchant_id=merchant_id,
            staff_role_id=body.staff_role,
            language=body.language,
            ceiling=held_at(request.actor, merchant_id),
        )
    )


@routes.get(
    "/invitations/{invitation_id}",
    summary="One invitation",
    audience=STAFF,
    scope="people:read",
    permission="staff",
    response=InvitationOut,
    example=INVITATION_EXAMPLE,
)
def get_invitation(request: ApiRequest, invitation_id: InvitationId) -> dict[str, Any]:
    return render_invitation(_readable(request, invitation_id))


@routes.post(
    "/invitations/{invitation_id}/revoke",
    summary="Withdraw an invitation",
    audience=STAFF,
    scope="people:write",
    permission="staff",
    response=InvitationOut,
    errors=(InvalidTransition,),
    example={**INVITATION_EXAMPLE, "state": "revoked"},
)
def revoke_invitation(request: ApiRequest, invitation_id: InvitationId) -> dict[str, Any]:
    _readable(request, invitation_id)
    return render_invitation(invitations.revoke_invitation(invitation_id=invitation_id))


def _readable(request: ApiRequest, invitation_id: UUID) -> InvitationInfo:
    info = selectors.invitation(invitation_id)
    own = own_or_any(request.actor, None)
    if own is not None and info.merchant_id != own:
        raise NotFound
    return info
