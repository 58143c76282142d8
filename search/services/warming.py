"""What a web process loads before it is asked: dictionaries that would make a first search wait."""

from django.conf import settings

from search.analysis.readings import readings
from search.domain.folding import fold


def warm() -> None:
    """Load the readings of characters, and traditional to simplified."""
    readings(settings.DATA_DIR / "readings.json")
    fold("玉米")
