"""Quantity (数量): an exact decimal with a unit of UN/ECE Recommendation 20."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import total_ordering

from django.utils.translation import gettext_lazy as _

from kernel.errors import Invalid
from kernel.units import IncompatibleUnits, UnknownUnit, unit

__all__ = ["IncompatibleUnits", "InvalidQuantity", "Quantity", "UnknownUnit"]

PLACES = 9  # decimals kept when a conversion doesn't come out even
LIMIT = Decimal(10) ** 15
_TEXT = re.compile(r"[+-]?\d{1,16}(\.\d{1,9})?", re.ASCII)


class InvalidQuantity(Invalid):
    code = "invalid_quantity"
    title = _("This isn't a quantity")
    remedy = _('Give a decimal as text and a unit: {value: "31.240", unit: "TNE"}.')


@total_ordering
@dataclass(frozen=True, eq=False, slots=True)
class Quantity:
    """``value`` is a Decimal, ``unit`` a Rec 20 code; 1 TNE equals 1000 KGM."""

    value: Decimal
    unit: str = "C62"

    def __post_init__(self) -> None:
        given: object = self.value
        if type(given) is not Decimal or not given.is_finite():
            raise InvalidQuantity(f"{self.value!r:.40} is not a Decimal.", field="value")
        if abs(self.value) > LIMIT:
            told = _("%(amount)s is beyond the limit of %(limit)s.")
            raise InvalidQuantity(told % {"amount": self.value, "limit": LIMIT}, field="value")
        unit(self.unit)

    @classmethod
    def parse(cls, text: str, unit_code: str = "C62", *, positive: bool = False) -> "Quantity":
        """From text: up to 16 digits, up to 9 decimals; ``positive`` refuses zero and less."""
        if not isinstance(text, str) or not _TEXT.fullmatch(text.strip()):
            told = _("%(text)s is not a decimal number.") % {"text": f"{text!r:.40}"}
            raise InvalidQuantity(told, field="value")
        found = cls(Decimal(text.strip()), unit_code)
        if positive and found.value <= 0:
            raise InvalidQuantity(_("The quantity must be greater than zero."), field="value")
        return found

    def convert(self, to: str) -> "Quantity":
        """The same quantity in another unit of the same dimension.

        Exact whenever the result has an end; otherwise rounded half up at the ninth decimal.
        """
        if to == self.unit:
            return self
        source, target = unit(self.unit), unit(to)
        if source.dimension != target.dimension:
            told = _("%(unit)s can't be converted into %(to)s.") % {"unit": self.unit, "to": to}
            raise IncompatibleUnits(told, field="unit")
        return Quantity(_decimal(Fraction(self.value) * source.factor / target.factor), to)

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value + other.convert(self.unit).value, self.unit)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value - other.convert(self.unit).value, self.unit)

    def __mul__(self, times: int | Decimal) -> "Quantity":
        if type(times) not in (int, Decimal):
            raise InvalidQuantity(f"A quantity isn't multiplied by {times!r}.")
        return Quantity(self.value * times, self.unit)

    def __neg__(self) -> "Quantity":
        return Quantity(-self.value, self.unit)

    def __bool__(self) -> bool:
        return self.value != 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._base() == other._base()

    def __lt__(self, other: "Quantity") -> bool:
        mine, theirs = self._base(), other._base()
        if mine[0] != theirs[0]:
            told = _("%(one)s and %(other)s.") % {"one": self.unit, "other": other.unit}
            raise IncompatibleUnits(told, field="unit")
        return mine[1] < theirs[1]

    def __hash__(self) -> int:
        return hash(self._base())

    def __str__(self) -> str:
        return f"{self.text()} {unit(self.unit).symbol or self.unit}"

    def text(self) -> str:
        """The value with at least the unit's usual decimals (tonnes: three), no exponent."""
        places = unit(self.unit).places
        shortest = format(self.value.normalize(), "f") if self.value else "0"
        _whole, _dot, decimals = shortest.partition(".")
        return shortest if len(decimals) > places else f"{self.value:.{places}f}"

    def as_api(self) -> dict[str, str]:
        """``{"value": "31.240", "unit": "TNE"}``."""
        return {"value": self.text(), "unit": self.unit}

    def _base(self) -> tuple[str, Fraction]:
        here = unit(self.unit)
        return here.dimension, Fraction(self.value) * here.factor


def _decimal(exact: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        ratio = Decimal(exact.numerator) / Decimal(exact.denominator)
        if Fraction(ratio) == exact:
            return Decimal(format(ratio.normalize(), "f"))
        return ratio.quantize(Decimal(1).scaleb(-PLACES), ROUND_HALF_UP)
