"""What a web process loads before it is asked: dictionaries that would make a first search wait."""

from search.analysis.readings import readings
from search.domain.folding import fold


def warm() -> None:
    """Load the readings of characters, and traditional to simplified."""
    readings()
    fold("玉米")
