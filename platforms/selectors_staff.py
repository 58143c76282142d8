"""Reads of the roles that merchants and platforms make for their staff."""

from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset
from platforms import selectors
from platforms.contracts import InvitationState, PersonState, Role, StaffRoleInfo
from platforms.models import Invitation, Membership, StaffRole
from platforms.models.person import at

NAMED = 3


def staff_roles(
    *, merchant_id: UUID | None = None, cursor: str | None = None, limit: int = 50
) -> PageOf[StaffRoleInfo]:
    """The roles of the merchant's own, or (None) the platform's, newest first."""
    return keyset(_rows(merchant_id), order=("-id",), cursor=cursor, limit=limit).map(_info)


def staff_role(staff_role_id: UUID, merchant_id: UUID | None) -> StaffRoleInfo:
    """One role of the merchant's, or (None) the platform's own. Raises NotFound."""
    return _one(_rows(merchant_id), staff_role_id)


def any_staff_role(staff_role_id: UUID) -> StaffRoleInfo:
    """One role, whoever made it; for operators. Raises NotFound."""
    return _one(_counted(StaffRole.objects.all()), staff_role_id)


def _one(rows: Any, staff_role_id: UUID) -> StaffRoleInfo:
    row = rows.filter(id=staff_role_id).first()
    if row is None:
        raise NotFound
    return _info(row)


def who_gives(merchant_id: UUID | None) -> tuple[str, ...]:
    """The names of some who may give roles here: a merchant's owners, the platform's chief
    operators. Personal; for people of the same staff."""
    role = Role.OPERATOR if merchant_id is None else Role.MERCHANT_OWNER
    rows = Membership.objects.filter(
        at(merchant_id), role=role, staff_role=None, person__state=PersonState.ACTIVE
    ).order_by("id")
    found = rows.values_list("person_id", "person__name_sealed")[:NAMED]
    return tuple(name for name in (selectors.opened(*row) for row in found) if name)


def _rows(merchant_id: UUID | None) -> Any:
    return _counted(StaffRole.objects.filter(at(merchant_id)))


def _counted(rows: Any) -> Any:
    return rows.annotate(
        people=_count(Membership.objects.all()),
        invited=_count(Invitation.objects.filter(state=InvitationState.PENDING)),
    )


def _count(rows: Any) -> Any:
    """How many of ``rows`` name the role."""
    of_role = rows.filter(staff_role=OuterRef("pk")).order_by().values("staff_role")
    return Coalesce(Subquery(of_role.annotate(n=Count("id")).values("n")), 0)


def _info(row: Any) -> StaffRoleInfo:
    return StaffRoleInfo(
        id=row.id,
        merchant_id=row.merchant_id,
        name=row.name,
        permissions=tuple(row.permissions),
        people=row.people,
        invited=row.invited,
        version=row.version,
        updated_at=row.updated_at,
    )
