"""Row locks of this context, taken in this order: platform, merchant, person, the rest by id."""

from uuid import UUID

from kernel import tenancy
from kernel.errors import NotFound
from platforms.contracts_passkeys import PasskeyState
from platforms.errors import TokenSpent
from platforms.models import (
    ApiKey,
    EmailChange,
    Invitation,
    Merchant,
    Passkey,
    PasswordReset,
    Person,
    Platform,
    SecondFactor,
    StaffRole,
)
from platforms.models.person import at


def platform() -> Platform:
    """The platform in scope, locked."""
    return Platform.objects.select_for_update().get(id=tenancy.current_id())


def merchant(merchant_id: UUID) -> Merchant:
    """The merchant, locked. Raises NotFound."""
    found = Merchant.objects.select_for_update().filter(id=merchant_id).first()
    if found is None:
        raise NotFound
    return found


def person(person_id: UUID) -> Person:
    """The person, locked. Raises NotFound."""
    found = Person.objects.select_for_update().filter(id=person_id).first()
    if found is None:
        raise NotFound
    return found


def key(key_id: UUID) -> ApiKey:
    """The API key, locked. Raises NotFound."""
    found = ApiKey.objects.select_for_update().filter(id=key_id).first()
    if found is None:
        raise NotFound
    return found


def staff_role(staff_role_id: UUID, merchant_id: UUID | None) -> StaffRole:
    """A role that this merchant, or (None) the platform, has made, locked. Raises NotFound."""
    rows = StaffRole.objects.select_for_update().filter(at(merchant_id), id=staff_role_id)
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def invitation(invitation_id: UUID) -> Invitation:
    """The invitation, locked. Raises NotFound."""
    found = Invitation.objects.select_for_update().filter(id=invitation_id).first()
    if found is None:
        raise NotFound
    return found


def invitation_by_hash(token_hash: str) -> Invitation:
    """The invitation behind a mailed token, locked. Raises TokenSpent when there is none."""
    found = Invitation.objects.select_for_update().filter(token_hash=token_hash).first()
    if found is None:
        raise TokenSpent
    return found


def reset_by_hash(token_hash: str) -> PasswordReset:
    """The password reset behind a mailed token, locked. Raises TokenSpent when there is none."""
    found = PasswordReset.objects.select_for_update().filter(token_hash=token_hash).first()
    if found is None:
        raise TokenSpent
    return found


def email_change_by_hash(token_hash: str) -> EmailChange:
    """The change of address behind a mailed token, locked. Raises TokenSpent when there is none."""
    found = EmailChange.objects.select_for_update().filter(token_hash=token_hash).first()
    if found is None:
        raise TokenSpent
    return found


def second_factor(person_id: UUID, state: str) -> SecondFactor | None:
    """The person's second factor in this state, locked, or None."""
    rows = SecondFactor.objects.select_for_update().filter(person_id=person_id, state=state)
    return rows.first()


def passkey(person_id: UUID, passkey_id: UUID) -> Passkey:
    """A passkey of the person that isn't removed, locked. Raises NotFound."""
    rows = Passkey.objects.select_for_update().filter(person_id=person_id, id=passkey_id)
    found = rows.exclude(state=PasskeyState.REMOVED).first()
    if found is None:
        raise NotFound
    return found
