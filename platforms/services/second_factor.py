"""The second factor (双因素验证): codes of an authenticator app (RFC 6238), recovery codes, and
what a passkey has confirmed (``passkey_answers.prove``), which goes in the place of a code.

``confirm_second_factor`` proves that a person was there at a moment and meant one thing: what
电子签名法 art. 13 calls sole control when signing. Counting attempts must outlive a refusal, so
whatever takes a code is called outside a transaction.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pyotp
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, personal, transactions
from kernel.errors import Invalid
from platforms import locks, selectors_factors
from platforms.contracts import ConfirmationInfo, PersonState, SecondFactorState
from platforms.contracts_passkeys import PasskeyState
from platforms.errors import (
    ConfirmationSpent,
    SecondFactorMissing,
    TooManyCodes,
    WrongCode,
)
from platforms.models import Confirmation, Passkey, PasskeyChallenge, Person, SecondFactor
from platforms.services import passkey_answers, recovery_codes
from platforms.services.passkey_letters import write_about
from platforms.services.throttle import count_attempt, forget_attempts

STEP = 30  # seconds that a code stands for
DRIFT = 1  # steps that the app's clock may be off, either way
ATTEMPTS, WINDOW, LOCKOUT = 5, timedelta(minutes=15), timedelta(minutes=15)
FRESH = timedelta(minutes=5)  # how long a confirmation can be used
OF_CHANGES = "platforms.change."  # purposes that ``sensitive`` alone confirms, with the password


@dataclass(frozen=True)
class Taken:
    """Who gave a code, and what it was of: ``totp``, ``recovery`` or ``passkey``; ``password``
    where there is no factor and none is required."""

    person: Person
    method: str
    factor: SecondFactor | None = None
    passkey: Passkey | None = None


def finish_second_factor(*, person_id: UUID, code: str) -> list[str]:
    """The app works, as its code shows: from now on it is asked for. Returns the recovery codes,
    shown only now. Raises WrongCode, TooManyCodes, SecondFactorMissing (nothing was begun)."""
    _count(person_id)
    with transactions.atomic():
        person = locks.person(person_id)
        row = locks.second_factor(person_id, SecondFactorState.PENDING)
        if row is None:
            raise SecondFactorMissing
        _take_code(row, code)
        row.move(SecondFactorState.ACTIVE, action="platforms.second_factor.enrolled")
        row.confirmed_at = clock.system()
        row.save()
        codes = recovery_codes.renew(person_id)
        audit.record(action="platforms.person.second_factor_set", target=person)
    _forget(person_id)
    return codes


def check_code(*, person_id: UUID, code: str) -> str:
    """Take a code of the app, a recovery code or a passkey's proof; ``totp``, ``recovery`` or
    ``passkey``. Each works once.

    Raises SecondFactorMissing, WrongCode, TooManyCodes. Call it outside a transaction.
    """
    _count(person_id)
    with transactions.atomic():
        taken = _taken(person_id, code)
    _forget(person_id)
    return taken.method


def confirm_second_factor(
    *, person_id: UUID, code: str, purpose: str, digest: str
) -> ConfirmationInfo:
    """The person confirms ``purpose`` (``certification.contract.sign``) of the object whose
    SHA-256 is ``digest`` (hex), now, with a code. The answer is good for one
    ``use_confirmation`` of the same purpose and object within five minutes.

    Raises SecondFactorMissing, WrongCode, TooManyCodes, Invalid. Call it outside a transaction.
    """
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise Invalid(_("A SHA-256 in 64 lower-case hex digits is needed."), field="digest")
    if not 1 <= len(purpose) <= 60:
        raise Invalid(_("1 to 60 characters."), field="purpose")
    if purpose.startswith(OF_CHANGES):
        raise Invalid(_("POST /change-confirmations confirms this."), field="purpose")
    return confirm_by_code(person_id, code, purpose=purpose, digest=digest)


def confirm_by_code(person_id: UUID, code: str, *, purpose: str, digest: str) -> ConfirmationInfo:
    """Keep what the code confirms. Raises as ``check_code`` does."""
    _count(person_id)
    with transactions.atomic():
        info = keep_confirmation(_taken(person_id, code), purpose=purpose, digest=digest)
    _forget(person_id)
    return info


def keep_confirmation(taken: Taken, *, purpose: str, digest: str) -> ConfirmationInfo:
    """Keep what was confirmed, and by what; in the caller's transaction."""
    now = clock.system()
    row = Confirmation(
        person=taken.person,
        factor=taken.factor,
        passkey=taken.passkey,
        purpose=purpose,
        digest=digest,
        method=taken.method,
        confirmed_at=now,
        business_at=clock.business(),
        expires_at=now + FRESH,
    )
    row.save(force_insert=True)
    audit.record(
        action="platforms.person.confirmed",
        target=taken.person,
        after={"purpose": purpose, "digest": digest, "method": taken.method, "id": row.id},
    )
    return _info(row)


def use_confirmation(
    *, confirmation_id: UUID, person_id: UUID, purpose: str, digest: str
) -> ConfirmationInfo:
    """Spend a confirmation, in the transaction of what it allows: rolled back, it can be used
    again. Raises ConfirmationSpent unless it is this person's, for this, fresh and unused."""
    now = clock.system()
    with transactions.atomic():
        row = Confirmation.objects.select_for_update().filter(id=confirmation_id).first()
        if (
            row is None
            or (row.person_id, row.purpose) != (person_id, purpose)
            or not hmac.compare_digest(row.digest, digest)
            or row.used_at is not None
            or row.expires_at <= now
        ):
            raise ConfirmationSpent
        row.used_at = now
        row.save(update_fields=["used_at"])
    return _info(row)


