"""Use another e-mail address: asked for with the password, confirmed at the new address."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError

from kernel import audit, clock, mail, personal, transactions
from platforms import addresses, locks, lookup, selectors, selectors_factors
from platforms.contracts import PersonState
from platforms.errors import EmailTaken, TokenSpent
from platforms.models import EmailChange, PasswordReset, Person
from platforms.services import second_factor
from platforms.services.sign_in import LETTERS_AN_HOUR, confirm_password, limit_asking
from platforms.services.throttle import forget_attempts


def request_email_change(*, person_id: UUID, email: str, password: str, code: str = "") -> None:
    """Have a link sent to the new address; until it is followed, nothing changes. ``code`` is
    needed from whoever has a second factor.

    Raises Invalid, EmailTaken, WrongCredentials, TooManyAttempts, WrongCode, TooManyCodes.
    """
    normal = lookup.normal_email(email)
    confirm_password(person_id=person_id, password=password, field="password")
    if selectors_factors.has_second_factor(person_id):
        second_factor.check_code(person_id=person_id, code=code)
    index = lookup.email_index(normal)
    if Person.objects.filter(email_lookup=index).exists():
        raise EmailTaken(field="email")
    for who in (str(person_id), normal):  # nobody has strangers written to again and again
        limit_asking("email-change", who, limit=LETTERS_AN_HOUR, window=timedelta(hours=1))
    minutes = selectors.setting("sign_in", "reset_minutes")
    token, hashed = lookup.new_token()
    now = clock.system()
    with transactions.atomic():
        person = locks.person(person_id)
        EmailChange(
            person_id=person_id,
            token_hash=hashed,
            email_sealed=personal.seal(person_id, normal),
            email_lookup=index,
            created_at=now,
            expires_at=now + timedelta(minutes=minutes),
        ).save(force_insert=True)
        _letter(
            person,
            normal,
            "platforms/email_change",
            {"link": addresses.platform_url(f"/email/{token}/"), "minutes": minutes},
        )


def check_email_change(*, token: str) -> None:
    """Raise TokenSpent unless the link can still be used."""
    usable = EmailChange.objects.filter(
        token_hash=lookup.token_hash(token), used_at=None, expires_at__gt=clock.system()
    )
    if not usable.exists():
        raise TokenSpent


def confirm_email_change(*, token: str) -> UUID:
    """The new address is the person's from now on; links that went to the old one are void, and
    the old one is told. The person's id. Raises TokenSpent, EmailTaken."""
    now = clock.system()
    with transactions.atomic():
        change = locks.email_change_by_hash(lookup.token_hash(token))
        if change.used_at is not None or change.expires_at <= now:
            raise TokenSpent
        person = locks.person(change.person_id)
        if person.state != PersonState.ACTIVE:
            raise TokenSpent
        old = selectors.opened(person.id, person.email_sealed)
        new = selectors.opened(person.id, change.email_sealed)
        person.email_sealed, person.email_lookup = change.email_sealed, change.email_lookup
        try:
            with transactions.atomic():
                person.save()
        except IntegrityError as error:
            raise EmailTaken(field="email") from error
        EmailChange.objects.filter(person_id=person.id, used_at=None).update(used_at=now)
        PasswordReset.objects.filter(person_id=person.id, used_at=None).update(used_at=now)
        audit.record(
            action="platforms.person.email_changed",
            target=person,
            before={"email": old},
            after={"email": new},
            personal=frozenset({"email"}),
            subject=person.id,
        )
        if old:
            forget_attempts(old)
            _letter(person, old, "platforms/email_changed", {})
    return person.id


def _letter(person: Person, to: str, template: str, more: dict[str, object]) -> None:
    mail.send(
        to=to,
        subject=person.id,
        template=template,
        context={"platform": selectors.current_platform().name(person.language), **more},
        language=person.language,
    )
