"""Documents are built here and nowhere else, from what the facades below say."""

from search.building.base import Builder, Built
from search.building.merchants import MERCHANTS
from search.building.products import PRODUCTS

BUILDERS: dict[str, Builder] = {one.doc_type.name: one for one in (PRODUCTS, MERCHANTS)}

__all__ = ["BUILDERS", "MERCHANTS", "PRODUCTS", "Builder", "Built"]
