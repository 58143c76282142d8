"""Product lists for buyers: one statement a page."""

from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from catalog.contracts import ProductCard
from catalog.domain.texts import pick
from catalog.domain.tokens import after_beginnings, query_tokens
from catalog.models import Product
from catalog.selectors import image_info
from kernel import tenancy
from kernel.errors import Invalid
from kernel.pagination import LIMIT_MAX, InvalidCursor, PageOf, decode_cursor, encode_cursor
from kernel.questions import Question
from kernel.transactions import cursor as open_cursor
from platforms.facade import get_platform

# name: (column, direction, cast of the cursor's value)
SORTS = {
    "newest": ("published_at", "DESC", "timestamptz"),
    "title": ("title_key", "ASC", "text"),
}
_BRANCH = """
SELECT c.id FROM catalog_category c
WHERE c.platform_id = %(platform)s AND c.path >= root.path AND c.path < root.path || '0'
  AND (c.id = root.id OR c.path >= root.path || '/')
"""
# Each category of the branch gives its own first rows by index; together they are few.
_FROM_BRANCH = """
(SELECT found.* FROM catalog_category root
 CROSS JOIN LATERAL ({branch}) AS branch
 CROSS JOIN LATERAL (
   SELECT p.* FROM catalog_product p
   WHERE p.platform_id = %(platform)s AND p.category_id = branch.id
     AND p.state = 'published' AND p.merchant_open {conditions}
   ORDER BY p.{column} {direction}, p.id {direction} LIMIT {limit}
 ) AS found
 WHERE root.platform_id = %(platform)s AND root.id = %(category)s)
"""
_FROM_ALL = """
(SELECT p.* FROM catalog_product p
 WHERE p.platform_id = %(platform)s AND p.state = 'published' AND p.merchant_open {conditions}
 ORDER BY p.{column} {direction}, p.id {direction} LIMIT {limit})
"""
_FROM_IDS = """
(SELECT p.* FROM catalog_product p
 WHERE p.platform_id = %(platform)s AND p.id = ANY(%(ids)s)
   AND p.state = 'published' AND p.merchant_open)
"""
_CARDS = """
SELECT p.id, p.slug, p.titles, p.merchant_id, p.category_id, p.unit, p.{column}::text,
  v.ids, i.media_id, i.digest, i.width, i.height, i.sizes, i.alts
FROM (SELECT f.* FROM {source} AS f
      ORDER BY f.{column} {direction}, f.id {direction} LIMIT {limit}) AS p
LEFT JOIN LATERAL (
  SELECT array_agg(v.id ORDER BY v.position, v.id) AS ids FROM catalog_variant v
  WHERE v.platform_id = %(platform)s AND v.product_id = p.id AND v.active
) AS v ON true
LEFT JOIN LATERAL (
  SELECT m.id AS media_id, m.digest, m.width, m.height, m.sizes, t.alts
  FROM catalog_picture t
  JOIN catalog_media m ON m.platform_id = %(platform)s AND m.id = t.media_id
  WHERE t.platform_id = %(platform)s AND t.product_id = p.id
  ORDER BY t.position, t.id LIMIT 1
) AS i ON true
ORDER BY p.{column} {direction}, p.id {direction}
"""
_THESE = _CARDS.format(source=_FROM_IDS, column="published_at", direction="DESC", limit="ALL")
_ON_SHELF = """AND p.id IN (
  SELECT s.product_id FROM catalog_shopplacement s
  JOIN catalog_shopcategory c ON c.platform_id = %(platform)s AND c.id = s.category_id
  WHERE s.platform_id = %(platform)s AND (c.id = %(shelf)s OR c.parent_id = %(shelf)s))"""
_HAS_WORD = (
    "AND p.id IN (SELECT t.product_id FROM catalog_producttoken t "
    "WHERE t.platform_id = %(platform)s AND t.token {matches})"
)