def new_recovery_codes(*, person_id: UUID, code: str) -> list[str]:
    """Ten new recovery codes; those before work no more. Raises as ``check_code`` does."""
    _count(person_id)
    with transactions.atomic():
        taken = _taken(person_id, code)
        codes = recovery_codes.renew(person_id)
        audit.record(action="platforms.second_factor.codes_renewed", target=taken.person)
    _forget(person_id)
    return codes


def remove_second_factor(*, person_id: UUID, code: str) -> None:
    """The person does without the app, confirmed by a last code; passkeys stay. Raises as
    ``check_code`` does."""
    if not selectors_factors.has_app(person_id):
        raise SecondFactorMissing
    _count(person_id)
    with transactions.atomic():
        _taken(person_id, code)
        _drop(person_id, SecondFactorState.ACTIVE, reason="removed by its owner")
        _tidy(person_id)
    _forget(person_id)


def reset_second_factor(*, person_id: UUID, reason: str) -> None:
    """An operator takes lost factors away, all of them, after having made sure who asks."""
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    with transactions.atomic():
        locks.person(person_id)
        for row in Passkey.objects.filter(selectors_factors.KEPT, person_id=person_id):
            write_about(row, "removed")
        drop_second_factor(person_id, reason=reason)


def drop_second_factor(person_id: UUID, *, reason: str) -> None:
    """Remove what there is, app, passkeys and codes; in the caller's transaction."""
    locks.person(person_id)
    for state in (SecondFactorState.PENDING, SecondFactorState.ACTIVE):
        _drop(person_id, state, reason=reason)
    kept = Passkey.objects.select_for_update().filter(selectors_factors.KEPT, person_id=person_id)
    for row in kept.order_by("id"):
        drop_passkey(row, reason=reason)
    PasskeyChallenge.objects.filter(person_id=person_id).delete()
    _tidy(person_id)


def drop_passkey(row: Passkey, *, reason: str) -> None:
    """Remove one passkey, under its person's lock: the row stays, for what was confirmed with it,
    but nothing of the key."""
    row.move(PasskeyState.REMOVED, action="platforms.passkey.removed", reason=reason[:300])
    row.name, row.credential_id, row.credential_hash, row.public_key = "", b"", "", b""
    row.save()
    PasskeyChallenge.objects.filter(passkey_id=row.id).delete()
    _tidy(row.person_id)


def drop_begun(person_id: UUID, *, reason: str) -> None:
    """An app whose setting up wasn't finished is begun again, if at all; under the person's
    lock."""
    _drop(person_id, SecondFactorState.PENDING, reason=reason)


def _tidy(person_id: UUID) -> None:
    """Who has no factor any more needs no recovery codes."""
    if not selectors_factors.has_second_factor(person_id):
        recovery_codes.drop(person_id)


def _drop(person_id: UUID, state: SecondFactorState, *, reason: str) -> None:
    row = locks.second_factor(person_id, state)
    if row is None:
        return
    row.move(
        SecondFactorState.REMOVED, action="platforms.second_factor.removed", reason=reason[:300]
    )
    row.secret_sealed = ""
    row.save()


def _taken(person_id: UUID, code: str) -> Taken:
    """What the code is of, which is used up by it. Raises NotFound, SecondFactorMissing,
    WrongCode."""
    person = locks.person(person_id)
    if person.state != PersonState.ACTIVE or not selectors_factors.has_second_factor(person_id):
        raise SecondFactorMissing
    typed = "".join(code.split()).replace("-", "").upper()
    if passkey_answers.is_proof(typed):
        passkey = passkey_answers.take_proof(person_id, typed)
        return Taken(person, "passkey", passkey=passkey)
    row = locks.second_factor(person_id, SecondFactorState.ACTIVE)
    if len(typed) == recovery_codes.LENGTH:
        recovery_codes.take(person_id, typed)
        return Taken(person, "recovery", factor=row)
    if row is None:
        raise WrongCode(field="code")
    _take_code(row, typed)
    row.save()
    return Taken(person, "totp", factor=row)


def _take_code(row: SecondFactor, code: str) -> None:
    """Accept the code of this moment's time step or a neighbour's, if later than the last one."""
    typed = "".join(code.split())
    totp = pyotp.TOTP(personal.open_(row.person_id, row.secret_sealed) or pyotp.random_base32())
    here = int(clock.system().timestamp()) // STEP
    found = 0
    for step in range(here - DRIFT, here + DRIFT + 1):
        right = hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode())
        found = step if right and step > row.last_step else found
    if not found:
        raise WrongCode(field="code")
    row.last_step = found


def _count(person_id: UUID) -> None:
    transactions.assert_outside_transaction("Taking a code")
    wait = count_attempt(f"code:{person_id}", limit=ATTEMPTS, window=WINDOW, lockout=LOCKOUT)
    if wait:
        raise TooManyCodes(retry_after=wait)


def _forget(person_id: UUID) -> None:
    forget_attempts(f"code:{person_id}")


def _info(row: Confirmation) -> ConfirmationInfo:
    return ConfirmationInfo(
        id=row.id,
        person_id=row.person_id,
        purpose=row.purpose,
        digest=row.digest,
        method=row.method,
        confirmed_at=row.confirmed_at,
        business_at=row.business_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
