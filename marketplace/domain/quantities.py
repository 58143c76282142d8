"""What can be ordered of something."""

from decimal import Decimal

from kernel.units import unit

HIGHEST = Decimal(9999)
PLACES = 3
_WHOLE = Decimal(1)


def quantity_problem(value: Decimal, unit_code: str) -> str | None:
    """What is wrong with a quantity of goods in a unit: ``not_above_zero``, ``too_much``,
    ``not_whole``, ``too_fine``; None when nothing is."""
    if not value.is_finite() or value <= 0:
        return "not_above_zero"
    if value > HIGHEST:
        return "too_much"
    places = min(PLACES, unit(unit_code).places)
    if value != round(value, places):
        return "too_fine" if places else "not_whole"
    return None


def plain_quantity(value: Decimal) -> Decimal:
    """The same quantity without trailing zeros or exponent: 2, 0.5."""
    whole = value.quantize(_WHOLE)
    return whole if whole == value else value.normalize()
