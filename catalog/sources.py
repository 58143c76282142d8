"""Products in batches, for those who keep a copy of them: the search index."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from catalog.contracts import CategoryInfo, ProductCard, ProductInfo, ProductState
from catalog.listing import cards_question as listed
from catalog.models import Category, Product, Variant
from catalog.selectors import (
    CATEGORY_FIELDS,
    PRODUCT_FIELDS,
    branch_ids,
    category_info,
    product_info,
    variant_records,
)
from kernel import tenancy
from kernel.questions import NOTHING, Question, ask
from kernel.sql_parts import AMONG
from kernel.statements import Columns

BATCH_MAX = 1000
_PATHS = Columns(Category, "id", "path")
_TRAILS = Columns(Category, *CATEGORY_FIELDS)
_ABOVE = f"""path IN (
  SELECT array_to_string(below.parts[1:place], '/')
  FROM (SELECT string_to_array(c.path, '/') AS parts FROM catalog_category c
        WHERE c.platform_id = %s AND c.id {AMONG}) AS below,
    generate_series(1, cardinality(below.parts)) AS place)
"""  # noqa: S608
_HIDDEN = """
SELECT p.id FROM catalog_product p
WHERE p.platform_id = %s AND p.updated_at >= %s AND p.published_at IS NOT NULL
  AND NOT (p.state = 'published' AND p.merchant_open)
ORDER BY p.updated_at DESC, p.id DESC LIMIT %s
"""


def products(product_ids: Iterable[UUID]) -> dict[UUID, ProductInfo]:
    """Those products that exist, in any state, with all their variants; two queries."""
    wanted = set(product_ids)
    if not wanted:
        return {}
    rows = Product.objects.filter(id__in=wanted).values(*PRODUCT_FIELDS)
    found = {row["id"]: product_info(row) for row in rows}
    variants = variant_records(found)
    return {key: replace(info, variants=variants.get(key, ())) for key, info in found.items()}


def product_ids_of(variant_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The product of each of these variants that exist; one query."""
    wanted = set(variant_ids)
    if not wanted:
        return {}
    return dict(Variant.objects.filter(id__in=wanted).values_list("id", "product_id"))


def product_ids(
    *,
    after: UUID | None = None,
    category: UUID | None = None,
    merchant: UUID | None = None,
    brand: UUID | None = None,
    attribute: str | None = None,
    limit: int = 500,
) -> list[UUID]:
    """Ids of published products by ascending id after ``after``: all, those of a category with
    the branch below it, of one merchant (suspended ones too), of a brand, or with a value of the
    attribute with this code, be it in their metadata. One query, two with a category."""
    rows = _published(category, merchant)
    if brand is not None:
        rows = rows.filter(brand_id=brand)
    if attribute is not None:
        rows = rows.filter(Q(attributes__has_key=attribute) | Q(metadata__has_key=attribute))
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows.order_by("id").values_list("id", flat=True)[: min(limit, BATCH_MAX)])


def product_count(*, category: UUID | None = None, merchant: UUID | None = None) -> int:
    """How many ids ``product_ids`` would list in all."""
    return _published(category, merchant).count()


def product_counts(merchant_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many published products each of these merchants has; one query."""
    rows = Product.objects.filter(
        merchant_id__in=set(merchant_ids), state=ProductState.PUBLISHED
    ).values_list("merchant_id")
    return dict(rows.annotate(count=Count("id")).order_by())


def _published(category: UUID | None, merchant: UUID | None) -> QuerySet[Product]:
    rows = Product.objects.filter(state=ProductState.PUBLISHED)
    if category is not None:
        rows = rows.filter(category_id__in=branch_ids(category))
    if merchant is not None:
        rows = rows.filter(merchant_id=merchant)
    return rows


def hidden_since(since: datetime, *, limit: int = 1000) -> list[UUID]:
    """Products that were changed after ``since`` and that buyers don't see now: at most ``limit``,
    the latest changes first. One query."""
    return ask(hidden_question(since, limit=limit))[0]


def hidden_question(since: datetime, *, limit: int = 1000) -> Question[list[UUID]]:
    """``hidden_since``, to be asked with others."""
    values = [tenancy.current_id(), since, limit]
    return Question(_HIDDEN, values, lambda rows: [row[0] for row in rows])


def category_paths(category_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Where each of these categories stands (``pantry/rice``); one query, none for none."""
    return ask(category_paths_question(category_ids))[0]


def category_paths_question(category_ids: Iterable[UUID]) -> Question[dict[UUID, str]]:
    """``category_paths``, to be asked with others."""
    wanted = set(category_ids)
    if not wanted:
        return NOTHING
    return _PATHS.question(
        f"id {AMONG}", [list(wanted)], lambda rows: {row["id"]: row["path"] for row in rows}
    )


def category_trails(category_ids: Iterable[UUID]) -> dict[UUID, tuple[CategoryInfo, ...]]:
    """Each of these categories with those above it, the root first; one query."""
    wanted = set(category_ids)
    if not wanted:
        return {}
    rows = _TRAILS.all(_ABOVE, [tenancy.current_id(), list(wanted)])
    by_path = {row["path"]: category_info(row) for row in rows}
    return {
        info.id: tuple(by_path[step] for step in _above(info.path) if step in by_path)
        for info in by_path.values()
        if info.id in wanted
    }


def _above(path: str) -> list[str]:
    slugs = path.split("/")
    return ["/".join(slugs[: place + 1]) for place in range(len(slugs))]


def cards(product_ids: Iterable[UUID], *, language: str = "") -> dict[UUID, ProductCard]:
    """The tiles of those products that buyers may see now; one query."""
    return ask(cards_question(product_ids, language=language))[0]


def cards_question(
    product_ids: Iterable[UUID], *, language: str = ""
) -> Question[dict[UUID, ProductCard]]:
    """``cards``, to be asked with others."""
    question = listed(list(set(product_ids)), language)
    return question.then(lambda found: {card.id: card for card in found})
