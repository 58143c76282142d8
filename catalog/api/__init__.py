"""Routes of categories, products, variants, pictures and uploads."""

from catalog.api import categories, media, parts, products
from catalog.api.routes import routes

__all__ = ["categories", "media", "parts", "products", "routes"]
