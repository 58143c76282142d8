"""Tables of this context, one aggregate a file."""

from catalog.models.attribute import Attribute, CategoryAttribute
from catalog.models.block import Block
from catalog.models.brand import Brand
from catalog.models.category import Category
from catalog.models.media import Media
from catalog.models.product import Picture, Product, ProductToken, Variant
from catalog.models.related import Related
from catalog.models.shop import Shop, ShopCategory, ShopPlacement
from catalog.models.video import Video, VideoFile
from kernel.statements import Rows

PRODUCTS = Rows(Product)
VARIANTS = Rows(Variant)

__all__ = [
    "PRODUCTS",
    "VARIANTS",
    "Attribute",
    "Block",
    "Brand",
    "Category",
    "CategoryAttribute",
    "Media",
    "Picture",
    "Product",
    "ProductToken",
    "Related",
    "Shop",
    "ShopCategory",
    "ShopPlacement",
    "Variant",
    "Video",
    "VideoFile",
]
