"""Reads about second factors: the authenticator app, passkeys, recovery codes."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from kernel.errors import NotFound
from platforms.contracts import Role, SecondFactorInfo, SecondFactorState
from platforms.contracts_passkeys import PasskeyInfo, PasskeyState
from platforms.models import Membership, Passkey, RecoveryCode, SecondFactor
from platforms.selectors import setting

REQUIRED: dict[str, frozenset[Role]] = {
    "optional": frozenset(),
    "operators": frozenset({Role.OPERATOR}),
    "staff": frozenset({Role.OPERATOR, Role.MERCHANT_OWNER, Role.MERCHANT_STAFF}),
}
KEPT = ~Q(state=PasskeyState.REMOVED)


def has_app(person_id: UUID) -> bool:
    """Whether the person has an authenticator app in use."""
    return SecondFactor.objects.filter(person_id=person_id, state=SecondFactorState.ACTIVE).exists()


def has_second_factor(person_id: UUID) -> bool:
    """Whether the person has an authenticator app or a passkey. A suspended passkey counts: it
    mustn't make a password alone enough."""
    return has_app(person_id) or Passkey.objects.filter(KEPT, person_id=person_id).exists()


def second_factor(person_id: UUID) -> SecondFactorInfo:
    """How the person's second factors stand."""
    row = SecondFactor.objects.filter(person_id=person_id, state=SecondFactorState.ACTIVE).first()
    made = list(
        Passkey.objects.filter(KEPT, person_id=person_id)
        .order_by("id")
        .values_list("created_at", flat=True)
    )
    if row is None and not made:
        return SecondFactorInfo(enrolled=False)
    return SecondFactorInfo(
        enrolled=True,
        since=min([*made, row.confirmed_at] if row and row.confirmed_at else made),
        recovery_codes_left=recovery_codes(person_id).filter(used_at=None).count(),
        app_since=row.confirmed_at if row else None,
        passkeys=len(made),
    )


def recovery_codes(person_id: UUID) -> QuerySet[RecoveryCode]:
    """The person's recovery codes, used or not."""
    apps = SecondFactor.objects.filter(person_id=person_id).values("id")
    return RecoveryCode.objects.filter(Q(person_id=person_id) | Q(factor_id__in=apps))


def required_of(roles: Iterable[Role | str]) -> bool:
    """Whether the platform requires a second factor in one of these roles."""
    return not REQUIRED[setting("sign_in", "second_factor")].isdisjoint(roles)


def must_enrol(person_id: UUID, role: Role | None) -> bool:
    """Whether the platform requires a second factor in this role, and the person has none."""
    return role is not None and required_of([role]) and not has_second_factor(person_id)


def must_have_one(person_id: UUID) -> bool:
    """Whether one of the person's roles requires a second factor."""
    held = Membership.objects.filter(person_id=person_id).values_list("role", flat=True)
    return required_of(held)


def must_enrol_first(person_id: UUID) -> bool:
    """Whether the person can't confirm a change of accounts, keys, providers or staff before they
    have a second factor."""
    required = setting("sign_in", "confirm_changes") == "required"
    return required and not has_second_factor(person_id)


def passkeys_of(person_id: UUID) -> list[PasskeyInfo]:
    """The person's passkeys, the oldest first."""
    rows = Passkey.objects.filter(KEPT, person_id=person_id).order_by("id")
    return [passkey_info(row) for row in rows]


def passkey(*, person_id: UUID, passkey_id: UUID) -> PasskeyInfo:
    """One of the person's passkeys. Raises NotFound."""
    row = Passkey.objects.filter(KEPT, person_id=person_id, id=passkey_id).first()
    if row is None:
        raise NotFound
    return passkey_info(row)


def credentials_at(person_id: UUID, rp_id: str) -> list[bytes]:
    """The ids, as devices know them, of the person's passkeys that work at this host."""
    rows = Passkey.objects.filter(person_id=person_id, rp_id=rp_id, state=PasskeyState.ACTIVE)
    return [bytes(one) for one in rows.order_by("id").values_list("credential_id", flat=True)]


def passkey_info(row: Passkey) -> PasskeyInfo:
    """The contract of a row."""
    return PasskeyInfo(
        id=row.id,
        name=row.name,
        state=PasskeyState(row.state),
        host=row.rp_id,
        synced=row.synced,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
