"""The one place that says what a buyer pays for a unit: the public price, or a price list's of one
of their groups. Everything that shows or takes a price of a buyer asks here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

import orjson

from catalog import facade as catalog
from kernel import clock, tenancy
from kernel.transactions import cursor
from marketplace.contracts import OfferInfo
from marketplace.contracts_price_lists import AppliedList, PriceStep
from marketplace.domain.price_lists import VARIANT, Entry, Found, resolve, steps
from marketplace.domain.prices import plain_price

ONE = Decimal(1)
_LISTS = """
SELECT l.id, l.merchant_id, l.names::text, l.percent
FROM marketplace_groupmember m
JOIN marketplace_buyergroup g ON g.platform_id = m.platform_id AND g.id = m.group_id
JOIN marketplace_pricelist l ON l.platform_id = m.platform_id AND l.group_id = m.group_id
WHERE m.platform_id = %(platform)s AND m.buyer_id = %(buyer)s AND m.state = 'member'
  AND g.active AND l.active AND l.starts_at <= %(at)s
  AND (l.ends_at IS NULL OR l.ends_at > %(at)s)
"""
_ENTRIES = """
SELECT e.price_list_id, e.variant_id, e.category_id, e.minimum, e.unit_price, e.percent
FROM marketplace_priceentry e
WHERE e.platform_id = %(platform)s AND e.price_list_id = ANY(%(lists)s)
  AND e.variant_id = ANY(%(variants)s)
UNION ALL
SELECT e.price_list_id, e.variant_id, e.category_id, e.minimum, e.unit_price, e.percent
FROM marketplace_priceentry e
WHERE e.platform_id = %(platform)s AND e.price_list_id = ANY(%(lists)s)
  AND e.category_id IS NOT NULL
"""


class Priced(Protocol):
    """What a book needs to know of an offer."""

    @property
    def variant_id(self) -> UUID: ...
    @property
    def merchant_id(self) -> UUID: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def regular_price(self) -> Decimal | None: ...
    @property
    def currency(self) -> str: ...


@dataclass(frozen=True)
class _List:
    merchant_id: UUID
    applied: AppliedList
    percent: Decimal | None


@dataclass(frozen=True)
class PriceBook:
    """What one buyer pays for some variants; empty: the public prices."""

    lists: Mapping[UUID, _List] = field(default_factory=dict)
    entries: Mapping[UUID, tuple[Entry, ...]] = field(default_factory=dict)

    def price(self, offer: Priced, quantity: Decimal = ONE) -> PriceStep:
        """What a unit costs when so many are bought."""
        found = self._entries(offer)
        if not found:
            return PriceStep(quantity, offer.unit_price)
        return self._step(
            quantity,
            resolve(
                found,
                public=offer.unit_price,
                regular=offer.regular_price or offer.unit_price,
                quantity=quantity,
                currency=offer.currency,
            ),
        )

    def offer(self, offer: OfferInfo) -> OfferInfo:
        """The offer as the buyer sees it: at the price of one unit, with its steps."""
        found = self._entries(offer)
        if not found:
            return offer
        now = self.price(offer)
        told = steps(
            found,
            public=offer.unit_price,
            regular=offer.regular_price or offer.unit_price,
            currency=offer.currency,
        )
        later = tuple(self._step(minimum, one) for minimum, one in told if minimum > ONE)
        if now.price_list is None:
            return replace(offer, steps=later)
        return replace(
            offer,
            unit_price=now.unit_price,
            price_list=now.price_list,
            public_price=offer.unit_price,
            steps=later,
        )

    def _entries(self, offer: Priced) -> tuple[Entry, ...]:
        """Only of the merchant that sells it."""
        if not self.entries:
            return ()
        return tuple(
            one
            for one in self.entries.get(offer.variant_id, ())
            if self.lists[one.list_id].merchant_id == offer.merchant_id
        )

    def _step(self, minimum: Decimal, found: Found) -> PriceStep:
        source = self.lists[found.list_id].applied if found.list_id else None
        return PriceStep(minimum, plain_price(found.unit_price), source)


PUBLIC = PriceBook()


def price_book(
    buyer_id: UUID | None, variants: Mapping[UUID, UUID | None], *, at: datetime | None = None
) -> PriceBook:
    """What this buyer pays for these variants, each with its category. A guest: no query. A buyer
    in no group: one; else two, and one more where a list has prices of categories."""
    if buyer_id is None or not variants:
        return PUBLIC
    lists = _lists(buyer_id, at or clock.business())
    if not lists:
        return PUBLIC
    with cursor() as sql:
        sql.execute(
            _ENTRIES,
            {
                "platform": tenancy.current_id(),
                "lists": list(lists),
                "variants": list(variants),
            },
        )
        rows = sql.fetchall()
    general = [
        Entry(key, 0, Decimal(0), None, one.percent)
        for key, one in lists.items()
        if one.percent is not None
    ]
    own: dict[UUID, list[Entry]] = {}
    branches: list[tuple[UUID, UUID, Decimal, Decimal]] = []
    for list_id, variant_id, category_id, minimum, unit_price, percent in rows:
        if variant_id is not None:
            entry = Entry(list_id, VARIANT, minimum, unit_price, percent)
            own.setdefault(variant_id, []).append(entry)
        else:
            branches.append((list_id, category_id, minimum, percent))
    above = _branches(branches, variants)
    return PriceBook(
        lists,
        {
            key: (*own.get(key, ()), *above.get(category, ()), *general)
            for key, category in variants.items()
        },
    )


def has_own_prices(buyer_id: UUID | None) -> bool:
    """Whether a price list holds for this buyer now; one query, none for a guest."""
    return buyer_id is not None and bool(_lists(buyer_id, clock.business()))


def _lists(buyer_id: UUID, at: datetime) -> dict[UUID, _List]:
    with cursor() as sql:
        sql.execute(_LISTS, {"platform": tenancy.current_id(), "buyer": buyer_id, "at": at})
        return {
            key: _List(merchant_id, AppliedList(key, orjson.loads(names)), percent)
            for key, merchant_id, names, percent in sql.fetchall()
        }


def _branches(
    rows: Iterable[tuple[UUID, UUID, Decimal, Decimal]], variants: Mapping[UUID, UUID | None]
) -> dict[UUID | None, list[Entry]]:
    """What holds for the goods of each of these categories, by the branches they stand in."""
    asked = list(rows)
    if not asked:
        return {}
    own = {key for key in variants.values() if key is not None}
    paths = catalog.category_paths({*own, *(row[1] for row in asked)})
    found: dict[UUID | None, list[Entry]] = {}
    for list_id, branch, minimum, percent in asked:
        path = paths.get(branch)
        for key in own:
            if path and f"{paths.get(key, '')}/".startswith(f"{path}/"):
                entry = Entry(list_id, path.count("/") + 1, minimum, None, percent)
                found.setdefault(key, []).append(entry)
    return found
