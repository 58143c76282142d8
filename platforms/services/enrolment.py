"""Beginning to set up an authenticator app, by somebody who shows that it is them."""

from urllib.parse import quote
from uuid import UUID

import pyotp
import segno

from kernel import audit, personal, transactions
from platforms import locks, selectors, selectors_factors
from platforms.contracts import Enrolment
from platforms.errors import SecondFactorPresent, WrongCode
from platforms.models import SecondFactor
from platforms.services.second_factor import check_code, drop_begun
from platforms.services.sign_in import confirm_password


def begin_second_factor(*, person_id: UUID, password: str = "", code: str = "") -> Enrolment:
    """A fresh secret for the person's app; it counts once ``finish_second_factor`` saw a code.
    An open session alone must not add a factor: whoever has passkeys gives a ``code`` for it,
    whoever has none yet the ``password`` (who has no password sets one by the link of a letter).

    Raises SecondFactorPresent, NotFound, WrongCode, TooManyCodes, WrongCredentials,
    TooManyAttempts. Call it outside a transaction.
    """
    if selectors_factors.has_app(person_id):
        raise SecondFactorPresent
    proven = selectors_factors.has_second_factor(person_id)
    if proven:
        check_code(person_id=person_id, code=code)
    else:
        confirm_password(person_id=person_id, password=password, field="password")
    with transactions.atomic():
        person = locks.person(person_id)
        if selectors_factors.has_app(person_id):
            raise SecondFactorPresent
        if not proven and selectors_factors.has_second_factor(person_id):
            raise WrongCode(field="code")  # a passkey was added meanwhile
        drop_begun(person_id, reason="begun again")
        secret = pyotp.random_base32()
        row = SecondFactor(person=person, secret_sealed=personal.seal(person_id, secret))
        row.save(force_insert=True)
        audit.record(action="platforms.second_factor.begun", target=person)
        account = selectors.opened(person_id, person.email_sealed)
    uri = _uri(secret, account)
    svg = segno.make(uri, error="m").svg_inline(scale=5, border=4, omitsize=False, light="#fff")
    return Enrolment(secret=secret, uri=uri, qr_svg=svg)


def _uri(secret: str, account: str) -> str:
    issuer = selectors.current_platform().name("en")
    return pyotp.TOTP(secret).provisioning_uri(name=account or quote(issuer), issuer_name=issuer)
