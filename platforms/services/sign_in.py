"""Sign in with a password or a passkey; change and reset the password."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, jobs, mail, ratelimit, transactions
from kernel.errors import Invalid
from platforms import addresses, locks, lookup, selectors, selectors_factors
from platforms.contracts import NewSession, PersonState
from platforms.contracts_passkeys import ChallengePurpose, PasskeySite
from platforms.domain import ceremonies
from platforms.errors import PasskeyRefused, TokenSpent, TooManyAttempts, WrongCredentials
from platforms.models import PasswordReset, Person
from platforms.services import passkey_answers, second_factor, sessions
from platforms.services.people import check_password_rules
from platforms.services.throttle import count_attempt, forget_attempts

NETWORK_FACTOR = 10  # one network address may try ten times as often as one mail address
LETTERS_AN_HOUR = 3
QUESTIONS_AN_HOUR = 600  # to passkeys, from one network address: a whole office may sign in


def sign_in(
    *,
    email: str,
    password: str,
    address: str = "",
    user_agent: str = "",
    replaces: str | None = None,
) -> NewSession:
    """A fresh session, or for a person with a second factor one that awaits its code.

    ``address`` is the sender's network address, ``replaces`` the browser's old session token.

    Unknown, disabled and mistyped answer alike and take alike (WrongCredentials). After too many
    attempts: TooManyAttempts with ``retry_after``, whether or not there is such a person. Call it
    outside a transaction: the count must stay when the sign-in fails.
    """
    transactions.assert_outside_transaction("Signing in")
    try:
        normal = lookup.normal_email(email)
    except Invalid:
        normal = email.strip().lower()[:254]
    _count(normal, address)
    row = (
        Person.objects.filter(email_lookup=lookup.email_index(normal))
        .values_list("id", "password", "state")
        .first()
    )
    person_id, encoded, state = row or (None, "", "")
    if not _right(password, encoded) or state != PersonState.ACTIVE or person_id is None:
        raise WrongCredentials
    forget_attempts(normal)
    with transactions.atomic():
        person = locks.person(person_id)
        audit.record(action="platforms.person.signed_in", target=person, before={}, after={})
        return sessions.open_session(
            person_id=person_id,
            user_agent=user_agent,
            replaces=replaces,
            awaits_code=selectors_factors.has_second_factor(person_id),
        )


def finish_sign_in(*, token: str, code: str, user_agent: str = "") -> NewSession:
    """The second step: the session that waited becomes a real one, under a fresh token.

    Raises TokenSpent when there is none that waits, WrongCode, TooManyCodes.
    """
    person_id = sessions.waiting_for_code(token)
    if person_id is None:
        raise TokenSpent
    second_factor.check_code(person_id=person_id, code=code)
    with transactions.atomic():
        return sessions.open_session(person_id=person_id, user_agent=user_agent, replaces=token)


def ask_passkey_to_sign_in(*, site: PasskeySite, holder: str, address: str = "") -> dict[str, Any]:
    """Options with which a browser offers the passkeys it has for this host. Raises
    TooManyAttempts."""
    limit_asking("passkey", address, limit=QUESTIONS_AN_HOUR, window=timedelta(hours=1))
    with transactions.atomic():
        challenge = passkey_answers.ask(
            ChallengePurpose.SIGN_IN, site=site, holder=holder, person_id=None
        )
    return ceremonies.ask_for_use(site, challenge=challenge)


def sign_in_with_passkey(
    *,
    answer: str,
    site: PasskeySite,
    holder: str,
    user_agent: str = "",
    replaces: str | None = None,
) -> NewSession:
    """A fresh session by a passkey alone: as it verified its user, no second step follows.

    Raises ChallengeSpent, PasskeyRefused, PasskeySuspended. Call it outside a transaction.
    """
    read = ceremonies.read_use(answer)
    passkey_answers.claim(read, ChallengePurpose.SIGN_IN, site=site, holder=holder, person_id=None)
    passkey = passkey_answers.check(read, site=site)
    with transactions.atomic():
        person = locks.person(passkey.person_id)
        if person.state != PersonState.ACTIVE:
            raise PasskeyRefused
        audit.record(
            action="platforms.person.signed_in",
            target=person,
            after={"method": "passkey", "passkey": passkey.id},
        )
        return sessions.open_session(person_id=person.id, user_agent=user_agent, replaces=replaces)


def _count(who: str, address: str) -> None:
    limit = selectors.setting("sign_in", "attempts")
    window = timedelta(minutes=selectors.setting("sign_in", "window_minutes"))
    lockout = timedelta(minutes=selectors.setting("sign_in", "lockout_minutes"))
    limit_asking("sign-in", address, limit=limit * NETWORK_FACTOR, window=window)
    wait = count_attempt(who, limit=limit, window=window, lockout=lockout)
    if wait:
        raise TooManyAttempts(retry_after=wait)


def limit_asking(what: str, who: str, *, limit: int, window: timedelta) -> None:
    """At most so often in ``window`` by (or for) ``who``; an empty one isn't counted. Raises
    TooManyAttempts."""
    if not who:
        return
    bucket = f"{what}:{lookup.attempt_index(who)}"
    verdict = ratelimit.hit_strict(bucket, limit=limit, seconds=int(window.total_seconds()))
    if not verdict.allowed:
        raise TooManyAttempts(retry_after=verdict.reset)


def _right(password: str, encoded: str) -> bool:
    if not encoded or len(password) > 256:
        make_password(password[:256])  # the same work as for a known person
        return False
    return check_password(password, encoded)


def sign_out(*, token: str) -> None:
    """End the session behind the cookie."""
    sessions.end_session(token=token)


def change_password(*, person_id: UUID, session_id: UUID, current: str, new: str) -> None:
    """Set a new password; every other session of the person ends. Raises WrongCredentials,
    TooManyAttempts, InvalidPassword."""
    transactions.assert_outside_transaction("Changing a password")
    check_password_rules(new, field="new")
    confirm_password(person_id=person_id, password=current, field="current")
    with transactions.atomic():
        _set_password(locks.person(person_id), new)
        sessions.end_sessions_of(person_id, but=[session_id])


def confirm_password(*, person_id: UUID, password: str, field: str) -> None:
    """That it is the person who asks. Raises WrongCredentials, TooManyAttempts. Call it outside a
    transaction: the count must stay when it fails."""
    transactions.assert_outside_transaction("Confirming a password")
    _count(str(person_id), "")
    encoded = Person.objects.filter(id=person_id).values_list("password", flat=True).first() or ""
    if not _right(password, encoded):
        raise WrongCredentials(field=field)
    forget_attempts(str(person_id))


def request_password_reset(*, email: str, address: str = "") -> None:
    """Have a link sent, if there is such a person; the answer and the work here are the same
    either way (a job finds the person and writes the letter)."""
    normal = lookup.normal_email(email)
    hour = timedelta(hours=1)
    limit_asking("reset", address, limit=LETTERS_AN_HOUR * NETWORK_FACTOR, window=hour)
    limit_asking("reset-for", normal, limit=LETTERS_AN_HOUR, window=hour)
    with transactions.atomic():
        jobs.enqueue("platforms.send_reset", {"lookup": lookup.email_index(normal)})


def send_reset(*, email_lookup: str) -> bool:
    """Write the letter with a fresh link; whether there was anybody to write to."""
    with transactions.atomic():
        person = (
            Person.objects.select_for_update()
            .filter(email_lookup=email_lookup, state=PersonState.ACTIVE)
            .first()
        )
        email = selectors.opened(person.id, person.email_sealed) if person else ""
        if person is None or not email:
            return False
        minutes = selectors.setting("sign_in", "reset_minutes")
        token, hashed = lookup.new_token()
        now = clock.system()
        PasswordReset(
            person_id=person.id,
            token_hash=hashed,
            created_at=now,
            expires_at=now + timedelta(minutes=minutes),
        ).save(force_insert=True)
        mail.send(
            to=email,
            subject=person.id,
            template="platforms/reset",
            context={
                "link": addresses.platform_url(f"/reset/{token}/"),
                "minutes": minutes,
                "platform": selectors.current_platform().name(person.language),
            },
            language=person.language,
        )
    return True


def check_reset(*, token: str) -> None:
    """Raise TokenSpent unless the link can still be used; for the page that asks for the word."""
    now = clock.system()
    usable = PasswordReset.objects.filter(
        token_hash=lookup.token_hash(token), used_at=None, expires_at__gt=now
    )
    if not usable.exists():
        raise TokenSpent


def reset_password(*, token: str, password: str) -> UUID:
    """Set the password by a mailed link, once; all sessions and other links end. The person's id.

    Raises TokenSpent, InvalidPassword (the link stays good then).
    """
    check_password_rules(password)
    now = clock.system()
    with transactions.atomic():
        reset = locks.reset_by_hash(lookup.token_hash(token))
        if reset.used_at is not None or reset.expires_at <= now:
            raise TokenSpent
        person = locks.person(reset.person_id)
        if person.state != PersonState.ACTIVE:
            raise TokenSpent
        PasswordReset.objects.filter(person_id=person.id, used_at=None).update(used_at=now)
        _set_password(person, password)
        sessions.end_sessions_of(person.id)
        email = selectors.opened(person.id, person.email_sealed)
        forget_attempts(email)
    return person.id


def _set_password(person: Person, password: str) -> None:
    if not password:
        raise Invalid(_("Send this field."), field="password")
    person.password = make_password(password)
    person.save()
    audit.record(action="platforms.person.password_changed", target=person, before={}, after={})
