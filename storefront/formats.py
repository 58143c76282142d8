"""Amounts, quantities, dates and numbers in the reader's language, by CLDR."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils import timezone, translation

from kernel.money import Money
from kernel.units import UNITS


def locale() -> Locale:
    """Babel's locale for the language in use."""
    code = (translation.get_language() or "en").replace("-", "_")
    try:
        return Locale.parse("zh_Hans_CN" if code.startswith("zh") else code)
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def as_money(value: Any) -> Money | None:
    """Money from Money or from its API form."""
    if isinstance(value, Money):
        return value
    if isinstance(value, dict) and "amount" in value:
        return Money(int(value["amount"]), str(value["currency"]))
    return None


def money(value: Money) -> str:
    """``¥1,234.00`` with the currency's own number of decimals."""
    return str(format_currency(value.major, value.currency, locale=locale()))


def unit_price(value: Decimal, currency: str) -> str:
    """A unit price: at least the currency's decimals, more if it has more."""
    places = -int(value.normalize().as_tuple().exponent)
    if places <= 2:
        return str(format_currency(value, currency, locale=locale()))
    pattern = locale().currency_formats["standard"].pattern
    longer = pattern.replace("0.00", "0." + "0" * places)
    return str(format_currency(value, currency, longer, locale=locale(), currency_digits=False))


def number(value: Decimal | int) -> str:
    """A plain number with the locale's separators, at most six decimals."""
    if isinstance(value, Decimal) and value != value.to_integral_value():
        places = -int(value.normalize().as_tuple().exponent)
        return str(format_decimal(value, format="#,##0." + "0" * min(places, 6), locale=locale()))
    return str(format_decimal(value, format="#,##0", locale=locale()))


def quantity(value: Decimal, unit_code: str) -> str:
    """``31.240 t``: with the unit's usual decimals; pieces carry no unit but 件 in Chinese."""
    found = UNITS.get(unit_code)
    if found is None:
        return f"{number(value)} {unit_code}"
    places = found.places
    if unit_code != "TNE":  # only tonnes are always written with all their decimals
        places = min(places, max(0, -int(value.normalize().as_tuple().exponent)))
    pattern = "#,##0" + ("." + "0" * places if places else "")
    text = str(format_decimal(value, format=pattern, locale=locale()))
    name = unit_name(unit_code)
    return f"{text} {name}".strip()


def is_counted(unit_code: str) -> bool:
    """Whether only whole numbers of the unit are sold."""
    found = UNITS.get(unit_code)
    return found is not None and found.places == 0


def unit_name(unit_code: str) -> str:
    """How a unit is written in the reader's language: its symbol, or its Chinese name."""
    found = UNITS.get(unit_code)
    if found is None:
        return unit_code
    if (translation.get_language() or "").startswith("zh"):
        return str(found.names["zh-hans"])
    return str(found.symbol or ("pc" if found.dimension == "piece" else found.names["en"]))


def moment(value: datetime) -> str:
    """Date and time in the viewer's zone, to the minute."""
    here = timezone.localtime(value)
    pattern = "yyyy-MM-dd HH:mm" if locale().language == "zh" else "d MMM yyyy, HH:mm"
    return str(format_datetime(here, pattern, locale=locale()))


def offset(value: datetime) -> str:
    """How far the viewer's zone is from UTC at that moment, as ``UTC+08:00``."""
    found = f"{timezone.localtime(value):%z}"
    return f"UTC{found[:3]}:{found[3:5]}"


def day(value: date) -> str:
    """A date, or that of a moment in the viewer's zone."""
    here = timezone.localtime(value).date() if isinstance(value, datetime) else value
    pattern = "yyyy-MM-dd" if locale().language == "zh" else "d MMM yyyy"
    return str(format_date(here, pattern, locale=locale()))
