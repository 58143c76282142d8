"""Roles that a merchant or platform makes for its staff, and who holds which."""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit, transactions
from kernel.errors import Invalid, NotFound
from platforms import locks, permissions
from platforms.contracts import InvitationState, PersonState, Role, StaffRoleInfo
from platforms.domain.roles import is_chief, permissions_in
from platforms.errors import LastOwner, RoleInUse
from platforms.models import Invitation, Membership, StaffRole
from platforms.models.person import at
from platforms.permissions import EVERYTHING
from platforms.selectors_staff import staff_role
from platforms.services.ceilings import check_within

MOST = 50  # roles of one merchant, or of the platform


def create_staff_role(
    *,
    name: str,
    permissions: Iterable[str],
    merchant_id: UUID | None = None,
    ceiling: frozenset[str] = EVERYTHING,
) -> StaffRoleInfo:
    """A role for staff of the merchant, or (None) of the platform, with these permissions.

    ``ceiling`` is what who asks holds. Raises Invalid, BeyondOwn, NotFound (the merchant).
    """
    chosen = _check_permissions(permissions, merchant_id, ceiling)
    with transactions.atomic():
        _lock_owner(merchant_id)
        row = StaffRole(merchant_id=merchant_id, permissions=chosen)
        row.name = _check_name(name, row)
        row.save(force_insert=True)
        audit.record(
            action="platforms.staff_role.created", target=row, before={},
            after={"name": row.name, "permissions": chosen, "merchant_id": _text(merchant_id)},
            texts={"name"},
        )  # fmt: skip
    return staff_role(row.id, merchant_id)


def change_staff_role(
    *,
    staff_role_id: UUID,
    name: str,
    permissions: Iterable[str],
    merchant_id: UUID | None = None,
    ceiling: frozenset[str] = EVERYTHING,
    check: Callable[[int], None] = lambda _version: None,
) -> StaffRoleInfo:
    """Another name or other permissions; they hold from the next request of everyone in it.

    Raises Invalid, BeyondOwn (for what it included, too), NotFound.
    """
    chosen = _check_permissions(permissions, merchant_id, ceiling)
    with transactions.atomic():
        _lock_owner(merchant_id)
        row = locks.staff_role(staff_role_id, merchant_id)
        check(row.version)
        check_within(_complete(row), ceiling)
        before = {"name": row.name, "permissions": row.permissions}
        row.name, row.permissions = _check_name(name, row), chosen
        row.save()
        audit.record(
            action="platforms.staff_role.changed", target=row, before=before,
            after={"name": row.name, "permissions": chosen}, texts={"name"},
        )  # fmt: skip
    return staff_role(row.id, merchant_id)


def remove_staff_role(
    *,
    staff_role_id: UUID,
    merchant_id: UUID | None = None,
    ceiling: frozenset[str] = EVERYTHING,
) -> None:
    """Take the role off the list. Raises RoleInUse while somebody has it or is invited to it,
    BeyondOwn, NotFound."""
    with transactions.atomic():
        row = locks.staff_role(staff_role_id, merchant_id)
        check_within(_complete(row), ceiling)
        offered = Invitation.objects.filter(staff_role=row)
        people = Membership.objects.filter(staff_role=row).count()
        invited = offered.filter(state=InvitationState.PENDING).count()
        if people or invited:
            raise RoleInUse(people=people, invited=invited)
        offered.update(staff_role=None)
        audit.record(
            action="platforms.staff_role.removed", target=row,
            before={"name": row.name, "permissions": row.permissions}, after={}, texts={"name"},
        )  # fmt: skip
        row.delete()


def set_role(
    *,
    person_id: UUID,
    role: Role,
    merchant_id: UUID | None = None,
    staff_role_id: UUID | None = None,
    ceiling: frozenset[str] = EVERYTHING,
) -> None:
    """Put somebody of the staff into another role, in the place of what they have there; it holds
    from their next request. ``staff_role_id`` is one of the merchant's or platform's own; without
    one a merchant's staff is general staff, an operator a chief one.

    Raises NotFound (not of this staff; no such role), Invalid, BeyondOwn, LastOwner.
    """
    check_pair(role, merchant_id, staff_role_id)
    with transactions.atomic():
        person = locks.person(person_id)
        team = lock_team(merchant_id)
        mine = [held for held in team if held.person_id == person_id]
        if not mine:
            raise NotFound
        own = locks.staff_role(staff_role_id, merchant_id) if staff_role_id else None
        for held in mine:
            check_within(permissions_of(held), ceiling)
        check_within(permissions_in(role, own.permissions if own else None), ceiling)
        before = [_told(held) for held in mine]
        if not is_chief(role, staff_role_id):
            check_chief_left(team, mine)
        first, *others = sorted(mine, key=lambda held: held.role != role)
        for held in others:
            held.delete()
        first.role, first.staff_role_id = role, staff_role_id
        first.save()
        audit.record(
            action="platforms.role.changed", target=person,
            before={"roles": before}, after={"roles": [_told(first)]},
        )  # fmt: skip


