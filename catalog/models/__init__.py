"""Tables of this context, one aggregate a file."""

from catalog.models.category import Category
from catalog.models.media import Media
from catalog.models.product import Picture, Product, ProductToken, Variant
from kernel.statements import Rows

PRODUCTS = Rows(Product)
VARIANTS = Rows(Variant)

__all__ = [
    "PRODUCTS",
    "VARIANTS",
    "Category",
    "Media",
    "Picture",
    "Product",
    "ProductToken",
    "Variant",
]
