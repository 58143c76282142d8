"""This context's routes."""

from search.api import find, reports, saved, tuning
from search.api.routes import routes

__all__ = ["find", "reports", "routes", "saved", "tuning"]
