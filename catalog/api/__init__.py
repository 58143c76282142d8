"""Routes of categories, products, variants, pictures and uploads."""

from catalog.api import attributes, brands, categories, home, media, parts, products, review, shops
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
]
