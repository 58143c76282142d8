"""Documents of merchants (商户): a second type by its declaration and this builder alone."""

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from catalog import facade as catalog
from platforms import facade as platforms
from search.building.base import Builder, Made
from search.contracts import PUBLIC
from search.documents.types import MERCHANT


def read(ids: list[UUID]) -> Mapping[UUID, Callable[[], Made | None]]:
    """These merchants and how many products each shows; two queries."""
    counts = catalog.product_counts(ids)
    found = platforms.merchants(ids)
    return {key: partial(make, info, counts.get(key, 0)) for key, info in found.items()}


def make(merchant: platforms.MerchantInfo, products: int) -> Made | None:
    """The fields of one merchant, None unless it may sell."""
    if not merchant.approved:
        return None
    fields = {
        "title": dict(merchant.names),
        "products": products,
        "published_at": merchant.created_at,
    }
    return Made(fields, (PUBLIC,))


def _page(after: UUID | None, limit: int) -> list[UUID]:
    return platforms.merchant_ids(after=after, limit=limit)


def _count() -> int:
    return platforms.merchant_count()


MERCHANTS = Builder(MERCHANT, "mer", read, _page, _count)
