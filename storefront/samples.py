"""Believable content for the style guide; no database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.money import Money
from kernel.pagination import PageOf
from storefront import contracts, words

START = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)


class SampleForm(forms.Form):
    """Shows a field, a hint, an error and the summary."""

    name = forms.CharField(label=gettext_lazy("Name of the receiver"), max_length=60)
    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        help_text=gettext_lazy("The carrier calls this number on delivery."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of address"),
        choices=[("home", gettext_lazy("At home")), ("work", gettext_lazy("At work"))],
    )
    note = forms.CharField(
        label=gettext_lazy("Note to the merchant"), required=False, widget=forms.Textarea
    )
    keep = forms.BooleanField(label=gettext_lazy("Keep this address"), required=False)


@dataclass(frozen=True)
class Entry:
    """A line of the sample timeline."""

    title: str
    actor: str
    at: datetime
    document: str = ""
    href: str = ""
    bad: bool = False


def samples() -> dict[str, Any]:
    """The style guide's context."""
    rows: list[dict[str, Any]] = [
        {"number": "2026-1120-0007", "state": "paid", "total": Money(128_800), "at": START},
        {"number": "2026-1120-0006", "state": "shipped", "total": Money(42_650),
         "at": START - timedelta(hours=5)},
        {"number": "2026-1119-0041", "state": "delivered", "total": Money(1_299_000),
         "at": START - timedelta(days=1)},
        {"number": "2026-1119-0040", "state": "cancelled", "total": Money(9_900),
         "at": START - timedelta(days=1, hours=2)},
    ]  # fmt: skip
    form = SampleForm({"name": "", "phone": "12", "kind": "home"})
    form.add_error("phone", _("A telephone number has 7 to 15 digits."))
    return {
        "form": form,
        "colours": COLOURS,
        "sizes": ["34", "26", "20", "17", "15", "13"],
        "amount": Money(128_800),
        "negative": Money(-42_650),
        "yen": Money(13_000, "JPY"),
        "dollars": Money(18_150, "USD"),
        "unit_price": Decimal("2386.50"),
        "fine_price": Decimal("0.0385"),
        "tonnes": Decimal("31.240"),
        "states": [(kind, list(states)) for kind, states in words.STATES.items()],
        "timeline": [
            Entry(_("Order placed"), _("buyer"), START),
            Entry(_("Payment received"), _("system"), START + timedelta(minutes=1), "pay_06cq9…"),
            Entry(_("Waybill issued"), _("merchant"), START + timedelta(hours=4), "QC7003182264"),
            Entry(_("Parcel moved: sorting centre Hangzhou"), _("carrier"),
                  START + timedelta(hours=9)),
        ],
        "steps": steps_of(["done", "done", "now", "later"]),
        "contract_steps": contracts.step_bar(["done", "now", "later", "later"]),
        "was": Money(132_000),
        "stopped": steps_of(["done", "stopped", "later", "later"]),
        "rows": rows,
        "sum": Money(sum(row["total"].amount for row in rows)),
        "page": PageOf(rows, True, "sample"),
        "points": [(f"{20 + n}", value) for n, value in enumerate(SALES)],
        "document": {
            "title": _("Purchase contract"),
            "number": "CT-2026-000318",
            "hash": "9f2c41d07be6a5c3f0d1e2b3a4958677c0ffee12d4e5f60718293a4b5c6d7e8f",
            "href": "#document",
            "verify": "#verify",
        },
        "now": START,
    }  # fmt: skip


NAMES: tuple[Callable[[], str], ...] = (
    lambda: _("Ordered"),
    lambda: _("Paid"),
    lambda: _("Shipped"),
    lambda: _("Delivered"),
)


def steps_of(states: list[str]) -> list[dict[str, str]]:
    """A step bar with these states."""
    return [{"name": name(), "state": state} for name, state in zip(NAMES, states, strict=True)]


SALES = (82_000, 104_500, 96_300, 151_200, 143_900, 188_400, 176_000)
COLOURS = (
    "ink",
    "muted",
    "accent",
    "gold",
    "danger",
    "warning",
    "success",
    "line",
    "raised",
    "paper",
)
