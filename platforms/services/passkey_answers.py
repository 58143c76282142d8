"""Questions put to passkeys, and their answers: each question once, to one browser, for minutes.

Taking an answer must outlive a refusal (a question is spent by a wrong answer, too, and a copied
key is suspended), so whatever takes one is called outside a transaction.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from kernel import clock, transactions
from platforms import selectors_factors
from platforms.contracts import PersonState
from platforms.contracts_passkeys import (
    ChallengePurpose,
    PasskeyProof,
    PasskeySite,
    PasskeyState,
)
from platforms.domain import ceremonies
from platforms.domain.ceremonies import Answer
from platforms.errors import (
    ChallengeSpent,
    NoPasskey,
    PasskeyRefused,
    PasskeySuspended,
    WrongCode,
)
from platforms.models import Passkey, PasskeyChallenge
from platforms.services.passkey_letters import write_about
from platforms.services.recovery_codes import random_letters

FRESH = timedelta(minutes=5)  # how long a question can be answered, and an answer used
PROOF_MARK, PROOF_LENGTH = "PK", 34  # a proof's code, so that it is none of the others


def ask(
    purpose: ChallengePurpose, *, site: PasskeySite, holder: str, person_id: UUID | None
) -> bytes:
    """A fresh question for the browser that ``holder`` (a token, or a key's id) names."""
    challenge = secrets.token_bytes(32)
    PasskeyChallenge(
        person_id=person_id,
        purpose=purpose,
        holder_hash=_known(holder),
        challenge_hash=ceremonies.hashed(challenge),
        rp_id=site.rp_id,
        expires_at=clock.system() + FRESH,
    ).save(force_insert=True)
    return challenge


def claim(
    answer: Answer,
    purpose: ChallengePurpose,
    *,
    site: PasskeySite,
    holder: str,
    person_id: UUID | None,
) -> UUID:
    """The question that is answered, spent now, whatever the answer is worth; its id.

    Raises ChallengeSpent for one answered before, too old, or put to another browser, host,
    person or purpose.
    """
    transactions.assert_outside_transaction("Taking a passkey's answer")
    now = clock.system()
    whose = Q(person_id=person_id) if person_id else Q(person__isnull=True)
    rows = PasskeyChallenge.objects.filter(
        whose,
        challenge_hash=ceremonies.hashed(answer.challenge),
        purpose=purpose,
        holder_hash=_known(holder),
        rp_id=site.rp_id,
        answered_at=None,
        expires_at__gt=now,
    )
    with transactions.atomic():
        found = rows.select_for_update().values_list("id", flat=True).first()
        if found is None:
            raise ChallengeSpent
        PasskeyChallenge.objects.filter(id=found).update(answered_at=now)
    return found


def ask_to_prove(*, person_id: UUID, site: PasskeySite, holder: str) -> dict[str, Any]:
    """Options with which a browser has one of the person's passkeys sign. Raises NoPasskey."""
    known = selectors_factors.credentials_at(person_id, site.rp_id)
    if not known:
        raise NoPasskey
    with transactions.atomic():
        challenge = ask(ChallengePurpose.PROVE, site=site, holder=holder, person_id=person_id)
    return ceremonies.ask_for_use(site, challenge=challenge, allowed=known)


def prove(*, person_id: UUID, answer: str, site: PasskeySite, holder: str) -> PasskeyProof:
    """The person confirmed with a passkey: a code to give, once and soon, where one of the
    authenticator app is asked for. Raises ChallengeSpent, PasskeyRefused, PasskeySuspended."""
    read = ceremonies.read_use(answer)
    asked = claim(read, ChallengePurpose.PROVE, site=site, holder=holder, person_id=person_id)
    passkey = check(read, site=site, person_id=person_id)
    code = PROOF_MARK + random_letters(PROOF_LENGTH - len(PROOF_MARK))
    until = clock.system() + FRESH
    with transactions.atomic():
        PasskeyChallenge.objects.filter(id=asked).update(
            passkey_id=passkey.id, proof_hash=_known(code), expires_at=until
        )
    return PasskeyProof(code, until)


def is_proof(typed: str) -> bool:
    """Whether a code, in upper case without spaces, is one of ``prove``."""
    return len(typed) == PROOF_LENGTH and typed.startswith(PROOF_MARK)


def take_proof(person_id: UUID, typed: str) -> Passkey:
    """Use a proof up, in the caller's transaction; the passkey it is of. Raises WrongCode."""
    row = (
        PasskeyChallenge.objects.select_for_update(of=("self",))
        .filter(
            person_id=person_id,
            purpose=ChallengePurpose.PROVE,
            proof_hash=_known(typed),
            expires_at__gt=clock.system(),
            passkey__state=PasskeyState.ACTIVE,
        )
        .select_related("passkey")
        .first()
    )
    passkey: Passkey | None = row.passkey if row else None
    if row is None or passkey is None:
        raise WrongCode(field="code")
    row.delete()
    return passkey


def check(answer: Answer, *, site: PasskeySite, person_id: UUID | None = None) -> Passkey:
    """The passkey that gave this answer; its count and time are kept.

    Raises PasskeyRefused for one that isn't known here, or is somebody else's than
    ``person_id``; PasskeySuspended for one whose count fell back, now or before.
    """
    with transactions.atomic():
        row = (
            Passkey.objects.select_for_update()
            .filter(
                selectors_factors.KEPT,
                credential_hash=ceremonies.hashed(answer.credential_id),
                rp_id=site.rp_id,
            )
            .first()
        )
        if row is None or person_id not in (None, row.person_id):
            raise PasskeyRefused
        if row.person.state != PersonState.ACTIVE:
            raise PasskeyRefused
        if answer.user_handle not in (None, b"", row.person_id.bytes):
            raise PasskeyRefused
        use = ceremonies.check_use(answer, site, public_key=bytes(row.public_key))
        if row.state == PasskeyState.ACTIVE:
            if not ceremonies.fell_back(row.sign_count, use.sign_count):
                row.sign_count, row.synced = use.sign_count, use.synced
                row.last_used_at = clock.system()
                row.save()
                return row
            row.move(
                PasskeyState.SUSPENDED,
                action="platforms.passkey.suspended",
                reason=f"count {use.sign_count} after {row.sign_count}",
            )
            row.save()
            write_about(row, "suspended")
    raise PasskeySuspended


def forget_challenges(now: datetime) -> int:
    """Delete questions and proofs whose time is over."""
    ended, _each = PasskeyChallenge.objects.filter(expires_at__lte=now).delete()
    return ended


def _known(token: str) -> str:
    return ceremonies.hashed(token.encode())
