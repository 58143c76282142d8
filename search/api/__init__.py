"""This context's routes."""

from search.api import find, indexing, reports, saved, tuning
from search.api.routes import routes

__all__ = ["find", "indexing", "reports", "routes", "saved", "tuning"]
