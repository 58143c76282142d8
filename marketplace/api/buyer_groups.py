"""Groups of buyers: their merchant's, and which ones a buyer is in."""

from typing import Any

from ninja.params.functions import Query

from kernel.api import ApiRequest, ListOf, ListQuery, check_if_match, set_etag
from kernel.errors import PreconditionFailed, TooMany
from kernel.pagination import PageOf
from marketplace.api.price_list_shapes import (
    GROUP,
    MEMBER,
    OWN,
    SENT_GROUP,
    ActiveQuery,
    BuyerGroupId,
    BuyerGroupIn,
    BuyerGroupOut,
    GroupJoinIn,
    InviteIn,
    MemberId,
    MemberOut,
    MemberQuery,
    OwnOut,
    render_group,
    render_member,
    render_own,
)
from marketplace.api.routes import buyer_of, merchant_of, routes
from marketplace.contracts_price_lists import BuyerGroupInfo
from marketplace.errors import (
    AlreadyMember,
    BuyerGroupInUse,
    BuyerGroupNotFound,
    GroupFull,
    GroupInvitationSpent,
    InvalidBuyerGroup,
    MemberNotFound,
)
from marketplace.selectors import buyer_groups as reads
from marketplace.services import buyer_groups as services
from marketplace.services import group_members
from platforms.facade import MerchantNotApproved

SHOP = {"merchant"}
BUYERS = {"buyer"}


def _answer(request: ApiRequest, info: BuyerGroupInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render_group(info)


@routes.get(
    "/buyer-groups",
    summary="Your groups of buyers, the latest first",
    audience=SHOP,
    scope="offers:read",
    permission="prices",
    response=ListOf[BuyerGroupOut],
    example={"data": [GROUP], "has_more": False, "next_cursor": None},
)
def list_buyer_groups(request: ApiRequest, q: ActiveQuery = Query(...)) -> PageOf[dict[str, Any]]:
    found = reads.buyer_groups(
        merchant_id=merchant_of(request), active=q.active, cursor=q.cursor, limit=q.limit
    )
    return found.map(render_group)


@routes.post(
    "/buyer-groups",
    summary="Make a group of buyers",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    status=201,
    response=BuyerGroupOut,
    errors=(InvalidBuyerGroup,),
    example={**GROUP, "members": 0, "lists": 0},
    request_example=SENT_GROUP,
)
def create_buyer_group(request: ApiRequest, body: BuyerGroupIn) -> dict[str, Any]:
    made = services.create_buyer_group(
        merchant_id=merchant_of(request), code=body.code, names=body.names, active=body.active
    )
    return _answer(request, made)


@routes.get(
    "/buyer-groups/{group_id}",
    summary="One of your groups",
    audience=SHOP,
    scope="offers:read",
    permission="prices",
    response=BuyerGroupOut,
    errors=(BuyerGroupNotFound,),
    example=GROUP,
)
def get_buyer_group(request: ApiRequest, group_id: BuyerGroupId) -> dict[str, Any]:
    return _answer(request, reads.buyer_group(group_id=group_id, merchant_id=merchant_of(request)))


@routes.put(
    "/buyer-groups/{group_id}",
    summary="Change a group, or switch it off and on",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    response=BuyerGroupOut,
    errors=(BuyerGroupNotFound, InvalidBuyerGroup, PreconditionFailed),
    example=GROUP,
    request_example=SENT_GROUP,
)
def put_buyer_group(
    request: ApiRequest, group_id: BuyerGroupId, body: BuyerGroupIn
) -> dict[str, Any]:
    changed = services.change_buyer_group(
        group_id=group_id,
        merchant_id=merchant_of(request),
        code=body.code,
        names=body.names,
        active=body.active,
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, changed)


@routes.delete(
    "/buyer-groups/{group_id}",
    summary="Delete a group that no price list is for; its memberships end",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    response=None,
    status=204,
    errors=(BuyerGroupNotFound, BuyerGroupInUse, PreconditionFailed),
)
def delete_buyer_group(request: ApiRequest, group_id: BuyerGroupId) -> None:
    services.delete_buyer_group(
        group_id=group_id,
        merchant_id=merchant_of(request),
        check=lambda version: check_if_match(request, version),
    )


@routes.get(
    "/buyer-groups/{group_id}/members",
    summary="Whom you invited, the latest first",
    audience=SHOP,
    scope="offers:read",
    permission="prices",
    response=ListOf[MemberOut],
    errors=(BuyerGroupNotFound,),
    example={"data": [MEMBER], "has_more": False, "next_cursor": None},
)
def list_group_members(
    request: ApiRequest, group_id: BuyerGroupId, q: MemberQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    found = reads.group_members(
        group_id=group_id,
        merchant_id=merchant_of(request),
        state=q.state,
        cursor=q.cursor,
        limit=q.limit,
    )
    return found.map(render_member)


@routes.post(
    "/buyer-groups/{group_id}/members",
    summary="Invite an address by letter; the answer doesn't say whether it has an account",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    status=201,
    response=MemberOut,
    errors=(BuyerGroupNotFound, MerchantNotApproved, GroupFull, TooMany),
    example=MEMBER,
    request_example={"email": "chef@example.com"},
)
def invite_group_member(
    request: ApiRequest, group_id: BuyerGroupId, body: InviteIn
) -> dict[str, Any]:
    made = group_members.invite_member(
        group_id=group_id, merchant_id=merchant_of(request), email=body.email
    )
    return render_member(made)


@routes.delete(
    "/buyer-groups/{group_id}/members/{member_id}",
    summary="Withdraw an invitation, or end a membership; the address is forgotten",
    audience=SHOP,
    scope="offers:write",
    permission="prices",
    response=MemberOut,
    errors=(BuyerGroupNotFound, MemberNotFound),
    example={**MEMBER, "state": "removed", "email": ""},
)
def remove_group_member(
    request: ApiRequest, group_id: BuyerGroupId, member_id: MemberId
) -> dict[str, Any]:
    gone = group_members.remove_member(
        group_id=group_id, merchant_id=merchant_of(request), member_id=member_id
    )
    return render_member(gone)


@routes.get(
    "/price-groups",
    summary="The groups whose prices are yours, the latest first",
    audience=BUYERS,
    response=ListOf[OwnOut],
    example={"data": [OWN], "has_more": False, "next_cursor": None},
)
def list_price_groups(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    found = reads.own_memberships(buyer_id=buyer_of(request), cursor=q.cursor, limit=q.limit)
    return found.map(render_own)


@routes.post(
    "/price-groups",
    summary="Take a shop's invitation; it works once",
    audience=BUYERS,
    status=201,
    response=OwnOut,
    errors=(GroupInvitationSpent, AlreadyMember),
    example=OWN,
    request_example={"token": "q3Zr1w8mT0c5bXk2LhJvYdGfNsPaUe7oI4R6tC9yVnE"},
)
def join_price_group(request: ApiRequest, body: GroupJoinIn) -> dict[str, Any]:
    return render_own(group_members.join_group(token=body.token, buyer_id=buyer_of(request)))


@routes.delete(
    "/price-groups/{member_id}",
    summary="Leave a group: its prices aren't yours any more",
    audience=BUYERS,
    response=None,
    status=204,
    errors=(MemberNotFound,),
)
def leave_price_group(request: ApiRequest, member_id: MemberId) -> None:
    group_members.leave_group(member_id=member_id, buyer_id=buyer_of(request))
