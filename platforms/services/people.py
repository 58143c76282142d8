"""People and their roles."""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from kernel import audit, outbox, personal, transactions
from kernel.errors import FieldProblem, Invalid, NotFound
from kernel.ids import uuid7
from platforms import locks, lookup, selectors
from platforms.contracts import KeyState, MembershipInfo, PersonInfo, PersonState, Role
from platforms.domain.keys import random_text
from platforms.domain.roles import OF_MERCHANT, actor_kind, permissions_in
from platforms.errors import EmailTaken, InvalidPassword
from platforms.events import PersonErased
from platforms.models import ApiKey, EmailChange, Invitation, Membership, Merchant, Person
from platforms.models.person import at
from platforms.permissions import EVERYTHING
from platforms.services import second_factor, sessions, staff_roles
from platforms.services.ceilings import check_within


def check_password_rules(password: str, *, field: str = "password") -> None:
    """Raise InvalidPassword with every rule that the password breaks."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise InvalidPassword(
            problems=[FieldProblem(field, str(message)) for message in error.messages]
        ) from error
    if len(password) > 256:
        raise InvalidPassword(_("A password has at most 256 characters."), field=field)


def create_person(
    *, email: str, name: str = "", password: str | None = None, language: str = "zh-hans"
) -> PersonInfo:
    """A new person; without a password, one that signs in after a reset or by invitation.

    Raises EmailTaken, InvalidPassword, Invalid.
    """
    normal = lookup.normal_email(email)
    name = _check_name(name)
    if password is not None:
        check_password_rules(password)
    person = Person(
        id=uuid7(),
        email_lookup=lookup.email_index(normal),
        password=make_password(password) if password is not None else "",
        language=_check_language(language),
    )
    with transactions.atomic():
        person.email_sealed = personal.seal(person.id, normal)
        person.name_sealed = personal.seal(person.id, name) if name else ""
        try:
            with transactions.atomic():
                person.save(force_insert=True)
        except IntegrityError as error:
            raise EmailTaken(field="email") from error
        audit.record(
            action="platforms.person.created",
            target=person,
            before={},
            after={"email": normal, "name": name, "language": person.language},
            personal=frozenset({"email", "name"}),
            subject=person.id,
        )
    return selectors.person(person.id)


def update_person(
    *, person_id: UUID, name: str | None = None, language: str | None = None
) -> PersonInfo:
    """Change the person's name or language."""
    with transactions.atomic():
        person = locks.person(person_id)
        before = {
            "name": selectors.opened(person.id, person.name_sealed),
            "language": person.language,
        }
        after = dict(before)
        if name is not None:
            after["name"] = _check_name(name)
            person.name_sealed = personal.seal(person.id, after["name"])
        if language is not None:
            after["language"] = person.language = _check_language(language)
        person.save()
        audit.record(
            action="platforms.person.changed",
            target=person,
            before=before,
            after=after,
            personal=frozenset({"name"}),
            subject=person.id,
        )
    return selectors.person(person_id)


def grant_role(
    *,
    person_id: UUID,
    role: Role,
    merchant_id: UUID | None = None,
    staff_role_id: UUID | None = None,
    ceiling: frozenset[str] = EVERYTHING,
) -> MembershipInfo:
    """Give a role, narrowed to ``staff_role_id`` if one is named; a role that is held already is
    answered with what is. Raises NotFound, Invalid, BeyondOwn."""
    check_role(role, merchant_id)
    if role != Role.BUYER:
        staff_roles.check_pair(role, merchant_id, staff_role_id)
    with transactions.atomic():
        person = locks.person(person_id)
        if merchant_id is not None and not Merchant.objects.filter(id=merchant_id).exists():
            raise NotFound
        check_offer(role, merchant_id, staff_role_id, ceiling)
        held = Membership.objects.filter(at(merchant_id), person_id=person_id, role=role).first()
        if held is None:
            held = Membership(
                person_id=person_id, role=role, merchant_id=merchant_id, staff_role_id=staff_role_id
            )
            held.save(force_insert=True)
            audit.record(
                action="platforms.role.granted",
                target=person,
                before={},
                after={
                    "role": str(role),
                    "merchant_id": _text(merchant_id),
                    "staff_role_id": _text(staff_role_id),
                },
            )
    return MembershipInfo(held.id, Role(held.role), held.merchant_id, held.staff_role_id)


