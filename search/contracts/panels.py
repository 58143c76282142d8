"""Facets with the words that people read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One value of a panel. ``low`` and ``high`` (not included) of a range are in the panel's
    unit, money in major units; ``value`` is what a filter takes."""

    value: str
    label: str
    count: int
    selected: bool = False
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Panel:
    """One facet. ``kind``: ``terms``, ``range``, ``histogram``, ``tree``. ``low`` and ``high`` are
    the bounds that are chosen now."""

    ref: str
    kind: str
    title: str
    unit: str
    choices: tuple[Choice, ...]
    low: str = ""
    high: str = ""

    @property
    def peak(self) -> int:
        """The highest count, for the bars of a histogram."""
        return max((choice.count for choice in self.choices), default=0)

    @property
    def chosen(self) -> bool:
        return bool(self.low or self.high) or any(choice.selected for choice in self.choices)


@dataclass(frozen=True)
class Chip:
    """One active filter in words, and the parameters of the address that make it."""

    title: str
    label: str
    params: tuple[tuple[str, str], ...]