def product_cards(
    *,
    category: UUID | None = None,
    merchant: UUID | None = None,
    shelf: UUID | None = None,
    query: str | None = None,
    sort: str = "newest",
    cursor: str | None = None,
    limit: int = 20,
    language: str = "",
) -> PageOf[ProductCard]:
    """Published products of open merchants: all, a category's branch, a merchant's, those in a
    shop's own category (``shelf``) or below it, or those that have every word of ``query``. One
    statement. ``sort``: ``newest``, ``title``."""
    if sort not in SORTS:
        raise Invalid(_("Lists are sorted by newest or title."), field="sort")
    column, direction, cast = SORTS[sort]
    limit = max(1, min(limit, LIMIT_MAX))
    values: dict[str, Any] = {"platform": tenancy.current_id()}
    conditions: list[str] = []
    if merchant is not None:
        conditions.append("AND p.merchant_id = %(merchant)s")
        values["merchant"] = merchant
    if shelf is not None:
        conditions.append(_ON_SHELF)
        values["shelf"] = shelf
    if query is not None and query.strip():
        tokens = query_tokens(query)
        if not tokens:
            return PageOf([], False, None)
        for place, token in enumerate(tokens):
            end, matches = after_beginnings(token), f"= %(token{place})s"
            if end is not None:
                matches = f">= %(token{place})s AND t.token < %(end{place})s"
                values[f"end{place}"] = end
            conditions.append(_HAS_WORD.format(matches=matches))
            values[f"token{place}"] = token
    order = (f"{'-' if direction == 'DESC' else ''}{column}", "id")
    if cursor:
        values |= _cursor_values(order, cursor)
        step = "<" if direction == "DESC" else ">"
        conditions.append(f"AND (p.{column}, p.id) {step} (%(after)s::{cast}, %(after_id)s::uuid)")
    source = _FROM_ALL
    if category is not None:
        source = _FROM_BRANCH
        values["category"] = category
    # The limit stands in the text: with an unknown one PostgreSQL plans the statement each time.
    parts = {"column": column, "direction": direction, "branch": _BRANCH, "limit": limit + 1}
    source = source.format(conditions=" ".join(conditions), **parts)
    with open_cursor() as sql:
        sql.execute(_CARDS.format(source=source, **parts), values)
        rows = sql.fetchall()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]  # only its value is made one of Python's
        following = encode_cursor(order, [_value(order, last[6]), last[0]])
    main = get_platform().locales[0]
    cards = [_card(row, language or main, main) for row in rows[:limit]]
    return PageOf(cards, len(rows) > limit, following)


def cards_question(product_ids: list[UUID], language: str = "") -> Question[list[ProductCard]]:
    """The cards of those of these products that are published by open merchants, newest first."""
    if not product_ids:
        return Question("", None, lambda rows: [])
    main = get_platform().locales[0]
    values: dict[str, Any] = {"platform": tenancy.current_id(), "ids": product_ids}
    return Question(
        _THESE, values, lambda rows: [_card(row, language or main, main) for row in rows]
    )


def _cursor_values(order: tuple[str, ...], cursor: str) -> dict[str, Any]:
    first, last = decode_cursor(order, cursor)
    try:
        return {"after": _value(order, first), "after_id": UUID(last)}
    except Exception as error:
        raise InvalidCursor(field="cursor") from error


def _value(order: tuple[str, ...], text: str) -> Any:
    column: Any = Product._meta.get_field(order[0].lstrip("-"))
    return column.to_python(text)


def _card(row: tuple[Any, ...], language: str, main: str) -> ProductCard:
    product_id, slug, titles, merchant_id, category_id, unit, _key, ids, *image = row
    return ProductCard(
        id=product_id,
        slug=slug,
        title=pick(_json(titles), language, main),
        merchant_id=merchant_id,
        category_id=category_id,
        unit=unit,
        image=image_info((*image[:4], _json(image[4]), _json(image[5]))) if image[0] else None,
        variant_ids=tuple(ids or ()),
    )


def _json(value: Any) -> Any:
    """jsonb as Django's cursor gives it: text."""
    return orjson.loads(value) if isinstance(value, str) else value
