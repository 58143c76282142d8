"""Currencies (货币) of ISO 4217: exponents, names, and from when until when each is legal tender.

The table is data (``kernel/data/currencies.csv``, list one, with those withdrawn since 2021): an
authority changes it, not a programmer. ``valid_from`` and ``valid_until`` are inclusive days;
empty means always. Withdrawn ones stay readable for old documents.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Invalid

_FILE = Path(__file__).parent / "data" / "currencies.csv"


class UnknownCurrency(Invalid):
    code = "unknown_currency"
    title = _("This isn't a currency in use")
    remedy = _("Use a three-letter ISO 4217 code in capitals, such as CNY or USD.")


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency; ``exponent`` is the number of decimal places of its minor unit."""

    code: str
    numeric: str
    exponent: int
    valid_from: date | None
    valid_until: date | None
    names: dict[str, str]

    def valid_on(self, day: date) -> bool:
        """Whether it was legal tender on ``day``."""
        if self.valid_from and day < self.valid_from:
            return False
        return not (self.valid_until and day > self.valid_until)


@cache
def table() -> dict[str, Currency]:
    """Every currency of the table by code, withdrawn ones included."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: _currency(row) for row in csv.DictReader(file)}


def currency(code: object, *, field: str = "currency") -> Currency:
    """The currency by its code, withdrawn or not. Raises UnknownCurrency."""
    found = table().get(code) if isinstance(code, str) else None
    if found is None:
        told = _("%(code)s is not an ISO 4217 currency.") % {"code": repr(str(code)[:20])}
        raise UnknownCurrency(told, field=field)
    return found


def active(code: object, *, on: date | None = None, field: str = "currency") -> Currency:
    """The currency, if it is legal tender on the business day ``on`` (today). For new prices."""
    found = currency(code, field=field)
    day = on or clock.today()
    if not found.valid_on(day):
        told = _("%(code)s is not legal tender on %(day)s.") % {"code": found.code, "day": day}
        raise UnknownCurrency(told, field=field)
    return found


def currency_exponent(code: str) -> int:
    """How many decimal places the minor unit has: CNY 2, JPY 0, KWD 3."""
    return currency(code).exponent


def _currency(row: dict[str, str]) -> Currency:
    return Currency(
        code=row["code"],
        numeric=row["numeric"],
        exponent=int(row["exponent"]),
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
        names={"en": row["name_en"], "zh-hans": row["name_zh"]},
    )
