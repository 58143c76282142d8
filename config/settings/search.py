"""The search server; without one, an index on disk."""

from config import env

SEARCH_URL = env.text("SEARCH_URL")
