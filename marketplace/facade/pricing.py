"""Groups of buyers (客户组), their members and their price lists (价目表)."""

from marketplace.contracts_price_lists import (
    AppliedList,
    BuyerGroupInfo,
    GroupMemberInfo,
    OwnMembership,
    PriceEntryChange,
    PriceEntryInfo,
    PriceEntryInput,
    PriceListInfo,
    PriceListInput,
    PriceStep,
)
from marketplace.errors import (
    AlreadyMember,
    BuyerGroupInUse,
    BuyerGroupNotFound,
    GroupFull,
    GroupInvitationSpent,
    InvalidBuyerGroup,
    InvalidPriceList,
    MemberNotFound,
    PriceEntryNotFound,
    PriceListNotFound,
)
from marketplace.selectors.buyer_groups import (
    buyer_group,
    buyer_groups,
    group_invitation,
    group_members,
    own_memberships,
)
from marketplace.selectors.price_book import has_own_prices
from marketplace.selectors.price_lists import price_entries, price_list, price_lists
from marketplace.services.buyer_groups import (
    change_buyer_group,
    create_buyer_group,
    delete_buyer_group,
)
from marketplace.services.group_members import (
    invite_member,
    join_group,
    leave_group,
    remove_member,
)
from marketplace.services.price_lists import (
    change_price_list,
    create_price_list,
    delete_price_entry,
    delete_price_list,
    put_price_entries,
    write_price_entries,
)

__all__ = [
    "AlreadyMember",
    "AppliedList",
    "BuyerGroupInUse",
    "BuyerGroupInfo",
    "BuyerGroupNotFound",
    "GroupFull",
    "GroupInvitationSpent",
    "GroupMemberInfo",
    "InvalidBuyerGroup",
    "InvalidPriceList",
    "MemberNotFound",
    "OwnMembership",
    "PriceEntryChange",
    "PriceEntryInfo",
    "PriceEntryInput",
    "PriceEntryNotFound",
    "PriceListInfo",
    "PriceListInput",
    "PriceListNotFound",
    "PriceStep",
    "buyer_group",
    "buyer_groups",
    "change_buyer_group",
    "change_price_list",
    "create_buyer_group",
    "create_price_list",
    "delete_buyer_group",
    "delete_price_entry",
    "delete_price_list",
    "group_invitation",
    "group_members",
    "has_own_prices",
    "invite_member",
    "join_group",
    "leave_group",
    "own_memberships",
    "price_entries",
    "price_list",
    "price_lists",
    "put_price_entries",
    "remove_member",
    "write_price_entries",
]
