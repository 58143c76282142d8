"""What groups of buyers and price lists look like on the wire."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from kernel import clock
from kernel.api import DecimalStr, Id, ListQuery, Schema, Timestamp
from kernel.ids import public_id
from marketplace.api.applied_lists import PriceListId
from marketplace.api.routes import TAIL, MerchantId, VariantId, shown_id
from marketplace.contracts_price_lists import (
    BuyerGroupInfo,
    GroupMemberInfo,
    OwnMembership,
    PriceEntryInfo,
    PriceEntryInput,
    PriceListInfo,
    PriceListInput,
)
from marketplace.domain.quantities import plain_quantity
from marketplace.services.buyer_groups import NAME_LENGTH
from marketplace.services.price_lists import BATCH_MAX

BuyerGroupId = Annotated[UUID, Id("bgr")]
MemberId = Annotated[UUID, Id("gmb")]
EntryId = Annotated[UUID, Id("ple")]
CategoryId = Annotated[UUID, Id("cat")]
Names = Annotated[
    dict[str, str], Field(description=f"By language tag, at most {NAME_LENGTH} characters each")
]
Code = Annotated[str, Field(max_length=40, description="Your own word: a-z, 0-9, - and _")]
NAMES = {"zh-Hans": "批发客户", "en": "Wholesale"}
SENT_GROUP = {"code": "wholesale", "names": NAMES}
GROUP: dict[str, Any] = {
    "id": f"bgr_{TAIL}",
    "merchant_id": f"mer_{TAIL}",
    **SENT_GROUP,
    "active": True,
    "members": 12,
    "lists": 1,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
MEMBER: dict[str, Any] = {
    "id": f"gmb_{TAIL}",
    "buyer_group_id": f"bgr_{TAIL}",
    "state": "invited",
    "email": "chef@example.com",
    "invited_at": "2026-05-01T08:00:00Z",
    "expires_at": "2026-05-15T08:00:00Z",
    "joined_at": None,
}
OWN = {
    "id": f"gmb_{TAIL}",
    "merchant_id": f"mer_{TAIL}",
    "name": NAMES,
    "joined_at": "2026-05-02T08:00:00Z",
}
SENT_LIST: dict[str, Any] = {
    "buyer_group_id": f"bgr_{TAIL}",
    "code": "wholesale-2026",
    "names": {"zh-Hans": "批发价", "en": "Wholesale prices"},
    "starts_at": "2026-05-01T00:00:00Z",
    "ends_at": None,
    "percent": "5",
}
LIST: dict[str, Any] = {
    "id": f"prl_{TAIL}",
    "merchant_id": f"mer_{TAIL}",
    **SENT_LIST,
    "active": True,
    "state": "running",
    "entries": 2,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
SENT_ENTRIES: dict[str, Any] = {
    "entries": [
        {"variant_id": f"var_{TAIL}", "unit_price": "15.90"},
        {"variant_id": f"var_{TAIL}", "minimum": "10", "unit_price": "14.90"},
        {"category_id": f"cat_{TAIL}", "percent": "8"},
    ]
}
ENTRY: dict[str, Any] = {
    "id": f"ple_{TAIL}",
    "variant_id": f"var_{TAIL}",
    "category_id": None,
    "minimum": "10",
    "unit_price": "14.90",
    "percent": None,
}


class BuyerGroupIn(Schema):
    code: Code
    names: Names
    active: bool = True


class BuyerGroupOut(Schema):
    id: BuyerGroupId
    merchant_id: MerchantId
    code: str
    names: Names
    active: bool = Field(description="If not, its prices hold for nobody meanwhile")
    members: int
    lists: int
    created_at: Timestamp
    updated_at: Timestamp


class ActiveQuery(ListQuery):
    active: bool | None = None


class InviteIn(Schema):
    email: Annotated[str, Field(max_length=254)]


class MemberOut(Schema):
    id: MemberId
    buyer_group_id: BuyerGroupId
    state: str = Field(description="invited, expired, member, left, removed")
    email: str = Field(description="As you invited it; empty once it has ended")
    invited_at: Timestamp
    expires_at: Timestamp
    joined_at: Timestamp | None


class MemberQuery(ListQuery):
    state: Literal["invited", "member", "left", "removed"] | None = Field(
        None, description="Otherwise those invited and those who joined"
    )


class GroupJoinIn(Schema):
    token: Annotated[str, Field(max_length=80, description="The secret in the letter's link")]


class OwnOut(Schema):
    id: MemberId
    merchant_id: MerchantId
    name: dict[str, str]
    joined_at: Timestamp | None


class PriceListIn(Schema):
    buyer_group_id: BuyerGroupId
    code: Code
    names: Names = Field(description="Shown beside the prices")
    active: bool = True
    starts_at: Timestamp | None = Field(None, description="Business time; now, if not given")
    ends_at: Timestamp | None = None
    percent: DecimalStr | None = Field(
        None, description="Off the regular price of everything that no entry names"
    )

    def contract(self) -> PriceListInput:
        return PriceListInput(
            group_id=self.buyer_group_id,
            code=self.code,
            names=self.names,
            active=self.active,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            percent=self.percent,
        )


class PriceListOut(Schema):
    id: PriceListId
    merchant_id: MerchantId
    buyer_group_id: BuyerGroupId
    code: str
    names: Names
    active: bool
    state: str = Field(description="planned, running, over, off")
    starts_at: Timestamp
    ends_at: Timestamp | None
    percent: DecimalStr | None
    entries: int
    created_at: Timestamp
    updated_at: Timestamp


class ListsQuery(ActiveQuery):
    buyer_group_id: BuyerGroupId | None = None


class PriceEntryIn(Schema):
    variant_id: VariantId | None = None
    category_id: CategoryId | None = Field(None, description="Its whole branch")
    minimum: DecimalStr = Field(Decimal(0), description="From so many units on")
    unit_price: DecimalStr | None = None
    percent: DecimalStr | None = Field(None, description="Off the regular price")


class EntriesIn(Schema):
    entries: Annotated[list[PriceEntryIn], Field(max_length=BATCH_MAX)]
    replace: bool = Field(False, description="These are all entries of the list then")

    def contracts(self) -> list[PriceEntryInput]:
        return [PriceEntryInput(**dict(one)) for one in self.entries]


class PriceEntryOut(Schema):
    id: EntryId
    variant_id: VariantId | None
    category_id: CategoryId | None
    minimum: DecimalStr
    unit_price: DecimalStr | None
    percent: DecimalStr | None


class EntriesOut(Schema):
    data: list[PriceEntryOut]


class PriceEntryQuery(ListQuery):
    variant_id: VariantId | None = None


def render_group(info: BuyerGroupInfo) -> dict[str, Any]:
    return {
        "id": public_id("bgr", info.id),
        "merchant_id": public_id("mer", info.merchant_id),
        **{
            name: getattr(info, name)
            for name in (
                "code", "names", "active", "members", "lists", "created_at", "updated_at",
            )
        },
    }  # fmt: skip


def render_member(info: GroupMemberInfo) -> dict[str, Any]:
    return {
        "id": public_id("gmb", info.id),
        "buyer_group_id": public_id("bgr", info.group_id),
        **{
            name: getattr(info, name)
            for name in ("state", "email", "invited_at", "expires_at", "joined_at")
        },
    }


def render_own(info: OwnMembership) -> dict[str, Any]:
    return {
        "id": public_id("gmb", info.id),
        "merchant_id": public_id("mer", info.merchant_id),
        "name": info.names,
        "joined_at": info.joined_at,
    }


def render_list(info: PriceListInfo) -> dict[str, Any]:
    return {
        "id": public_id("prl", info.id),
        "merchant_id": public_id("mer", info.merchant_id),
        "buyer_group_id": public_id("bgr", info.group_id),
        "state": info.state(clock.business()),
        **{
            name: getattr(info, name)
            for name in (
                "code", "names", "active", "starts_at", "ends_at", "percent", "entries",
                "created_at", "updated_at",
            )
        },
    }  # fmt: skip


def render_entry(info: PriceEntryInfo) -> dict[str, Any]:
    return {
        "id": public_id("ple", info.id),
        "variant_id": shown_id("var", info.variant_id),
        "category_id": shown_id("cat", info.category_id),
        "minimum": plain_quantity(info.minimum),
        "unit_price": info.unit_price,
        "percent": info.percent,
    }
