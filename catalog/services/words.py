"""The search words of products, written with one statement for all of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kernel import tenancy, transactions
from kernel.ids import uuid7s
from kernel.sql_parts import unseen_rows

_WORDS = f"""
INSERT INTO catalog_producttoken (platform_id, id, product_id, token)
SELECT %(platform)s, n.* FROM {unseen_rows(ids="uuid", products="uuid", words="text")} AS n
"""  # noqa: S608


def add_words(new: Sequence[tuple[UUID, str]]) -> None:
    """Add words, given as (product, word), that the products don't have yet."""
    if not new:
        return
    values: dict[str, Any] = {
        "platform": tenancy.current_id(),
        "ids": uuid7s(len(new)),
        "products": [product for product, _word in new],
        "words": [word for _product, word in new],
    }
    with transactions.cursor() as sql:
        sql.execute(_WORDS, values)
