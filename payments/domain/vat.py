"""Value-added tax (增值税) in prices that contain it: rates by date, amounts exact to the fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

GENERAL, SMALL = "general", "small"
TAXED, EXEMPT, UNTAXED = "taxed", "exempt", "untaxed"


@dataclass(frozen=True)
class Rate:
    """A rate or levy rate (税率、征收率) in per cent, who may use it, and from when until when
    (both days included)."""

    percent: Decimal
    taxpayers: frozenset[str]
    first: date
    last: date | None = None


# 13 and 9 %: 财政部 税务总局 海关总署公告2019年第39号; 6 %: 财税〔2016〕36号; levy rate of 3 %:
# 财税〔2014〕57号 (general taxpayers by the simple method too); 1 %: 2023年第19号, until its day.
RATES = (
    Rate(Decimal(13), frozenset({GENERAL}), date(2019, 4, 1)),
    Rate(Decimal(9), frozenset({GENERAL}), date(2019, 4, 1)),
    Rate(Decimal(6), frozenset({GENERAL}), date(2016, 5, 1)),
    Rate(Decimal(3), frozenset({GENERAL, SMALL}), date(2014, 7, 1)),
    Rate(Decimal(1), frozenset({SMALL}), date(2023, 1, 1), date(2027, 12, 31)),
    Rate(Decimal(0), frozenset({GENERAL, SMALL}), date(1994, 1, 1)),
)


def rates_of(taxpayer: str, on: date) -> list[Decimal]:
    """The rates that such a taxpayer may use on a day, highest first."""
    return [
        rate.percent
        for rate in RATES
        if taxpayer in rate.taxpayers
        and rate.first <= on
        and (rate.last is None or on <= rate.last)
    ]


def ended(taxpayer: str, percent: Decimal, on: date) -> date | None:
    """The last day of a rate that such a taxpayer could use before ``on`` and can't any more."""
    days = [
        rate.last
        for rate in RATES
        if rate.percent == percent and taxpayer in rate.taxpayers and rate.last and rate.last < on
    ]
    return max(days) if days else None


def taxes(gross: Sequence[int], rates: Sequence[Decimal]) -> list[int]:
    """The tax within each amount (fen): per rate, the tax of the sum, rounded half up once and
    given to the lines by largest remainder, so each is within one fen of its own."""
    found = [0] * len(gross)
    for rate in set(rates):
        places = [place for place, one in enumerate(rates) if one == rate]
        upper, lower = _ratio(rate)
        parts = [divmod(gross[place] * upper, lower) for place in places]
        whole = (2 * sum(gross[place] for place in places) * upper + lower) // (2 * lower)
        missing = whole - sum(part for part, _rest in parts)
        order = sorted(range(len(places)), key=lambda at: (-parts[at][1], places[at]))
        for at, place in enumerate(places):
            found[place] = parts[at][0]
        for at in order[:missing]:
            found[places[at]] += 1
    return found


def shared(amount: int, left: Sequence[int]) -> list[int]:
    """``amount`` given to lines in proportion to what is left of each, by largest remainder; no
    line gets more than is left of it. ``amount`` is at most the sum."""
    whole = sum(left)
    parts = [divmod(amount * one, whole) if whole else (0, 0) for one in left]
    found = [part for part, _rest in parts]
    order = sorted(range(len(left)), key=lambda at: (-parts[at][1], at))
    for at in order[: amount - sum(found)]:
        found[at] += 1
    return found


def tax_within(part: int, *, gross: int, tax: int) -> int:
    """The tax in a ``part`` of what is left of a line, half up; all of it in the last part."""
    return (2 * part * tax + gross) // (2 * gross) if gross else 0


def _ratio(rate: Decimal) -> tuple[int, int]:
    """What of a price is tax, as a fraction: 13 % is 13 / 113."""
    upper, lower = rate.as_integer_ratio()
    return upper, upper + 100 * lower
