"""Reads of groups of buyers and their members."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count

from kernel import clock, personal
from kernel.pagination import PageOf, keyset
from marketplace.contracts_price_lists import BuyerGroupInfo, GroupMemberInfo, OwnMembership
from marketplace.errors import BuyerGroupNotFound, GroupInvitationSpent
from marketplace.models import BuyerGroup, GroupMember, PriceList
from marketplace.tokens import token_hash

State = GroupMember.State


def group_info(row: BuyerGroup) -> BuyerGroupInfo:
    """The contract of a row; two counts."""
    return _infos([row])[0]


def _infos(rows: Sequence[BuyerGroup]) -> list[BuyerGroupInfo]:
    """Contracts, counted together."""
    ids = [row.id for row in rows]
    members = GroupMember.objects.filter(group_id__in=ids, state=State.MEMBER)
    standing = dict(members.values_list("group_id").annotate(Count("id")))
    lists = PriceList.objects.filter(group_id__in=ids)
    listed = dict(lists.values_list("group_id").annotate(Count("id")))
    return [
        BuyerGroupInfo(
            id=row.id,
            merchant_id=row.merchant_id,
            code=row.code,
            names=row.names,
            active=row.active,
            members=standing.get(row.id, 0),
            lists=listed.get(row.id, 0),
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def buyer_group(*, group_id: UUID, merchant_id: UUID | None) -> BuyerGroupInfo:
    """A merchant's group, or (None) anyone's. Raises BuyerGroupNotFound."""
    row = BuyerGroup.objects.filter(id=group_id).first()
    if row is None or merchant_id not in (None, row.merchant_id):
        raise BuyerGroupNotFound
    return group_info(row)


def buyer_groups(
    *,
    merchant_id: UUID | None,
    active: bool | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[BuyerGroupInfo]:
    """A merchant's groups, or (None) everyone's, the latest first."""
    rows = BuyerGroup.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if active is not None:
        rows = rows.filter(active=active)
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    return PageOf(_infos(page.items), page.has_more, page.next_cursor)


def member_info(row: GroupMember) -> GroupMemberInfo:
    """What the merchant may see of a row."""
    state = str(row.state)
    if row.state == State.INVITED and row.expires_at <= clock.system():
        state = "expired"
    sealed = row.email_sealed
    return GroupMemberInfo(
        id=row.id,
        group_id=row.group_id,
        state=state,
        email=(personal.open_(row.id, sealed) or "") if sealed else "",
        invited_at=row.created_at,
        expires_at=row.expires_at,
        joined_at=row.joined_at,
    )


def group_members(
    *,
    group_id: UUID,
    merchant_id: UUID,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[GroupMemberInfo]:
    """Who was invited to a merchant's group, the latest first; without ``state`` those who are in
    it or may come. Raises BuyerGroupNotFound."""
    buyer_group(group_id=group_id, merchant_id=merchant_id)
    rows = GroupMember.objects.filter(group_id=group_id)
    rows = rows.filter(state__in=[state] if state else [State.INVITED, State.MEMBER])
    page = keyset(rows, order=("-id",), cursor=cursor, limit=limit)
    with personal.keyring():
        personal.prefetch(row.id for row in page.items)
        return page.map(member_info)


def own_info(row: GroupMember, group: BuyerGroup) -> OwnMembership:
    """What the buyer sees of a row."""
    return OwnMembership(
        id=row.id, merchant_id=row.merchant_id, names=group.names, joined_at=row.joined_at
    )


def own_memberships(
    *, buyer_id: UUID, cursor: str | None = None, limit: int = 20
) -> PageOf[OwnMembership]:
    """The groups that a buyer is in, the latest first."""
    rows = GroupMember.objects.filter(buyer_id=buyer_id, state=State.MEMBER)
    page = keyset(rows.select_related("group"), order=("-id",), cursor=cursor, limit=limit)
    return page.map(lambda row: own_info(row, row.group))


def invitation_row(token: str) -> GroupMember:
    """The open invitation that a link names. Raises GroupInvitationSpent."""
    rows = GroupMember.objects.filter(token_hash=token_hash(token), state=State.INVITED)
    row = rows.select_related("group").first()
    if row is None or row.expires_at <= clock.system():
        raise GroupInvitationSpent
    return row


def group_invitation(*, token: str) -> OwnMembership:
    """What the page of an invitation shows: whose group it is. Raises GroupInvitationSpent."""
    row = invitation_row(token)
    return own_info(row, row.group)