def check_over(person_id: UUID, ceiling: frozenset[str]) -> None:
    """Raise BeyondOwn when the person may do more for the platform than who asks."""
    held = Membership.objects.filter(person_id=person_id, role=Role.OPERATOR).first()
    if held is not None:
        check_within(permissions_of(held), ceiling)


def check_pair(role: Role, merchant_id: UUID | None, staff_role_id: UUID | None) -> None:
    """Raise Invalid for a role that isn't a staff's, or that has no roles of one's own below it."""
    ours = (Role.OPERATOR,) if merchant_id is None else (Role.MERCHANT_OWNER, Role.MERCHANT_STAFF)
    if role not in ours:
        raise Invalid(
            _("Choose a role of this staff."), field="role", allowed=[str(one) for one in ours]
        )
    if staff_role_id is not None and role == Role.MERCHANT_OWNER:
        raise Invalid(
            _("An owner may do everything; leave the role for staff out."), field="staff_role"
        )


def lock_team(merchant_id: UUID | None) -> list[Membership]:
    """The staff's roles, locked in one order: of two owners who remove each other at once, one
    stays."""
    rows = Membership.objects.select_for_update(of=("self",)).filter(at(merchant_id))
    return list(rows.exclude(role=Role.BUYER).order_by("id"))


def check_chief_left(team: list[Membership], leaving: list[Membership]) -> None:
    """Raise LastOwner when those leaving are the only ones who may do everything."""
    chiefs = [held for held in team if is_chief(held.role, held.staff_role_id)]
    if not any(held in chiefs for held in leaving):
        return
    gone = {held.id for held in leaving}
    others = [held.id for held in chiefs if held.id not in gone]
    if not Membership.objects.filter(id__in=others, person__state=PersonState.ACTIVE).exists():
        raise LastOwner


def permissions_of(held: Membership) -> frozenset[str]:
    """What the role includes."""
    own = held.staff_role
    return permissions_in(Role(held.role), own.permissions if own else None)


def _complete(row: StaffRole) -> frozenset[str]:
    return permissions.complete(row.permissions)


def _check_permissions(
    wanted: Iterable[str], merchant_id: UUID | None, ceiling: frozenset[str]
) -> list[str]:
    chosen = set(wanted)
    desk = permissions.OPERATOR if merchant_id is None else permissions.MERCHANT
    known = [one.code for one in permissions.of_desk(desk)]
    unknown = sorted(chosen - set(known))
    if unknown:
        told = _("There is no such permission for this staff: %(unknown)s.")
        raise Invalid(told % {"unknown": ", ".join(unknown)}, field="permissions", allowed=known)
    if not chosen:
        raise Invalid(_("Choose one permission at least."), field="permissions", allowed=known)
    check_within(permissions.complete(chosen), ceiling)
    return [code for code in known if code in chosen]


def _check_name(name: str, row: StaffRole) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise Invalid(_("A name has 1 to 60 printable characters."), field="name")
    others = StaffRole.objects.filter(at(row.merchant_id)).exclude(id=row.id)
    if len(others) >= MOST:
        raise Invalid(_("There can be 50 roles; remove one that nobody has."), field="name")
    # Sealed names can't be compared by the database; the owner's row is locked.
    if any(one.name.casefold() == name.casefold() for one in others):
        raise Invalid(_("There is a role by this name already."), field="name")
    return name


def _lock_owner(merchant_id: UUID | None) -> None:
    if merchant_id is None:
        locks.platform()
    else:
        locks.merchant(merchant_id)


def _told(held: Membership) -> dict[str, str | None]:
    return {
        "role": str(held.role),
        "staff_role_id": _text(held.staff_role_id),
        "merchant_id": _text(held.merchant_id),
    }


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
