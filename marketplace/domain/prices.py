"""What a price is."""

from decimal import ROUND_HALF_UP, Decimal

from kernel.money import currency_exponent

PLACES = 6
HIGHEST = Decimal(10) ** 9
_USUAL = Decimal("0.01")


def price_problem(value: Decimal) -> str | None:
    """What is wrong with a unit price in major units: ``not_above_zero``, ``too_much``,
    ``too_fine``; None when nothing is."""
    if not value.is_finite() or value <= 0:
        return "not_above_zero"
    if value >= HIGHEST:
        return "too_much"
    if value != round(value, PLACES):
        return "too_fine"
    return None


def plain_price(value: Decimal) -> Decimal:
    """The same price with no more decimals than needed, at least the usual two: 12.50, 0.0385."""
    usual = value.quantize(_USUAL)
    return usual if usual == value else value.normalize()


def sort_key(value: Decimal, currency: str) -> int:
    """Minor units, half up: a bigint that an index can serve under row-level security."""
    return int(value.scaleb(currency_exponent(currency)).to_integral_value(ROUND_HALF_UP))
