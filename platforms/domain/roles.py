"""What each role may do."""

from collections.abc import Iterable
from uuid import UUID

from platforms import permissions
from platforms.contracts import Role

_KINDS = {
    Role.OPERATOR: "operator",
    Role.MERCHANT_OWNER: "merchant",
    Role.MERCHANT_STAFF: "merchant",
    Role.BUYER: "buyer",
}
_ORDER = (Role.OPERATOR, Role.MERCHANT_OWNER, Role.MERCHANT_STAFF, Role.BUYER)
OF_MERCHANT = frozenset({Role.MERCHANT_OWNER, Role.MERCHANT_STAFF})


def permissions_in(role: Role, own: Iterable[str] | None) -> frozenset[str]:
    """What somebody in this role may do: everything, unless it is a staff's; ``own`` are the
    permissions of the role that the merchant or platform has made, None where there is none."""
    if own is not None:
        return permissions.complete(own)
    if role == Role.MERCHANT_STAFF:
        return permissions.GENERAL_STAFF
    return permissions.EVERYTHING


def is_chief(role: Role | str, staff_role_id: UUID | None) -> bool:
    """Whether this role may do everything, and so somebody must keep it."""
    return role == Role.MERCHANT_OWNER or (role == Role.OPERATOR and staff_role_id is None)


def actor_kind(role: Role) -> str:
    """The audience to which the role belongs."""
    return _KINDS[role]


def rank(role: Role) -> int:
    """Which role a fresh sign-in starts in: the lowest first."""
    return _ORDER.index(role)
