"""Changes for which a session alone isn't enough (敏感操作二次确认): payout accounts, API keys,
webhook secrets, providers' accounts, the staff and its roles, other people's second factors, and
the rule that asks for this.

A session can be stolen or left open. So the person gives the password and the second factor, and
the confirmation is good for one change of that kind, in that session and role, within five
minutes. An API key has nobody behind it who could answer: its scopes decide, as always.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.http import HttpRequest

from kernel import audit, transactions
from kernel.api import headers
from kernel.errors import Forbidden, NotFound
from kernel.ids import parse_public_id
from platforms import locks, selectors_factors
from platforms.contracts import ConfirmationInfo, Sensitive, SignedInPerson
from platforms.errors import ConfirmationNeeded, ConfirmationSpent, SecondFactorMissing
from platforms.models import Person
from platforms.services import second_factor
from platforms.services.sign_in import confirm_password


def confirm_change(
    *, who: SignedInPerson, change: Sensitive, password: str, code: str = "", once: str = ""
) -> ConfirmationInfo:
    """Confirm one change, by password and a code of whoever has a second factor. Nobody spends it
    who doesn't know ``once``.

    Raises WrongCredentials, TooManyAttempts, WrongCode, TooManyCodes, and SecondFactorMissing
    where the platform requires one. Call it outside a transaction.
    """
    if selectors_factors.must_enrol_first(who.id):
        raise SecondFactorMissing(field="code")
    confirm_password(person_id=who.id, password=password, field="password")
    purpose, digest = _purpose(change), _digest(who, change, once)
    if selectors_factors.has_second_factor(who.id):
        return second_factor.confirm_by_code(who.id, code, purpose=purpose, digest=digest)
    with transactions.atomic():
        taken = second_factor.Taken(locks.person(who.id), "password")
        return second_factor.keep_confirmation(taken, purpose=purpose, digest=digest)


@contextmanager
def confirmed_change(
    *, who: SignedInPerson, change: Sensitive, password: str, code: str
) -> Iterator[None]:
    """Confirm, and carry out the block in one transaction with what it spends. What is left of it
    when the block fails is of no use to anybody else in that session, who may read its id in the
    audit trail. Raises as ``confirm_change`` does."""
    once = uuid4().hex
    given = confirm_change(who=who, change=change, password=password, code=code, once=once)
    with transactions.atomic():
        _use(given.id, who, change, once)
        yield


def check_confirmed(request: HttpRequest, change: Sensitive) -> None:
    """Spend the confirmation in the request's header, in the transaction of what it allows.

    Raises SecondFactorMissing, ConfirmationNeeded, ConfirmationSpent.
    """
    who = session_of(request)
    if who is None:
        return
    if selectors_factors.must_enrol_first(who.id):
        raise SecondFactorMissing(field=headers.CONFIRMATION)
    text = headers.sent(request, headers.CONFIRMATION) or ""
    if not text:
        raise ConfirmationNeeded(field=headers.CONFIRMATION, change=str(change))
    try:
        confirmation_id = parse_public_id("cnf", text)
    except NotFound as error:
        raise ConfirmationSpent(field=headers.CONFIRMATION) from error
    _use(confirmation_id, who, change)


def must_be_session(request: HttpRequest) -> SignedInPerson:
    """Who is signed in by a session. Raises Forbidden for keys."""
    who = session_of(request)
    if who is None:
        raise Forbidden
    return who


def session_of(request: HttpRequest) -> SignedInPerson | None:
    """Who is signed in by a session; None where a key decides, which goes first."""
    if request.META.get("HTTP_AUTHORIZATION") is not None:
        return None
    found: SignedInPerson | None = getattr(request, "person", None)
    return found


def _use(confirmation_id: UUID, who: SignedInPerson, change: Sensitive, once: str = "") -> None:
    used = second_factor.use_confirmation(
        confirmation_id=confirmation_id,
        person_id=who.id,
        purpose=_purpose(change),
        digest=_digest(who, change, once),
    )
    audit.record(
        action="platforms.person.confirmation_used",
        target=Person.objects.get(id=who.id),
        after={"purpose": used.purpose, "method": used.method, "id": used.id},
    )


def _purpose(change: Sensitive) -> str:
    return f"{second_factor.OF_CHANGES}{change}"


def _digest(who: SignedInPerson, change: Sensitive, once: str) -> str:
    """What binds a confirmation to this session and the role in use there, and to one call."""
    role = who.membership.id if who.membership else ""
    return hashlib.sha256(f"{change}:{who.session_id}:{role}:{once}".encode()).hexdigest()
