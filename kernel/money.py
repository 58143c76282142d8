"""Money (金额): whole minor units of an ISO 4217 currency. Never a float.

Splits go through ``allocate``, so that the parts always sum to the whole.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import total_ordering
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.currencies import UnknownCurrency, currency, currency_exponent
from kernel.errors import Invalid

__all__ = [
    "CurrencyMismatch",
    "InvalidMoney",
    "Money",
    "UnknownCurrency",
    "currency_exponent",
    "total",
    "unit_price_total",
]

LIMIT = 10**17  # minor units; a bigint holds 9.2 × 10**18, so sums of many stay inside it
_TEXT = re.compile(r"[+-]?\d{1,20}(\.\d{1,6})?", re.ASCII)


class InvalidMoney(Invalid):
    code = "invalid_money"
    title = _("This isn't an amount of money")
    remedy = _("Give a whole number of minor units and a currency: {amount: 1234, currency: CNY}.")


class CurrencyMismatch(Invalid):
    code = "currency_mismatch"
    title = _("Amounts in different currencies can't be put together")
    remedy = _("Convert one of them first, or use one currency.")


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """``amount`` in minor units (分 for CNY), ``currency`` as ISO 4217 code."""

    amount: int
    currency: str = "CNY"

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            told = _("%(amount)s is not a whole number of minor units.")
            raise InvalidMoney(told % {"amount": repr(self.amount)}, field="amount")
        if abs(self.amount) > LIMIT:
            told = _("%(amount)s is beyond the limit of %(limit)s.")
            raise InvalidMoney(told % {"amount": self.amount, "limit": LIMIT}, field="amount")
        currency(self.currency)

    @classmethod
    def parse(cls, text: str | Decimal | int, currency_code: str = "CNY") -> "Money":
        """From major units as people write them: ``parse("12.34", "CNY")`` is 1234 分.

        More decimal places than the currency has are refused, not rounded.
        """
        if type(text) not in (str, Decimal, int) or not _TEXT.fullmatch(format(text).strip()):
            told = _("%(text)s is not a decimal amount.") % {"text": f"{text!r:.40}"}
            raise InvalidMoney(told, field="amount")
        places = currency_exponent(currency_code)
        scaled = Decimal(format(text).strip()).scaleb(places)
        if scaled != scaled.to_integral_value():
            more = _("%(currency)s has %(places)s decimal places, %(text)s has more.")
            raise InvalidMoney(
                more % {"currency": currency_code, "places": places, "text": text}, field="amount"
            )
        return cls(int(scaled), currency_code)

    @classmethod
    def nothing(cls, currency_code: str = "CNY") -> "Money":
        """Zero of a currency."""
        return cls(0, currency_code)

    @property
    def zero(self) -> "Money":
        """Zero of the same currency."""
        return Money(0, self.currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units: 1234 分 is Decimal("12.34")."""
        return Decimal(self.amount).scaleb(-currency_exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        if type(times) is not int:
            raise InvalidMoney(f"Money is multiplied by whole numbers, not by {times!r}.")
        return Money(self.amount * times, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __str__(self) -> str:
        return f"{self.major:.{currency_exponent(self.currency)}f} {self.currency}"

    def allocate(self, weights: Sequence[int | Decimal]) -> list["Money"]:
        """Split by weights with the largest remainder method: the parts sum to the whole exactly.

        Equal remainders go to the earlier part. All weights zero: split evenly.
        """
        exact = [_weight(weight) for weight in weights]
        if not exact:
            raise InvalidMoney("An amount can't be split among nobody.", field="weights")
        # Decimals become whole numbers by one common power of ten, so nothing is rounded.
        places = max(0, *(-int(w.as_tuple().exponent) for w in exact))
        shares = [int(w.scaleb(places)) for w in exact]
        whole = sum(shares)
        if whole == 0:
            shares = [1] * len(shares)
            whole = len(shares)
        size, sign = abs(self.amount), -1 if self.amount < 0 else 1
        parts, remainders = [], []
        for place, share in enumerate(shares):
            part, remainder = divmod(size * share, whole)
            parts.append(part)
            remainders.append((-remainder, place))
        for _remainder, place in sorted(remainders)[: size - sum(parts)]:
            parts[place] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def percent(self, rate: Decimal | int) -> "Money":
        """``rate`` per cent of it, rounded half up (away from zero): 5 % of 0.30 is 0.02."""
        if type(rate) not in (Decimal, int) or not Decimal(rate).is_finite():
            raise InvalidMoney(f"A rate is a Decimal, not {rate!r}.", field="rate")
        return Money(_half_up(Decimal(self.amount), Decimal(rate), -2), self.currency)

    def as_api(self) -> dict[str, Any]:
        """``{"amount": 1234, "currency": "CNY"}``."""
        return {"amount": self.amount, "currency": self.currency}

    def _same(self, other: object) -> int:
        if not isinstance(other, Money):
            raise InvalidMoney(f"{other!r} is not money.")
        if other.currency != self.currency:
            told = _("%(one)s and %(other)s.") % {"one": self.currency, "other": other.currency}
            raise CurrencyMismatch(told, field="currency")
        return other.amount


def total(amounts: Iterable[Money], currency_code: str = "CNY") -> Money:
    """The sum; zero of ``currency_code`` for none. All must be of that currency."""
    result = Money(0, currency_code)
    for amount in amounts:
        result += amount
    return result


def unit_price_total(unit_price: Decimal, quantity: Decimal, currency_code: str = "CNY") -> Money:
    """``unit_price`` (major units, as many decimals as agreed) times ``quantity``, half up.

    A line is rounded once, at its end: 3.3333 CNY × 3 is 10.00, not 9.99.
    """
    for name, value in (("unit_price", unit_price), ("quantity", quantity)):
        if type(value) is not Decimal or not value.is_finite():
            raise InvalidMoney(f"{name} is a Decimal, not {value!r:.40}.", field=name)
    return Money(_half_up(unit_price, quantity, currency_exponent(currency_code)), currency_code)


def _half_up(first: Decimal, second: Decimal, places: int) -> int:
    with localcontext() as context:
        context.prec = 100  # the product is exact, so there is one rounding, not two
        return int((first * second).scaleb(places).to_integral_value(ROUND_HALF_UP))


def _weight(weight: int | Decimal) -> Decimal:
    if type(weight) not in (int, Decimal):
        raise InvalidMoney(f"A weight is a whole number or Decimal, not {weight!r}.")
    exact = Decimal(weight)
    if not exact.is_finite() or exact < 0:
        raise InvalidMoney(f"A weight can't be {weight}.", field="weights")
    return exact
