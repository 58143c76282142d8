"""Tables of this context, one aggregate a file."""

from catalog.models.category import Category
from catalog.models.media import Media
from catalog.models.product import Picture, Product, ProductToken, Variant

__all__ = ["Category", "Media", "Picture", "Product", "ProductToken", "Variant"]
