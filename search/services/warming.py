"""What a web process loads before it is asked: what would make a first search wait."""

from importlib import import_module

from django.conf import settings

from search.analysis.readings import readings
from search.analysis.simplified import table


def warm() -> None:
    """Load the readings of characters, traditional to simplified, and the engine's modules."""
    readings(settings.DATA_DIR / "readings.json")
    table()
    import_module("search.engines.searching")
    if not settings.SEARCH_URL:
        import_module("search.engines.embedded.engine")
