"""API keys: issue, rotate, revoke."""

import re
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, tenancy, transactions
from kernel.errors import Invalid, InvalidTransition, NotFound
from platforms import locks, selectors
from platforms.contracts import IssuedKey, KeyInfo, KeyKind, KeyState
from platforms.domain.keys import new_key
from platforms.errors import UnknownScope
from platforms.models import ApiKey, Merchant, Person

SCOPE = re.compile(r"\*|[a-z][a-z_-]*:[a-z][a-z_-]*")
OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)


def issue_api_key(
    *,
    kind: KeyKind | str,
    name: str,
    scopes: Iterable[str] = ("*",),
    merchant_id: UUID | None = None,
    person_id: UUID | None = None,
    ceiling: frozenset[str] | None = None,
) -> IssuedKey:
    """A new key; its raw text exists only in the answer.

    ``ceiling`` are the scopes of who asks: nobody hands on more than they have. Raises Invalid,
    UnknownScope, NotFound (merchant or person).
    """
    kind = KeyKind(kind)
    wanted = _check_scopes(scopes, ceiling)
    if not 1 <= len(name.strip()) <= 100:
        raise Invalid(_("A name has 1 to 100 characters."), field="name")
    _check_holder(kind, merchant_id, person_id)
    with transactions.atomic():
        if merchant_id is not None and not Merchant.objects.filter(id=merchant_id).exists():
            raise NotFound
        if person_id is not None and not Person.objects.filter(id=person_id).exists():
            raise NotFound
        return _make(kind, name.strip(), wanted, merchant_id, person_id)


def rotate_api_key(
    *, key_id: UUID, overlap: timedelta = OVERLAP, ceiling: frozenset[str] | None = None
) -> IssuedKey:
    """A new key like the old one, which goes on working for ``overlap``.

    Raises InvalidTransition for a revoked, expired or already rotated key, UnknownScope when the
    key has scopes beyond ``ceiling``.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Invalid(_("The overlap is at most seven days."), field="overlap_hours")
    with transactions.atomic():
        old = locks.key(key_id)
        if old.state != KeyState.ACTIVE or old.expires_at is not None:
            raise InvalidTransition(
                _("This key was revoked or rotated already."), state=str(old.state), allowed=[]
            )
        scopes = _check_scopes(old.scopes, ceiling)
        issued = _make(KeyKind(old.kind), old.name, scopes, old.merchant_id, old.person_id)
        old.expires_at = clock.system() + overlap
        old.replaced_by = issued.info.id
        old.save()
        audit.record(
            action="platforms.key.rotated",
            target=old,
            before={"expires_at": None},
            after={
                "expires_at": old.expires_at.isoformat(),
                "replaced_by": str(old.replaced_by),
            },
        )
    return issued


def revoke_api_key(*, key_id: UUID, reason: str = "") -> KeyInfo:
    """Stop a key at once. Raises InvalidTransition when it is revoked already."""
    with transactions.atomic():
        key = locks.key(key_id)
        key.move(KeyState.REVOKED, action="platforms.key.revoked", reason=reason)
        key.save()
    return selectors.key(key_id)


def _make(
    kind: KeyKind,
    name: str,
    scopes: list[str],
    merchant_id: UUID | None,
    person_id: UUID | None,
) -> IssuedKey:
    tenant = tenancy.current()
    raw, parsed = new_key(platform_code=tenant.code, live=tenant.live)
    key = ApiKey(
        key_id=parsed.key_id,
        secret_hash=parsed.secret_hash,
        last4=raw[-4:],
        name=name,
        kind=kind,
        merchant_id=merchant_id,
        person_id=person_id,
        scopes=scopes,
    )
    key.save(force_insert=True)
    audit.record(
        action="platforms.key.issued",
        target=key,
        before={},
        after={
            "key_id": key.key_id,
            "kind": str(kind),
            "name": name,
            "scopes": scopes,
            "merchant_id": str(merchant_id) if merchant_id else None,
        },
        texts={"name"},
    )
    return IssuedKey(raw=raw, info=selectors.key(key.id))


def _check_scopes(scopes: Iterable[str], ceiling: frozenset[str] | None) -> list[str]:
    wanted = sorted(set(scopes))
    for scope in wanted:
        if not SCOPE.fullmatch(scope):
            raise UnknownScope(
                _("A scope has the form catalog:write, or * for all."), field="scopes"
            )
    if not wanted:
        raise UnknownScope(_("Name one scope at least."), field="scopes")
    if ceiling is not None and "*" not in ceiling:
        beyond = [scope for scope in wanted if scope not in ceiling]
        if beyond:
            raise UnknownScope(
                _("You can't hand on a scope that you don't have."),
                field="scopes",
                allowed=sorted(ceiling),
            )
    return wanted


def _check_holder(kind: KeyKind, merchant_id: UUID | None, person_id: UUID | None) -> None:
    if (kind == KeyKind.MERCHANT) != (merchant_id is not None):
        raise Invalid(
            _("A merchant's key needs a merchant; other keys have none."), field="merchant"
        )
    if kind == KeyKind.BUYER and person_id is None:
        raise Invalid(_("A buyer's key needs a person."), field="person")
