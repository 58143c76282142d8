"""Invitations: a role, offered by mail, taken once."""

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, mail, personal, transactions
from kernel.errors import Invalid, NotFound
from kernel.ids import uuid7
from platforms import addresses, locks, lookup, selectors
from platforms.contracts import InvitationInfo, InvitationState, PersonInfo, PersonState, Role
from platforms.errors import TokenSpent
from platforms.models import Invitation, Merchant, Person
from platforms.models.person import at
from platforms.permissions import EVERYTHING
from platforms.services.people import check_offer, check_role, create_person, grant_role
from platforms.services.staff_roles import check_pair


def invite(
    *,
    email: str,
    role: Role,
    merchant_id: UUID | None = None,
    staff_role_id: UUID | None = None,
    language: str = "zh-hans",
    ceiling: frozenset[str] = EVERYTHING,
) -> InvitationInfo:
    """Send an invitation; an open one for the same address and role is withdrawn.

    Raises Invalid, BeyondOwn, NotFound (the merchant, the role of its own).
    """
    check_role(role, merchant_id)
    if role != Role.BUYER:
        check_pair(role, merchant_id, staff_role_id)
    normal = lookup.normal_email(email)
    token, hashed = lookup.new_token()
    now = clock.system()
    invitation = Invitation(
        id=uuid7(),
        email_lookup=lookup.email_index(normal),
        role=role,
        merchant_id=merchant_id,
        staff_role_id=staff_role_id,
        language=language.lower(),
        token_hash=hashed,
        expires_at=now + timedelta(days=selectors.setting("sign_in", "invitation_days")),
    )
    with transactions.atomic():
        inviting = selectors.current_platform().name(language)
        if merchant_id is not None:
            names = Merchant.objects.filter(id=merchant_id).values_list("names", flat=True).first()
            if names is None:
                raise NotFound
            inviting = selectors.merchant(merchant_id).name(language)
        check_offer(role, merchant_id, staff_role_id, ceiling)
        _withdraw_open(invitation)
        invitation.email_sealed = personal.seal(invitation.id, normal)
        invitation.save(force_insert=True)
        audit.record(
            action="platforms.invitation.sent",
            target=invitation,
            before={},
            after={
                "email": normal,
                "role": str(role),
                "merchant_id": str(merchant_id) if merchant_id else None,
                "staff_role_id": str(staff_role_id) if staff_role_id else None,
            },
            personal=frozenset({"email"}),
            subject=invitation.id,
        )
        _write_letter(invitation, normal, token, inviting)
    return selectors.invitation_info(invitation)


def _withdraw_open(invitation: Invitation) -> None:
    open_ones = Invitation.objects.select_for_update().filter(
        at(invitation.merchant_id),
        email_lookup=invitation.email_lookup,
        role=invitation.role,
        state=InvitationState.PENDING,
    )
    for earlier in open_ones.order_by("id"):
        _revoke(earlier, "sent anew")


def _write_letter(invitation: Invitation, email: str, token: str, inviting: str) -> None:
    mail.send(
        to=email,
        subject=invitation.id,
        template="platforms/invitation",
        context={
            "link": addresses.platform_url(f"/invitations/{token}/"),
            "inviting": inviting,
            "role": Role(invitation.role).value,
            "days": selectors.setting("sign_in", "invitation_days"),
        },
        language=invitation.language,
    )


def revoke_invitation(*, invitation_id: UUID) -> InvitationInfo:
    """Withdraw it. Raises InvalidTransition when it was accepted."""
    with transactions.atomic():
        invitation = locks.invitation(invitation_id)
        _revoke(invitation, "")
    return selectors.invitation_info(invitation)


def _revoke(invitation: Invitation, reason: str) -> None:
    invitation.move(InvitationState.REVOKED, action="platforms.invitation.revoked", reason=reason)
    invitation.save()


def read_invitation(*, token: str) -> InvitationInfo:
    """What the accepting page shows. Raises TokenSpent."""
    row = Invitation.objects.filter(token_hash=lookup.token_hash(token)).first()
    if row is None:
        raise TokenSpent
    _check_open(row)
    return selectors.invitation_info(row)


def invited_person_exists(*, token: str) -> bool:
    """Whether the invited address belongs to a person already, who then needs no password."""
    row = Invitation.objects.filter(token_hash=lookup.token_hash(token)).first()
    if row is None:
        raise TokenSpent
    _check_open(row)
    return Person.objects.filter(email_lookup=row.email_lookup).exists()


def accept_invitation(
    *, token: str, name: str = "", password: str | None = None, language: str | None = None
) -> PersonInfo:
    """Take the role. A new address becomes a person with ``name`` and ``password``; a known one
    gets the role and keeps its password, for holding the link proves the address.

    Of two at once, one gets it; the other gets TokenSpent, like a late or second one. Raises
    InvalidPassword and leaves the invitation open.
    """
    with transactions.atomic():
        invitation = locks.invitation_by_hash(lookup.token_hash(token))
        _check_open(invitation)
        person = Person.objects.filter(email_lookup=invitation.email_lookup).first()
        if person is None:
            if not password:
                raise Invalid(_("Choose a password."), field="password")
            person_id = create_person(
                email=selectors.opened(invitation.id, invitation.email_sealed),
                name=name,
                password=password,
                language=language or invitation.language,
            ).id
        elif person.state != PersonState.ACTIVE:
            raise TokenSpent
        else:
            person_id = person.id
        grant_role(
            person_id=person_id,
            role=Role(invitation.role),
            merchant_id=invitation.merchant_id,
            staff_role_id=invitation.staff_role_id,
        )
        invitation.accepted_by = person_id
        invitation.move(InvitationState.ACCEPTED, action="platforms.invitation.accepted")
        invitation.save()
    return selectors.person(person_id)


def _check_open(invitation: Invitation) -> None:
    if invitation.state != InvitationState.PENDING or invitation.expires_at <= clock.system():
        raise TokenSpent
