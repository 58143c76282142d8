"""Merchants whose application came to nothing: closed, begun anew, forgotten."""

from collections.abc import Mapping
from uuid import UUID

from kernel import audit, personal, transactions
from kernel.errors import Conflict
from platforms import locks, lookup, selectors
from platforms.contracts import InvitationState, KeyState, MerchantInfo, MerchantState
from platforms.models import ApiKey, Invitation, Membership
from platforms.services.merchants import _check_names, slug_for


def close_application(*, merchant_id: UUID, reason: str = "") -> MerchantInfo:
    """An application is over without an approval: nobody works for this merchant any more, its keys
    and open invitations end. Closed before: as it is. Raises NotFound, InvalidTransition once it
    was approved."""
    with transactions.atomic():
        merchant = locks.merchant(merchant_id)
        if merchant.state == MerchantState.CLOSED:
            return selectors.merchant(merchant_id)
        merchant.move(MerchantState.CLOSED, action="platforms.merchant.closed", reason=reason)
        merchant.save()
        keys = ApiKey.objects.select_for_update().filter(
            merchant_id=merchant_id, state=KeyState.ACTIVE
        )
        for key in keys.order_by("id"):
            key.move(KeyState.REVOKED, action="platforms.key.revoked", reason="application closed")
            key.save()
        asked = Invitation.objects.select_for_update().filter(
            merchant_id=merchant_id, state=InvitationState.PENDING
        )
        for one in asked.order_by("id"):
            one.move(InvitationState.REVOKED, action="platforms.invitation.revoked")
            one.save()
        held = Membership.objects.select_for_update().filter(merchant_id=merchant_id)
        for membership in held.select_related("person").order_by("id"):
            audit.record(
                action="platforms.role.revoked",
                target=membership.person,
                before={"role": str(membership.role), "merchant_id": str(merchant_id)},
                after={},
            )
            membership.delete()
    return selectors.merchant(merchant_id)


def apply_anew(*, merchant_id: UUID, names: Mapping[str, str], contact_email: str) -> MerchantInfo:
    """A closed merchant applies again, as it calls itself now. Raises Invalid, NotFound,
    InvalidTransition unless it is closed, Conflict once it was forgotten."""
    _check_names(names)
    email = lookup.normal_email(contact_email, field="contact_email")
    with transactions.atomic():
        merchant = locks.merchant(merchant_id)
        if merchant.state != MerchantState.CLOSED:
            merchant.TRANSITIONS.check(merchant.state, MerchantState.APPLIED)
        if personal.erased(merchant_id):
            raise Conflict
        before = {"names": merchant.names}
        merchant.names = dict(names)
        merchant.contact_email_sealed = personal.seal(merchant.id, email)
        merchant.move(MerchantState.APPLIED, action="platforms.merchant.applied_anew")
        merchant.save()
        audit.record(
            action="platforms.merchant.changed",
            target=merchant,
            before=before,
            after={"names": merchant.names, "contact_email": email},
            personal=frozenset({"contact_email"}),
            subject=merchant.id,
        )
    return selectors.merchant(merchant_id)


def forget_closed(*, merchant_id: UUID) -> None:
    """Destroy what is personal of a closed merchant, its name too. Raises NotFound,
    InvalidTransition unless it is closed."""
    with transactions.atomic():
        merchant = locks.merchant(merchant_id)
        if merchant.state != MerchantState.CLOSED:
            merchant.TRANSITIONS.check(merchant.state, MerchantState.CLOSED)
        merchant.names = dict.fromkeys(merchant.names, "—")
        merchant.slug = slug_for({}, merchant.id)
        merchant.contact_email_sealed = ""
        merchant.save()
        personal.erase(merchant.id)
        audit.record(action="platforms.merchant.forgotten", target=merchant, after={})