def check_offer(
    role: Role, merchant_id: UUID | None, staff_role_id: UUID | None, ceiling: frozenset[str]
) -> None:
    """That there is this role, held until the transaction ends, and that it doesn't go beyond
    ``ceiling``. Raises NotFound, BeyondOwn."""
    own = locks.staff_role(staff_role_id, merchant_id) if staff_role_id else None
    if role != Role.BUYER:
        check_within(permissions_in(role, own.permissions if own else None), ceiling)


def revoke_role(
    *,
    person_id: UUID,
    role: Role,
    merchant_id: UUID | None = None,
    ceiling: frozenset[str] = EVERYTHING,
) -> None:
    """Take a role back, and revoke the keys that the person holds by it.

    Raises NotFound, BeyondOwn, LastOwner when nobody else has it where somebody must.
    """
    with transactions.atomic():
        person = locks.person(person_id)
        if role == Role.BUYER:
            team = list(Membership.objects.select_for_update().filter(person=person, role=role))
        else:
            team = staff_roles.lock_team(merchant_id)
        mine = [held for held in team if held.person_id == person_id and held.role == role]
        if not mine:
            raise NotFound
        if role != Role.BUYER:
            check_within(staff_roles.permissions_of(mine[0]), ceiling)
            staff_roles.check_chief_left(team, mine)
        keys = ApiKey.objects.filter(
            at(merchant_id), person_id=person_id, state=KeyState.ACTIVE, kind=actor_kind(role)
        )
        for key in keys.select_for_update().order_by("id"):
            key.move(KeyState.REVOKED, action="platforms.key.revoked", reason="role revoked")
            key.save()
        staff_role_id = mine[0].staff_role_id
        mine[0].delete()
        audit.record(
            action="platforms.role.revoked",
            target=person,
            before={
                "role": str(role),
                "merchant_id": _text(merchant_id),
                "staff_role_id": _text(staff_role_id),
            },
            after={},
        )


def disable_person(*, person_id: UUID, reason: str = "") -> PersonInfo:
    """Nobody signs in as this person any more; sessions end, keys stop."""
    with transactions.atomic():
        person = locks.person(person_id)
        person.move(PersonState.DISABLED, action="platforms.person.disabled", reason=reason)
        person.save()
        sessions.end_sessions_of(person_id)
    return selectors.person(person_id)


def enable_person(*, person_id: UUID) -> PersonInfo:
    """Let a disabled person sign in again."""
    with transactions.atomic():
        person = locks.person(person_id)
        person.move(PersonState.ACTIVE, action="platforms.person.enabled")
        person.save()
    return selectors.person(person_id)


def erase_person(*, person_id: UUID) -> None:
    """Destroy the person's data key, and those of invitations to the same address: name and
    address become unreadable everywhere; the rows and the audit chain stay."""
    with transactions.atomic():
        person = locks.person(person_id)
        if person.state == PersonState.ACTIVE:
            person.move(PersonState.DISABLED, action="platforms.person.disabled", reason="erased")
        invited = Invitation.objects.filter(email_lookup=person.email_lookup).order_by("id")
        for invitation in invited.values_list("id", flat=True):
            personal.erase(invitation)
        person.email_lookup = lookup.token_hash(random_text(32))
        person.password = ""
        person.save()
        EmailChange.objects.filter(person_id=person_id).delete()
        second_factor.drop_second_factor(person_id, reason="erased")
        sessions.end_sessions_of(person_id)
        personal.erase(person_id)
        audit.record(action="platforms.person.erased", target=person, before={}, after={})
        outbox.append(PersonErased(person_id), aggregate=person)


def check_role(role: Role, merchant_id: UUID | None) -> None:
    """Raise Invalid unless a merchant's role names a merchant, and others none."""
    if (role in OF_MERCHANT) != (merchant_id is not None):
        raise Invalid(
            _("A merchant's role needs a merchant; other roles have none."), field="merchant"
        )


def _check_name(name: str) -> str:
    name = " ".join(name.split())
    if len(name) > 100 or not name.isprintable():
        raise Invalid(_("A name has at most 100 printable characters."), field="name")
    return name


def _check_language(language: str) -> str:
    offered = [locale.lower() for locale in selectors.current_platform().locales]
    if language.lower() not in offered:
        raise Invalid(
            _("The platform doesn't offer this language."), field="language", allowed=offered
        )
    return language.lower()


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
