"""Signed-in browsers: open, find, use another role, end."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kernel import audit, clock, transactions
from kernel.actors import GUEST, Actor
from kernel.errors import NotFound
from platforms import lookup, selectors
from platforms.contracts import MembershipInfo, NewSession, PersonState, Role, SignedInPerson
from platforms.domain.roles import actor_kind, permissions_in, rank
from platforms.models import Membership, Person, Session
from platforms.permissions import EVERYTHING

SEEN_EVERY = timedelta(minutes=5)
CODE_WAIT = timedelta(minutes=10)


def open_session(
    *,
    person_id: UUID,
    user_agent: str = "",
    replaces: str | None = None,
    awaits_code: bool = False,
) -> NewSession:
    """A fresh session with a fresh token; the one behind the token ``replaces`` ends. One that
    ``awaits_code`` is kept for minutes only, and nobody is signed in by it."""
    token, hashed = lookup.new_token()
    now = clock.system()
    days = timedelta(days=selectors.setting("sign_in", "session_days"))
    expires = now + (CODE_WAIT if awaits_code else days)
    with transactions.atomic():
        if replaces:
            end_session(token=replaces)
        held = [
            MembershipInfo(pk, Role(role), merchant)
            for pk, role, merchant in Membership.objects.filter(person_id=person_id).values_list(
                "id", "role", "merchant_id"
            )
        ]
        first = min(held, key=lambda m: (rank(m.role), m.id), default=None)
        Session(
            token_hash=hashed,
            person_id=person_id,
            awaits_code=awaits_code,
            membership_id=first.id if first else None,
            user_agent=user_agent[:200],
            created_at=now,
            seen_at=now,
            expires_at=expires,
        ).save(force_insert=True)
    return NewSession(token=token, person_id=person_id, expires_at=expires, awaits_code=awaits_code)


def waiting_for_code(token: str) -> UUID | None:
    """The person whose sign-in behind this token waits for the second factor, or None."""
    if not lookup.well_formed(token):
        return None
    return (
        Session.objects.filter(
            token_hash=lookup.token_hash(token),
            awaits_code=True,
            expires_at__gt=clock.system(),
            person__state=PersonState.ACTIVE,
        )
        .values_list("person_id", flat=True)
        .first()
    )


def find_session(token: str) -> SignedInPerson | None:
    """Who is signed in by this cookie, in one query; None for an ended or expired session."""
    if not lookup.well_formed(token):
        return None
    now = clock.system()
    rows = list(
        Session.objects.filter(
            token_hash=lookup.token_hash(token),
            expires_at__gt=now,
            awaits_code=False,
            person__state=PersonState.ACTIVE,
        ).values_list(
            "id",
            "seen_at",
            "membership_id",
            "person_id",
            "person__name_sealed",
            "person__language",
            "person__memberships__id",
            "person__memberships__role",
            "person__memberships__merchant_id",
            "person__memberships__staff_role_id",
            "person__memberships__staff_role__permissions",
        )
    )
    if not rows:
        return None
    session_id, seen_at = rows[0][:2]
    if now - seen_at > SEEN_EVERY:
        Session.objects.filter(id=session_id, seen_at=seen_at).update(seen_at=now)
    return _signed_in(rows)


def _signed_in(rows: list[Any]) -> SignedInPerson:
    session_id, _seen, chosen, person_id, name, language = rows[0][:6]
    may: dict[UUID, frozenset[str]] = {}
    roles = []
    for pk, role, merchant, staff_role, own in (row[6:] for row in rows if row[6]):
        may[pk] = permissions_in(Role(role), own)
        roles.append(MembershipInfo(pk, Role(role), merchant, staff_role))
    held = tuple(sorted(roles, key=lambda m: (rank(m.role), m.id)))
    in_use = next((m for m in held if m.id == chosen), held[0] if held else None)
    operator = next((m for m in held if m.role == Role.OPERATOR), None)
    return SignedInPerson(
        session_id=session_id,
        id=person_id,
        name=selectors.opened(person_id, name),
        language=language,
        memberships=held,
        membership=in_use,
        permissions=may[in_use.id] if in_use else EVERYTHING,
        as_operator=may[operator.id] if operator else frozenset(),
    )


def use_role(*, session_id: UUID, membership_id: UUID) -> None:
    """Go on in another role without signing out. Raises NotFound when it isn't the person's."""
    with transactions.atomic():
        session = Session.objects.select_for_update().filter(id=session_id).first()
        if (
            session is None
            or not Membership.objects.filter(id=membership_id, person_id=session.person_id).exists()
        ):
            raise NotFound
        session.membership_id = membership_id
        session.save(update_fields=["membership_id"])


def end_session(*, token: str) -> None:
    """Sign out: the session behind this token is gone. Nothing happens when there is none."""
    Session.objects.filter(token_hash=lookup.token_hash(token)).delete()


def end_sessions_of(person_id: UUID, *, but: Iterable[UUID] = ()) -> int:
    """Sign a person out everywhere, save in the sessions ``but``; tells how many ended."""
    ended, _each = Session.objects.filter(person_id=person_id).exclude(id__in=list(but)).delete()
    return ended


def end_session_of(*, person_id: UUID, session_id: UUID) -> None:
    """Sign a person out in one browser. Raises NotFound when it isn't the person's."""
    with transactions.atomic():
        ended, _each = Session.objects.filter(id=session_id, person_id=person_id).delete()
        if not ended:
            raise NotFound
        _told(person_id, ended)


def end_other_sessions(*, person_id: UUID, keep: UUID) -> int:
    """Sign a person out everywhere else; how many browsers that were."""
    with transactions.atomic():
        ended = end_sessions_of(person_id, but=[keep])
        if ended:
            _told(person_id, ended)
    return ended


def _told(person_id: UUID, ended: int) -> None:
    person = Person.objects.get(id=person_id)
    audit.record(action="platforms.person.sessions_ended", target=person, after={"ended": ended})


def end_expired(now: datetime) -> int:
    """Delete sessions whose time is over."""
    ended, _each = Session.objects.filter(expires_at__lte=now).delete()
    return ended


def actor_of(person: SignedInPerson | None, *, live: bool) -> Actor:
    """The authority of a signed-in person in the role in use; without one, a guest's.

    A person without a role acts as buyer: whoever has signed up may buy.
    """
    if person is None:
        return GUEST if not live else Actor(kind="guest", label="guest", live=True)
    role = person.membership.role if person.membership else Role.BUYER
    return Actor(
        kind=actor_kind(role),
        id=person.id,
        merchant_id=person.membership.merchant_id if person.membership else None,
        person_id=person.id,
        scopes=EVERYTHING,
        label=f"person:{person.id}",
        live=live,
        permissions=person.permissions,
    )
