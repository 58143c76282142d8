"""How large a packed piece is."""

from dataclasses import dataclass

SIDES = ("length_mm", "width_mm", "height_mm")  # UN/CEFACT MMT
SIDE_MOST = 30_000  # mm: longer than any lorry carries
Size = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Sided:
    """The sides of a packed piece in millimetres, all three or none. In a draft, None: nothing is
    said of it."""

    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The same as one, for who only reads it."""

    size_mm: Size | None = None


def size_of(length: int | None, width: int | None, height: int | None) -> Size | None:
    """The three sides, or None for what nobody has measured."""
    if length is None or width is None or height is None:
        return None
    return length, width, height
