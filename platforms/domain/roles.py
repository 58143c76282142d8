"""What each role may do."""

from platforms.contracts import Role

ALL = frozenset({"*"})
STAFF = frozenset(
    {
        f"{area}:{verb}"
        for area in ("catalog", "inventory", "offers", "orders", "promotions", "shipments")
        for verb in ("read", "write")
    }
    | {"second_factor:read", "second_factor:write"}
    | {"merchants:read", "jobs:read", "payments:read", "events:read"}
)
_SCOPES = {
    Role.OPERATOR: ALL,
    Role.MERCHANT_OWNER: ALL,
    Role.MERCHANT_STAFF: STAFF,
    Role.BUYER: ALL,
}
_KINDS = {
    Role.OPERATOR: "operator",
    Role.MERCHANT_OWNER: "merchant",
    Role.MERCHANT_STAFF: "merchant",
    Role.BUYER: "buyer",
}
_ORDER = (Role.OPERATOR, Role.MERCHANT_OWNER, Role.MERCHANT_STAFF, Role.BUYER)
OF_MERCHANT = frozenset({Role.MERCHANT_OWNER, Role.MERCHANT_STAFF})


def role_scopes(role: Role) -> frozenset[str]:
    """The scopes of a signed-in person in this role; routes also check the audience."""
    return _SCOPES[role]


def actor_kind(role: Role) -> str:
    """The audience to which the role belongs."""
    return _KINDS[role]


def rank(role: Role) -> int:
    """Which role a fresh sign-in starts in: the lowest first."""
    return _ORDER.index(role)
