"""Reads: plain values and contracts, never ORM objects."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, When

from kernel import clock, personal, sealed_text, tenancy
from kernel.errors import NotFound
from kernel.questions import NOTHING, Question, ask
from kernel.sql_parts import AMONG
from kernel.statements import Columns
from platforms import lookup, sections
from platforms.contracts import (
    BankAccount,
    InvitationInfo,
    InvitationState,
    KeyInfo,
    KeyKind,
    KeyState,
    MembershipInfo,
    MerchantInfo,
    MerchantState,
    PersonInfo,
    PersonState,
    PlatformInfo,
    PlatformState,
    Role,
    SessionInfo,
)
from platforms.models import (
    ApiKey,
    Invitation,
    Membership,
    Merchant,
    Person,
    Platform,
    Session,
)

KEEP_SECONDS = 1.0
_CLOSED = """
SELECT m.id FROM platforms_merchant m
WHERE m.platform_id = %s AND m.updated_at >= %s AND m.state <> 'approved'
ORDER BY m.updated_at DESC, m.id DESC LIMIT %s
"""
_platforms: dict[UUID, tuple[float, PlatformInfo]] = {}

MERCHANT_FIELDS = (
    "id",
    "slug",
    "names",
    "state",
    "external_id",
    "metadata",
    "version",
    "created_at",
    "updated_at",
)
_MERCHANTS = Columns(Merchant, *MERCHANT_FIELDS)
KEY_FIELDS = (
    "id",
    "key_id",
    "last4",
    "name",
    "kind",
    "merchant_id",
    "person_id",
    "scopes",
    "state",
    "created_at",
    "expires_at",
    "last_used_at",
    "replaced_by",
    "version",
)


def current_platform() -> PlatformInfo:
    """The platform in scope, remembered for a second in this process."""
    platform_id = tenancy.current_id()
    now = time.monotonic()
    kept = _platforms.get(platform_id)
    if kept is not None and kept[0] > now:
        return kept[1]
    row = Platform.objects.filter(id=platform_id).first()
    if row is None:
        raise NotFound
    info = platform_info(row)
    _platforms[platform_id] = (now + KEEP_SECONDS, info)
    return info


def letter_language(known: str = "") -> str:
    """The language of letters to who has no account: the one ``known`` of them if the platform
    offers it, else the platform's first."""
    offered = [locale.lower() for locale in current_platform().locales]
    return known if known in offered else offered[0]


def forget_platform(platform_id: UUID) -> None:
    """Read the platform afresh next time; called after writing it."""
    _platforms.pop(platform_id, None)


def platform_info(row: Platform) -> PlatformInfo:
    return PlatformInfo(
        id=row.id,
        code=row.code,
        names=row.names,
        locales=tuple(row.locales),
        currency=row.currency,
        accent=row.accent,
        state=PlatformState(row.state),
        live=row.live,
        clock_offset=row.clock_offset,
        hosts=tuple(row.hosts),
        settings=sections.complete(row.settings),
        version=row.version,
    )


def setting(section: str, key: str) -> Any:
    """One setting of the platform in scope. Raises KeyError for an undeclared one: a defect."""
    return current_platform().settings[section][key]


def merchant_info(row: dict[str, Any]) -> MerchantInfo:
    """A row of ``MERCHANT_FIELDS`` values as contract."""
    return MerchantInfo(**{**row, "state": MerchantState(row["state"])})


def merchants(ids: Iterable[UUID]) -> dict[UUID, MerchantInfo]:
    """Those merchants of the platform that exist, in one query."""
    return ask(merchants_question(ids))[0]


def merchants_question(ids: Iterable[UUID]) -> Question[dict[UUID, MerchantInfo]]:
    """``merchants``, to be asked with others."""
    wanted = set(ids)
    if not wanted:
        return NOTHING
    return _MERCHANTS.question(
        f"id {AMONG}",
        [list(wanted)],
        lambda rows: {row["id"]: merchant_info(row) for row in rows},
    )


def find_merchants(*, words: str, limit: int = 10, approved: bool = True) -> list[MerchantInfo]:
    """Approved merchants (or all of them) with ``words`` in one of their names or in their short
    name, in any case: those whose name begins with them first. Empty for no words."""
    if not words:
        return []
    rows = Merchant.objects.filter(merchants_named(words))
    if approved:
        rows = rows.filter(state=MerchantState.APPROVED)
    ahead = merchants_named(words, how="istartswith")
    place = Case(When(ahead, then=0), default=1, output_field=IntegerField())
    found = rows.annotate(place=place).order_by("place", "slug", "id").values(*MERCHANT_FIELDS)
    return [merchant_info(row) for row in found[:limit]]


def merchants_named(words: str, how: str = "icontains") -> Q:
    """Which merchants have ``words`` in one of their names or in their short name."""
    found = Q()
    for field in (*(f"names__{locale}" for locale in current_platform().locales), "slug"):
        found |= Q(**{f"{field}__{how}": words})
    return found


def merchant_ids(*, after: UUID | None = None, limit: int = 500) -> list[UUID]:
    """Ids of approved merchants, ascending, after ``after``; one query."""
    rows = Merchant.objects.filter(state=MerchantState.APPROVED)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])


def merchant_count() -> int:
    """How many merchants are approved."""
    return Merchant.objects.filter(state=MerchantState.APPROVED).count()


