"""What WebAuthn's two ceremonies ask of a browser, and whether its answers are right.

W3C Web Authentication, level 2, sections 7.1 and 7.2, as the library ``webauthn`` carries them out.
A user is always verified (by fingerprint, face or PIN): a passkey is two factors in one. The
library is loaded by who needs it: it takes a tenth of the time in which any process starts.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from platforms.contracts_passkeys import PasskeySite
from platforms.errors import PasskeyRefused

LONGEST = 20_000  # characters of an answer; attestation, which would be longer, isn't asked for
MILLISECONDS = 300_000  # how long the browser waits for its user


@dataclass(frozen=True)
class NewKey:
    """What a device made: its public half (COSE) and what it says of itself."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    synced: bool


@dataclass(frozen=True)
class Use:
    """What a device says as it signs."""

    sign_count: int
    synced: bool


@dataclass(frozen=True)
class Answer:
    """A browser's answer, read but not yet believed."""

    text: str
    challenge: bytes
    credential_id: bytes
    user_handle: bytes | None = None


def hashed(data: bytes) -> str:
    """SHA-256, hex: under which challenges and the ids of keys are found."""
    return hashlib.sha256(data).hexdigest()


def ask_for_new(
    site: PasskeySite,
    *,
    challenge: bytes,
    platform: str,
    person: bytes,
    account: str,
    name: str,
    known: Iterable[bytes],
) -> dict[str, Any]:
    """Options of ``navigator.credentials.create()``, as JSON. ``known`` keys aren't made again."""
    import webauthn
    from webauthn.helpers import structs

    made = webauthn.generate_registration_options(
        rp_id=site.rp_id,
        rp_name=platform,
        user_id=person,
        user_name=account,
        user_display_name=name or account,
        challenge=challenge,
        timeout=MILLISECONDS,
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one) for one in known],
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
    )
    return _plain(webauthn.options_to_json(made))


def ask_for_use(
    site: PasskeySite, *, challenge: bytes, allowed: Iterable[bytes] = ()
) -> dict[str, Any]:
    """Options of ``navigator.credentials.get()``, as JSON; without ``allowed`` the browser offers
    whatever it has for this host."""
    import webauthn
    from webauthn.helpers import structs

    made = webauthn.generate_authentication_options(
        rp_id=site.rp_id,
        challenge=challenge,
        timeout=MILLISECONDS,
        allow_credentials=[structs.PublicKeyCredentialDescriptor(id=one) for one in allowed],
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return _plain(webauthn.options_to_json(made))


def read_new(text: str) -> Answer:
    """What the browser answered to ``ask_for_new``. Raises PasskeyRefused."""
    from webauthn import helpers

    try:
        found = helpers.parse_registration_credential_json(_short(text))
        client = helpers.parse_client_data_json(found.response.client_data_json)
    except Exception as error:  # whatever a stranger's bytes make of a parser
        raise PasskeyRefused from error
    return Answer(text, client.challenge, found.raw_id)


def read_use(text: str) -> Answer:
    """What the browser answered to ``ask_for_use``. Raises PasskeyRefused."""
    from webauthn import helpers

    try:
        found = helpers.parse_authentication_credential_json(_short(text))
        client = helpers.parse_client_data_json(found.response.client_data_json)
    except Exception as error:
        raise PasskeyRefused from error
    return Answer(text, client.challenge, found.raw_id, found.response.user_handle)


def check_new(answer: Answer, site: PasskeySite) -> NewKey:
    """Raises PasskeyRefused for another origin or host, or a user who wasn't verified."""
    import webauthn

    try:
        found = webauthn.verify_registration_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefused from error
    return NewKey(
        found.credential_id,
        found.credential_public_key,
        found.sign_count,
        found.credential_backed_up,
    )


def check_use(answer: Answer, site: PasskeySite, *, public_key: bytes) -> Use:
    """Raises PasskeyRefused, as ``check_new`` does, and for a wrong signature. The count is the
    caller's to compare."""
    import webauthn

    try:
        found = webauthn.verify_authentication_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefused from error
    return Use(found.new_sign_count, found.credential_backed_up)


def fell_back(before: int, now: int) -> bool:
    """Whether a device's count didn't grow, as that of a copy. Devices that don't count say 0."""
    return (before > 0 or now > 0) and now <= before


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError("too long")
    return text


def _plain(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
