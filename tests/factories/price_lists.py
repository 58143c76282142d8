"""Groups of buyers and price lists for tests, made through the facade."""

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import mail
from marketplace import facade
from marketplace.facade import BuyerGroupInfo, PriceEntryInput, PriceListInfo, PriceListInput
from tests.factories.platforms import unique

NAMES = {"zh-Hans": "批发", "en": "Wholesale"}
_LINK = re.compile(r"/groups/([A-Za-z0-9_-]{43})/")


def make_buyer_group(merchant_id: UUID, *buyers: UUID, code: str = "") -> BuyerGroupInfo:
    """A group of the merchant with these buyers in it."""
    group = facade.create_buyer_group(
        merchant_id=merchant_id, code=code or unique("group-"), names=NAMES
    )
    for buyer_id in buyers:
        join(group, buyer_id)
    return group


def invited(group: BuyerGroupInfo, email: str = "") -> str:
    """The secret in the letter of a new invitation."""
    facade.invite_member(
        group_id=group.id,
        merchant_id=group.merchant_id,
        email=email or f"{unique('buyer')}@people.example",
    )
    return secret_of_last_letter()


def secret_of_last_letter() -> str:
    """The secret in the link of the latest letter."""
    [letter] = mail.letters(limit=1).items
    found = _LINK.search(letter.body)
    assert found, letter.body
    return found[1]


def join(group: BuyerGroupInfo, buyer_id: UUID) -> UUID:
    """Invite and take it; the membership's id."""
    return facade.join_group(token=invited(group), buyer_id=buyer_id).id


def make_price_list(
    group: BuyerGroupInfo,
    *,
    prices: dict[UUID, str] | None = None,
    percent: str | None = None,
    entries: list[PriceEntryInput] | None = None,
    **fields: Any,
) -> PriceListInfo:
    """A running list of the group: unit prices by variant, ``percent`` off all, other entries."""
    given = PriceListInput(
        **{
            "group_id": group.id,
            "code": unique("list-"),
            "names": {"zh-Hans": "批发价", "en": "Wholesale prices"},
            "percent": Decimal(percent) if percent else None,
            **fields,
        }
    )
    made = facade.create_price_list(merchant_id=group.merchant_id, given=given)
    rows = [
        PriceEntryInput(variant_id=key, unit_price=Decimal(price))
        for key, price in (prices or {}).items()
    ]
    facade.put_price_entries(
        list_id=made.id, merchant_id=group.merchant_id, rows=[*rows, *(entries or [])]
    )
    return facade.price_list(list_id=made.id, merchant_id=group.merchant_id)


def make_price_rows(merchant_id: UUID, buyer_id: UUID, variant_id: UUID) -> dict[str, UUID]:
    """A group with the buyer in it, and its list with one entry: their ids by prefix. The price is
    so high that it changes nothing."""
    group = make_buyer_group(merchant_id)
    member = join(group, buyer_id)
    made = make_price_list(group, prices={variant_id: "999999"})
    [entry] = facade.price_entries(list_id=made.id, merchant_id=merchant_id).items
    return {"bgr": group.id, "gmb": member, "prl": made.id, "ple": entry.id}
