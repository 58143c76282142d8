"""Lists, one keyset page at a time."""

from datetime import datetime
from uuid import UUID

from kernel.pagination import PageOf, keyset
from kernel.personal import prefetch
from platforms.contracts import InvitationInfo, KeyInfo, MerchantInfo, PersonInfo, Role
from platforms.models import ApiKey, Invitation, Membership, Merchant
from platforms.models.person import at
from platforms.selectors import (
    KEY_FIELDS,
    MERCHANT_FIELDS,
    invitation_info,
    key_info,
    merchant_info,
    merchants_named,
    people,
)


def merchants_page(
    *,
    state: str | None = None,
    words: str = "",
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[MerchantInfo]:
    """Merchants of the platform, newest first unless ``order`` says otherwise; ``words``: those
    with these in one of their names or in their short name."""
    rows = Merchant.objects.all()
    if words:
        rows = rows.filter(merchants_named(words))
    if state is not None:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return keyset(rows.values(*MERCHANT_FIELDS), order=order, cursor=cursor, limit=limit).map(
        merchant_info
    )


def keys_page(
    *, merchant_id: UUID | None = None, cursor: str | None = None, limit: int = 20
) -> PageOf[KeyInfo]:
    """API keys, newest first: one merchant's, or every one of the platform."""
    rows = ApiKey.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    return keyset(rows.values(*KEY_FIELDS), order=("-id",), cursor=cursor, limit=limit).map(
        key_info
    )


def invitations_page(
    *, merchant_id: UUID | None = None, cursor: str | None = None, limit: int = 20
) -> PageOf[InvitationInfo]:
    """Invitations, newest first: one merchant's, or every one of the platform."""
    rows = Invitation.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    page = keyset(rows, order=("-id",), cursor=cursor, limit=limit)
    prefetch(row.id for row in page.items)
    return page.map(invitation_info)


def team(
    *,
    merchant_id: UUID | None = None,
    role: Role | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[PersonInfo]:
    """People with a role: of one merchant, or of the platform. One entry a role held."""
    rows = Membership.objects.filter(at(merchant_id))
    if role is not None:
        rows = rows.filter(role=role)
    page = keyset(rows.values("id", "person_id"), order=("-id",), cursor=cursor, limit=limit)
    prefetch(row["person_id"] for row in page.items)
    found = people(row["person_id"] for row in page.items)
    return page.map(lambda row: found[row["person_id"]])
