"""A person's passkeys (通行密钥): add, name, remove."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from kernel import audit, transactions
from kernel.errors import Invalid, NotFound
from platforms import locks, selectors, selectors_factors
from platforms.contracts import PersonState
from platforms.contracts_passkeys import (
    ChallengePurpose,
    PasskeyAdded,
    PasskeyInfo,
    PasskeySite,
    PasskeyState,
)
from platforms.domain import ceremonies, hosts
from platforms.errors import (
    LastFactor,
    PasskeyPresent,
    PasskeysImpossible,
    TooManyPasskeys,
)
from platforms.models import Passkey
from platforms.services import passkey_answers, recovery_codes, second_factor
from platforms.services.passkey_letters import write_about
from platforms.services.sign_in import confirm_password

MOST, NAME = 20, 60


def begin_passkey(
    *, person_id: UUID, password: str, code: str = "", site: PasskeySite, holder: str
) -> dict[str, Any]:
    """Options with which the person's browser makes a passkey. As it will open the account by
    itself, the password is asked for, and ``code`` of whoever has a second factor already.

    Raises WrongCredentials, TooManyAttempts, WrongCode, TooManyCodes, PasskeysImpossible,
    TooManyPasskeys. Call it outside a transaction.
    """
    if not hosts.has_name(site.rp_id):
        raise PasskeysImpossible
    confirm_password(person_id=person_id, password=password, field="password")
    if selectors_factors.has_second_factor(person_id):
        second_factor.check_code(person_id=person_id, code=code)
    with transactions.atomic():
        person = locks.person(person_id)
        _room(person_id)
        challenge = passkey_answers.ask(
            ChallengePurpose.ADD, site=site, holder=holder, person_id=person_id
        )
    return ceremonies.ask_for_new(
        site,
        challenge=challenge,
        platform=selectors.current_platform().name(person.language),
        person=person_id.bytes,
        account=selectors.opened(person_id, person.email_sealed),
        name=selectors.opened(person_id, person.name_sealed),
        known=selectors_factors.credentials_at(person_id, site.rp_id),
    )


def finish_passkey(
    *, person_id: UUID, name: str, answer: str, site: PasskeySite, holder: str
) -> PasskeyAdded:
    """The browser made it: from now on it signs its owner in here, and confirms. Comes with
    recovery codes if the person had none left.

    Raises Invalid, ChallengeSpent, PasskeyRefused, PasskeyPresent, TooManyPasskeys. Call it
    outside a transaction.
    """
    named = _name(name)
    read = ceremonies.read_new(answer)
    passkey_answers.claim(read, ChallengePurpose.ADD, site=site, holder=holder, person_id=person_id)
    made = ceremonies.check_new(read, site)
    with transactions.atomic():
        person = locks.person(person_id)
        if person.state != PersonState.ACTIVE:
            raise NotFound
        _room(person_id)
        row = Passkey(
            person=person,
            name=named,
            rp_id=site.rp_id,
            credential_id=made.credential_id,
            credential_hash=ceremonies.hashed(made.credential_id),
            public_key=made.public_key,
            sign_count=made.sign_count,
            synced=made.synced,
        )
        try:
            with transactions.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise PasskeyPresent from error
        audit.record(
            action="platforms.passkey.added", target=row, after={"host": row.rp_id, "name": named}
        )
        # Whoever began an app while there was no factor gave no code: they begin again, with one.
        second_factor.drop_begun(person_id, reason="a passkey was added")
        left = selectors_factors.recovery_codes(person_id).filter(used_at=None)
        codes = () if left.exists() else tuple(recovery_codes.renew(person_id))
        write_about(row, "added")
    return PasskeyAdded(selectors_factors.passkey_info(row), codes)


def rename_passkey(*, person_id: UUID, passkey_id: UUID, name: str) -> PasskeyInfo:
    """Another name. Raises Invalid, NotFound."""
    named = _name(name)
    with transactions.atomic():
        row = locks.passkey(person_id, passkey_id)
        before, row.name = row.name, named
        row.save()
        audit.record(
            action="platforms.passkey.renamed",
            target=row,
            before={"name": before},
            after={"name": named},
        )
    return selectors_factors.passkey_info(row)


def remove_passkey(*, person_id: UUID, passkey_id: UUID, code: str) -> None:
    """It opens nothing any more, confirmed by a code of any of the person's factors.

    Raises NotFound, LastFactor, and what ``check_code`` does. Call it outside a transaction.
    """
    selectors_factors.passkey(person_id=person_id, passkey_id=passkey_id)
    _spare(person_id, passkey_id)  # before a code is used up
    second_factor.check_code(person_id=person_id, code=code)
    with transactions.atomic():
        locks.person(person_id)
        row = locks.passkey(person_id, passkey_id)
        _spare(person_id, passkey_id)
        write_about(row, "removed")
        second_factor.drop_passkey(row, reason="removed by its owner")


def _spare(person_id: UUID, passkey_id: UUID) -> None:
    """Raise LastFactor if it is the last factor of somebody who must have one."""
    if selectors_factors.has_app(person_id) or not selectors_factors.must_have_one(person_id):
        return
    others = Passkey.objects.filter(person_id=person_id, state=PasskeyState.ACTIVE)
    if not others.exclude(id=passkey_id).exists():
        raise LastFactor


def _room(person_id: UUID) -> None:
    if Passkey.objects.filter(selectors_factors.KEPT, person_id=person_id).count() >= MOST:
        raise TooManyPasskeys


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= NAME:
        raise Invalid(_("1 to 60 characters."), field="name")
    return name
