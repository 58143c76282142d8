"""Reads of price lists, as their merchant sees them."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count

from kernel.pagination import PageOf, keyset
from marketplace.contracts_price_lists import PriceEntryInfo, PriceListInfo
from marketplace.domain.prices import plain_price
from marketplace.errors import PriceListNotFound
from marketplace.models import PriceEntry, PriceList

_PLAIN = (
    "id", "merchant_id", "group_id", "code", "names", "active", "starts_at", "ends_at", "percent",
    "version", "created_at", "updated_at",
)  # fmt: skip


def price_list_info(row: PriceList) -> PriceListInfo:
    """The contract of a row; one count."""
    return _infos([row])[0]


def _infos(rows: Sequence[PriceList]) -> list[PriceListInfo]:
    """Contracts, counted together."""
    entries = PriceEntry.objects.filter(price_list_id__in=[row.id for row in rows])
    counted = dict(entries.values_list("price_list_id").annotate(Count("id")))
    return [
        PriceListInfo(
            **{name: getattr(row, name) for name in _PLAIN}, entries=counted.get(row.id, 0)
        )
        for row in rows
    ]


def price_list(*, list_id: UUID, merchant_id: UUID | None) -> PriceListInfo:
    """A merchant's list, or (None) anyone's. Raises PriceListNotFound."""
    row = PriceList.objects.filter(id=list_id).first()
    if row is None or merchant_id not in (None, row.merchant_id):
        raise PriceListNotFound
    return price_list_info(row)


def price_lists(
    *,
    merchant_id: UUID | None,
    group_id: UUID | None = None,
    active: bool | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[PriceListInfo]:
    """A merchant's lists, or (None) everyone's, the latest first."""
    rows = PriceList.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if group_id is not None:
        rows = rows.filter(group_id=group_id)
    if active is not None:
        rows = rows.filter(active=active)
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    return PageOf(_infos(page.items), page.has_more, page.next_cursor)


def entry_info(row: PriceEntry) -> PriceEntryInfo:
    """The contract of a row."""
    return PriceEntryInfo(
        id=row.id,
        variant_id=row.variant_id,
        category_id=row.category_id,
        minimum=row.minimum,
        unit_price=None if row.unit_price is None else plain_price(row.unit_price),
        percent=row.percent,
    )


def price_entries(
    *,
    list_id: UUID,
    merchant_id: UUID | None,
    variant_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[PriceEntryInfo]:
    """What a list names, the latest first. Raises PriceListNotFound."""
    price_list(list_id=list_id, merchant_id=merchant_id)
    rows = PriceEntry.objects.filter(price_list_id=list_id)
    if variant_id is not None:
        rows = rows.filter(variant_id=variant_id)
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(entry_info)