def closed_since(since: datetime, *, limit: int = 1000) -> list[UUID]:
    """Merchants that were changed after ``since`` and may not sell now; one query."""
    return ask(closed_question(since, limit=limit))[0]


def closed_question(since: datetime, *, limit: int = 1000) -> Question[list[UUID]]:
    """``closed_since``, to be asked with others."""
    values = [tenancy.current_id(), since, limit]
    return Question(_CLOSED, values, lambda rows: [row[0] for row in rows])


def merchant(merchant_id: UUID) -> MerchantInfo:
    """One merchant. Raises NotFound."""
    return _one_merchant(id=merchant_id)


def merchant_by_slug(slug: str) -> MerchantInfo:
    """The merchant with this slug. Raises NotFound."""
    return _one_merchant(slug=slug)


def merchant_by_external_id(external_id: str) -> MerchantInfo:
    """The merchant with the operator's own id. Raises NotFound."""
    return _one_merchant(external_id=external_id)


def _one_merchant(**condition: Any) -> MerchantInfo:
    row = Merchant.objects.filter(**condition).values(*MERCHANT_FIELDS).first()
    if row is None:
        raise NotFound
    return merchant_info(row)


def merchant_contact(merchant_id: UUID) -> str:
    """The merchant's contact address; empty after erasure. Personal."""
    row = Merchant.objects.filter(id=merchant_id).values_list("contact_email_sealed").first()
    if row is None:
        raise NotFound
    return opened(merchant_id, row[0])


def payout_account(merchant_id: UUID) -> BankAccount | None:
    """Where the merchant's payouts go, or None. Personal: only for the bank."""
    row = (
        Merchant.objects.filter(id=merchant_id)
        .values_list(
            "payout_bank", "payout_holder_sealed", "payout_account_sealed", "payout_account_last4"
        )
        .first()
    )
    if row is None:
        raise NotFound
    bank, holder, number, last4 = row
    if not number:
        return None
    return BankAccount(
        bank=bank,
        holder=opened(merchant_id, holder),
        number=opened(merchant_id, number),
        last4=last4,
    )


def opened(subject: UUID, sealed: str) -> str:
    """The plain text of a sealed column; empty when unset or erased."""
    if not sealed:
        return ""
    return personal.open_(subject, sealed) or ""


def person(person_id: UUID) -> PersonInfo:
    """One person with all roles. Raises NotFound."""
    found = people([person_id])
    if person_id not in found:
        raise NotFound
    return found[person_id]


def person_by_email(email: str) -> PersonInfo:
    """The person with this address. Raises NotFound; Invalid when it is no address."""
    index = lookup.email_index(lookup.normal_email(email))
    found = Person.objects.filter(email_lookup=index).values_list("id", flat=True).first()
    if found is None:
        raise NotFound
    return person(found)


def people(ids: Iterable[UUID]) -> dict[UUID, PersonInfo]:
    """Those people of the platform that exist, with their roles, in two queries."""
    wanted = set(ids)
    rows = Person.objects.filter(id__in=wanted).values_list(
        "id", "name_sealed", "email_sealed", "language", "state"
    )
    roles: dict[UUID, list[MembershipInfo]] = {}
    held = Membership.objects.filter(person_id__in=wanted).order_by("id")
    for membership_id, person_id, role, merchant_id, staff_role_id in held.values_list(
        "id", "person_id", "role", "merchant_id", "staff_role_id"
    ):
        roles.setdefault(person_id, []).append(
            MembershipInfo(membership_id, Role(role), merchant_id, staff_role_id)
        )
    return {
        person_id: PersonInfo(
            id=person_id,
            name=opened(person_id, name),
            email=opened(person_id, email),
            language=language,
            state=PersonState(state),
            memberships=tuple(roles.get(person_id, ())),
        )
        for person_id, name, email, language, state in rows
    }


def key_info(row: dict[str, Any]) -> KeyInfo:
    """A row of ``KEY_FIELDS`` values as contract."""
    return KeyInfo(
        **{
            **row,
            "name": sealed_text.opened(row["name"]),
            "kind": KeyKind(row["kind"]),
            "state": KeyState(row["state"]),
            "scopes": tuple(row["scopes"]),
        }
    )


def key(key_id: UUID) -> KeyInfo:
    """One API key. Raises NotFound."""
    row = ApiKey.objects.filter(id=key_id).values(*KEY_FIELDS).first()
    if row is None:
        raise NotFound
    return key_info(row)


def invitation(invitation_id: UUID) -> InvitationInfo:
    """One invitation. Raises NotFound."""
    row = Invitation.objects.filter(id=invitation_id).first()
    if row is None:
        raise NotFound
    return invitation_info(row)


def invitation_info(row: Invitation) -> InvitationInfo:
    return InvitationInfo(
        id=row.id,
        email=opened(row.id, row.email_sealed),
        role=Role(row.role),
        merchant_id=row.merchant_id,
        state=InvitationState(row.state),
        expires_at=row.expires_at,
        language=row.language,
        staff_role_id=row.staff_role_id,
    )


def sessions_of(person_id: UUID) -> list[SessionInfo]:
    """The browsers in which a person is signed in, the latest used first."""
    rows = Session.objects.filter(
        person_id=person_id, awaits_code=False, expires_at__gt=clock.system()
    ).order_by("-seen_at", "-id")
    return [
        SessionInfo(row.id, row.user_agent, row.created_at, row.seen_at, row.expires_at)
        for row in rows
    ]
