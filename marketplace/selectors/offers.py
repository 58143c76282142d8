"""Reads of prices."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.pagination import PageOf, keyset
from kernel.questions import NOTHING, Question, ask
from kernel.sql_parts import AMONG
from kernel.statements import Columns
from marketplace.contracts import OfferInfo, PriceChange
from marketplace.domain.prices import plain_price
from marketplace.errors import OfferNotFound
from marketplace.models import Offer, PriceRecord

FIELDS = (
    "id",
    "variant_id",
    "merchant_id",
    "unit_price",
    "currency",
    "state",
    "external_id",
    "metadata",
    "version",
    "created_at",
    "updated_at",
    "regular_price",
    "lowest_before",
    "sale_ends_at",
)
_OFFERS = Columns(Offer, *FIELDS)


def offer_info(row: dict[str, Any]) -> OfferInfo:
    """A row of ``FIELDS`` values as contract."""
    prices_ = {
        name: plain_price(row[name])
        for name in ("unit_price", "regular_price", "lowest_before")
        if row[name] is not None
    }
    return OfferInfo(
        **{**row, **prices_},
        purchasable=row["state"] == Offer.State.ACTIVE,
    )


def info_of(row: Offer) -> OfferInfo:
    """A model's contract."""
    return offer_info({name: getattr(row, name) for name in FIELDS})


def prices(variant_ids: Iterable[UUID]) -> dict[UUID, OfferInfo]:
    """The offers of these variants that have one, withdrawn ones too; one query."""
    return ask(prices_question(variant_ids))[0]


def prices_question(variant_ids: Iterable[UUID]) -> Question[dict[UUID, OfferInfo]]:
    """``prices``, to be asked with others."""
    wanted = list(set(variant_ids))
    if not wanted:
        return NOTHING
    return _OFFERS.question(
        f"variant_id {AMONG}",
        [wanted],
        lambda rows: {row["variant_id"]: offer_info(row) for row in rows},
    )


def offer(*, offer_id: UUID, merchant_id: UUID | None = None) -> OfferInfo:
    """One offer; with ``merchant_id`` only that merchant's. Raises OfferNotFound."""
    rows = Offer.objects.filter(id=offer_id)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    row = rows.values(*FIELDS).first()
    if row is None:
        raise OfferNotFound
    return offer_info(row)


def offers(
    *,
    merchant_id: UUID | None = None,
    variant_ids: Iterable[UUID] | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[OfferInfo]:
    """A merchant's offers, or the platform's; withdrawn ones too unless ``state`` says so."""
    rows = Offer.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if variant_ids is not None:
        rows = rows.filter(variant_id__in=list(variant_ids))
    if state:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    page = keyset(rows.values(*FIELDS), order=order, cursor=cursor, limit=limit)
    return page.map(offer_info)


def price_history(
    *,
    offer_id: UUID,
    merchant_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[PriceChange]:
    """What the offer cost, newest first. Raises OfferNotFound."""
    offer(offer_id=offer_id, merchant_id=merchant_id)
    rows = PriceRecord.objects.filter(offer_id=offer_id)
    page = keyset(
        rows.values("id", "unit_price", "currency", "valid_from"),
        order=("-id",),
        cursor=cursor,
        limit=limit,
    )
    return page.map(_change)


def _change(row: Any) -> PriceChange:
    price = row["unit_price"]
    return PriceChange(
        unit_price=None if price is None else plain_price(price),
        currency=row["currency"],
        valid_from=row["valid_from"],
    )
