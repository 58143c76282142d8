"""Roles for staff: the list of permissions, a merchant's or platform's own roles, who has which."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    Id,
    ListOf,
    ListQuery,
    Schema,
    Timestamp,
    check_if_match,
    set_etag,
)
from kernel.errors import PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf
from platforms import permissions, selectors, selectors_staff
from platforms.api.people import EXAMPLE as PERSON
from platforms.api.people import PersonOut, TeamQuery
from platforms.api.people import render as render_person
from platforms.api.routes import STAFF, MerchantId, PersonId, StaffRoleId, own_or_any, routes
from platforms.contracts import Role, Sensitive, StaffRoleInfo
from platforms.errors import CONFIRMED, BeyondOwn, LastOwner, RoleInUse
from platforms.services import staff_roles
from platforms.services.ceilings import held_at, held_by
from platforms.services.sensitive import check_confirmed

EXAMPLE = {
    "id": "rol_01k00000000000000000000000",
    "name": "仓库",
    "merchant": "mer_01k00000000000000000000000",
    "permissions": ["stock", "orders"],
    "includes": ["orders", "orders.see", "stock"],
    "people": 1,
    "invited": 0,
    "updated_at": "2026-05-01T08:00:00Z",
}
PERMISSION = {
    "code": "orders",
    "title": "Orders and shipping",
    "explains": "Pack, ship and cancel; on a platform orders that need attention.",
    "staff_of": ["merchant", "operator"],
    "includes": ["orders.see"],
}
PRESET = {
    "code": "warehouse",
    "title": "Warehouse",
    "staff_of": "merchant",
    "permissions": ["stock", "orders"],
}
ROLE = {"name": "仓库", "permissions": ["stock", "orders"]}
Codes = Annotated[list[str], Field(min_length=1, max_length=100)]
Name = Annotated[str, Field(min_length=1, max_length=60)]


class PermissionOut(Schema):
    code: str
    title: str
    explains: str
    staff_of: list[str] = Field(description="merchant, operator: whose roles may include it")
    includes: list[str] = Field(description="What it brings along")


class PresetOut(Schema):
    code: str
    title: str
    staff_of: str
    permissions: list[str]


class StaffRoleOut(Schema):
    id: Annotated[UUID, Id("rol")]
    name: str
    merchant: Annotated[UUID, Id("mer")] | None = Field(description="None: the platform's own")
    permissions: list[str] = Field(description="As chosen")
    includes: list[str] = Field(description="With all that they bring along")
    people: int = Field(description="How many have the role")
    invited: int = Field(description="How many are invited to it")
    updated_at: Timestamp


class StaffRoleIn(Schema):
    name: Name
    permissions: Codes


class PlaceIn(Schema):
    role: Literal["operator", "merchant_owner", "merchant_staff"]
    staff_role: StaffRoleId | None = None
    merchant: MerchantId | None = None


def render(info: StaffRoleInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "name": info.name,
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "permissions": list(info.permissions),
        "includes": sorted(permissions.complete(info.permissions)),
        "people": info.people,
        "invited": info.invited,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/permissions",
    summary="What roles for staff may include",
    audience=STAFF,
    scope="people:read",
    permission="own",
    response=ListOf[PermissionOut],
    example={"data": [PERMISSION], "has_more": False, "next_cursor": None},
)
def list_permissions(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return PageOf(
        [
            {
                "code": one.code,
                "title": str(one.title),
                "explains": str(one.explains),
                "staff_of": list(one.desks),
                "includes": list(one.includes),
            }
            for one in permissions.of_desk(request.actor.kind)
        ],
        has_more=False,
        next_cursor=None,
    )


@routes.get(
    "/permission-presets",
    summary="Sets of permissions to begin with",
    audience=STAFF,
    scope="people:read",
    permission="own",
    response=ListOf[PresetOut],
    example={"data": [PRESET], "has_more": False, "next_cursor": None},
)
def list_presets(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return PageOf(
        [
            {
                "code": one.code,
                "title": str(one.title),
                "staff_of": one.desk,
                "permissions": list(one.permissions),
            }
            for one in permissions.presets_of(request.actor.kind)
        ],
        has_more=False,
        next_cursor=None,
    )


@routes.get(
    "/staff-roles",
    summary="Roles for staff that your merchant, or (operators) the platform has made",
    audience=STAFF,
    scope="people:read",
    permission="staff",
    response=ListOf[StaffRoleOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_staff_roles(request: ApiRequest, q: TeamQuery = Query(...)) -> PageOf[dict[str, Any]]:
    merchant_id = own_or_any(request.actor, q.merchant)
    page = selectors_staff.staff_roles(merchant_id=merchant_id, cursor=q.cursor, limit=q.limit)
    return page.map(render)


@routes.post(
    "/staff-roles",
    summary="Make a role: a named set of permissions",
    audience=STAFF,
    scope="people:write",
    permission="staff",
    status=201,
    response=StaffRoleOut,
    errors=(BeyondOwn, *CONFIRMED),
    example={**EXAMPLE, "people": 0},
    request_example=ROLE,
)
def create_staff_role(request: ApiRequest, body: StaffRoleIn) -> dict[str, Any]:
    check_confirmed(request, Sensitive.STAFF)
    info = staff_roles.create_staff_role(
        name=body.name,
        permissions=body.permissions,
        merchant_id=own_or_any(request.actor, None),
        ceiling=held_by(request.actor),
    )
    set_etag(request, info.version)
    return render(info)


@routes.get(
    "/staff-roles/{staff_role_id}",
    summary="One role for staff",
    audience=STAFF,
    scope="people:read",
    permission="staff",
    response=StaffRoleOut,
    example=EXAMPLE,
)
def get_staff_role(request: ApiRequest, staff_role_id: StaffRoleId) -> dict[str, Any]:
    if request.actor.kind == "operator":  # reads those of merchants, too
        info = selectors_staff.any_staff_role(staff_role_id)
    else:
        info = selectors_staff.staff_role(staff_role_id, own_or_any(request.actor, None))
    set_etag(request, info.version)
    return render(info)


@routes.put(
    "/staff-roles/{staff_role_id}",
    summary="Another name or other permissions; they hold at once for everyone in the role",
    audience=STAFF,
    scope="people:write",
    permission="staff",
    response=StaffRoleOut,
    errors=(BeyondOwn, PreconditionFailed, *CONFIRMED),
    example=EXAMPLE,
    request_example=ROLE,
)
def put_staff_role(
    request: ApiRequest, staff_role_id: StaffRoleId, body: StaffRoleIn
) -> dict[str, Any]:
    check_confirmed(request, Sensitive.STAFF)
    info = staff_roles.change_staff_role(
        staff_role_id=staff_role_id,
        name=body.name,
        permissions=body.permissions,
        merchant_id=own_or_any(request.actor, None),
        ceiling=held_by(request.actor),
        check=lambda version: check_if_match(request, version),
    )
    set_etag(request, info.version)
    return render(info)


@routes.delete(
    "/staff-roles/{staff_role_id}",
    summary="Take a role off the list that nobody has",
    audience=STAFF,
    scope="people:write",
    permission="staff",
    status=204,
    response=None,
    errors=(BeyondOwn, RoleInUse),
)
def delete_staff_role(request: ApiRequest, staff_role_id: StaffRoleId) -> None:
    staff_roles.remove_staff_role(
        staff_role_id=staff_role_id,
        merchant_id=own_or_any(request.actor, None),
        ceiling=held_by(request.actor),
    )


@routes.put(
    "/people/{person_id}/staff-role",
    summary="Put somebody of the staff into another role; it holds at once",
    audience=STAFF,
    scope="people:write",
    permission="staff",
    response=PersonOut,
    errors=(BeyondOwn, LastOwner, *CONFIRMED),
    example=PERSON,
    request_example={"role": "merchant_staff", "staff_role": "rol_01k00000000000000000000000"},
)
def put_role(request: ApiRequest, person_id: PersonId, body: PlaceIn) -> dict[str, Any]:
    merchant_id = own_or_any(request.actor, body.merchant)
    check_confirmed(request, Sensitive.STAFF)
    staff_roles.set_role(
        person_id=person_id,
        role=Role(body.role),
        merchant_id=merchant_id,
        staff_role_id=body.staff_role,
        ceiling=held_at(request.actor, merchant_id),
    )
    own = own_or_any(request.actor, None)
    return render_person(selectors.person(person_id), only=own)
