"""A restaurant that buys at a shop's wholesale prices: a group with one member, and its list."""

import re
from decimal import Decimal
from uuid import UUID

from kernel import mail
from marketplace import facade as marketplace
from marketplace.facade import PriceEntryInput, PriceListInput

CHEF, CHEF_NAME = "chef@example.com", "Liu Yang"
CODE = "wholesale"
NAMES = {"zh-Hans": "批发客户", "en": "Wholesale"}
_LINK = re.compile(r"/groups/([A-Za-z0-9_-]{43})/")


def open_wholesale(merchant_id: UUID, chef_id: UUID, email: str = CHEF) -> None:
    """Each part once; what is there already is left alone."""
    groups = marketplace.buyer_groups(merchant_id=merchant_id, limit=100).items
    group = next((one for one in groups if one.code == CODE), None)
    if group is None:
        group = marketplace.create_buyer_group(merchant_id=merchant_id, code=CODE, names=NAMES)
    if not group.members:
        _take_in(group, chef_id, email)
    if not group.lists:
        _list(group)


def _take_in(group: marketplace.BuyerGroupInfo, chef_id: UUID, email: str) -> None:
    """Invited by letter, and taken by the link in it, as anybody would."""
    marketplace.invite_member(group_id=group.id, merchant_id=group.merchant_id, email=email)
    for letter in mail.letters(limit=50).items:
        found = _LINK.search(letter.body)
        if letter.to == email and found:
            marketplace.join_group(token=found[1], buyer_id=chef_id)
            return
    raise RuntimeError("The invitation's letter isn't there.")


def _list(group: marketplace.BuyerGroupInfo) -> None:
    """Five per cent off everything; one article cheaper, and cheaper still from ten on."""
    made = marketplace.create_price_list(
        merchant_id=group.merchant_id,
        given=PriceListInput(
            group_id=group.id,
            code=CODE,
            names={"zh-Hans": "批发价", "en": "Wholesale prices"},
            percent=Decimal(5),
        ),
    )
    offers = marketplace.offers(merchant_id=group.merchant_id, state="active", limit=1).items
    entries = [
        PriceEntryInput(variant_id=one.variant_id, minimum=minimum, percent=percent)
        for one in offers
        for minimum, percent in ((Decimal(0), Decimal(10)), (Decimal(10), Decimal(18)))
    ]
    marketplace.put_price_entries(list_id=made.id, merchant_id=group.merchant_id, rows=entries)
