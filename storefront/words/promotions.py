"""What promotions give, said in a sentence."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.money import Money
from marketplace import facade as marketplace
from storefront import formats

KINDS = {
    "percentage": gettext_lazy("Per cent off"),
    "amount_off": gettext_lazy("A sum off"),
    "threshold": gettext_lazy("Spend so much, get so much off"),
    "buy_x_get_y": gettext_lazy("Buy some, get some"),
}
WAYS = {
    "automatic": gettext_lazy("Without a code"),
    "code": gettext_lazy("One code for all"),
    "codes": gettext_lazy("Codes that work once"),
}
SCOPES = {
    "all": gettext_lazy("All goods"),
    "categories": gettext_lazy("Some categories"),
    "products": gettext_lazy("Some products"),
    "variants": gettext_lazy("Some variants"),
    "merchants": gettext_lazy("Some merchants"),
}
PAYERS = {
    "merchant": gettext_lazy("The merchant pays"),
    "platform": gettext_lazy("The platform pays"),
}


def rule_of(kind: str, terms: marketplace.Terms, currency: str) -> str:
    """What a promotion gives: ``10 % off, from CNY 100.00``."""

    def money(amount: int) -> str:
        return formats.money(Money(amount, currency))

    said = {
        "percentage": lambda: _("%(percent)s %% off") % {"percent": _number(terms.percent)},
        "amount_off": lambda: _("%(amount)s off") % {"amount": money(terms.amount)},
        "threshold": lambda: "; ".join(_tier(tier, terms.repeat, money) for tier in terms.tiers),
        "buy_x_get_y": lambda: _sets(terms),
    }[kind]()
    if terms.minimum:
        said += ", " + _("from %(minimum)s") % {"minimum": money(terms.minimum)}
    if terms.most:
        said += ", " + _("at most %(most)s off") % {"most": money(terms.most)}
    return said


def _tier(tier: marketplace.Tier, repeat: bool, money: Any) -> str:
    values = {"spend": money(tier.spend), "off": money(tier.off)}
    if repeat:
        return _("%(off)s off for every %(spend)s") % values
    return _("%(off)s off from %(spend)s") % values


def _sets(terms: marketplace.Terms) -> str:
    values = {"buy": terms.buy, "get": terms.get, "percent": _number(terms.percent)}
    if terms.percent == 100:
        return _("buy %(buy)s, get %(get)s free") % values
    return _("buy %(buy)s, get %(get)s at %(percent)s %% off") % values


def _number(value: Decimal) -> str:
    return formats.number(value.normalize())


def why(part: marketplace.AppliedDiscount) -> str:
    """How one discount of a total came about: ``10 % off, on goods of CNY 100.00``."""
    currency = part.amount.currency
    terms: Mapping[str, Any] = part.terms
    said = rule_of(part.kind, marketplace.Terms.read(terms), currency)
    base = formats.money(Money(int(terms.get("base", 0)), currency))
    return _("%(rule)s, on goods of %(base)s") % {"rule": said, "base": base}
