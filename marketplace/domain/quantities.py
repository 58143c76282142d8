"""What can be ordered of something."""

from decimal import Decimal

from kernel.units import unit

HIGHEST = Decimal(9999)
PLACES = 3


def quantity_problem(value: Decimal, unit_code: str) -> str | None:
    """What is wrong with a quantity of goods in a unit; None when nothing is."""
    if not value.is_finite() or value <= 0:
        return f"{value} is not above 0."
    if value > HIGHEST:
        return f"{value} is more than {HIGHEST}."
    places = min(PLACES, unit(unit_code).places)
    if value != round(value, places):
        whole = "these goods are counted in whole numbers" if places == 0 else f"{places} decimals"
        return f"{value} has too many decimals: {whole}."
    return None


def plain_quantity(value: Decimal) -> Decimal:
    """The same quantity without trailing zeros or exponent: 2, 0.5."""
    return Decimal(format(value.normalize(), "f"))
