"""Routes of categories, products, variants, pictures, videos and uploads."""

from catalog.api import (
    attributes,
    brands,
    categories,
    home,
    media,
    parts,
    products,
    review,
    shops,
    videos,
)
from catalog.api.routes import routes

__all__ = [
    "attributes",
    "brands",
    "categories",
    "home",
    "media",
    "parts",
    "products",
    "review",
    "routes",
    "shops",
    "videos",
]
