"""What a web process loads before it is asked: dictionaries that would make a first search wait."""

from search.domain.folding import fold


def warm() -> None:
    """Load the readings of characters, and traditional to simplified."""
    from pypinyin import lazy_pinyin

    lazy_pinyin("玉米")
    fold("玉米")
