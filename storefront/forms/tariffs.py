"""A merchant's form of a way of delivery."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.money import Money
from logistics import facade as logistics
from storefront.forms.texts import TextsForm, texts_initial

KILOGRAM = 1000  # grams
KINDS = {
    "sandbox": _("Parcel, by the carrier"),
    logistics.OWN: _("Brought by yourself"),
    logistics.PICKUP: _("Fetched by the buyer"),
}


class TariffForm(TextsForm):
    """One way of delivery: how, where to, what it costs. Prices in the platform's currency."""

    kind = forms.ChoiceField(label=_("How"), choices=list(KINDS.items()))
    regions = forms.MultipleChoiceField(
        label=_("Provinces"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: everywhere."),
    )
    first_price = forms.DecimalField(
        label=_("First kilogram"), min_value=0, max_digits=8, decimal_places=2, required=False
    )
    step_price = forms.DecimalField(
        label=_("Each further kilogram"), min_value=0, max_digits=8, decimal_places=2,
        required=False,
    )  # fmt: skip
    free_from = forms.DecimalField(
        label=_("Free from this amount of goods"), min_value=0, max_digits=10, decimal_places=2,
        required=False,
    )  # fmt: skip
    most = forms.DecimalField(
        label=_("Heaviest parcel (kg)"), min_value=1, max_value=10_000, decimal_places=3
    )
    divisor = forms.IntegerField(
        label=_("Cubic centimetres that count as a kilogram"),
        min_value=1000, max_value=100_000, required=False,
        help_text=_("Usually 6000 for parcels. The greater of weight and volume is charged then, "
                    "of goods whose size you have entered. Empty: weight alone."),
    )  # fmt: skip
    side = forms.DecimalField(
        label=_("Longest side of a piece (cm)"), min_value=1, max_value=3000, decimal_places=1,
        required=False,
    )  # fmt: skip
    days_min = forms.IntegerField(
        label=_("Arrives after days, at the least"), min_value=0, max_value=60
    )
    days_max = forms.IntegerField(label=_("At the most"), min_value=0, max_value=60)

    keep_standard = forms.BooleanField(
        label=_("Beside the platform's tariffs above"),
        required=False,
        help_text=_("Unticked, buyers can choose this way of delivery only."),
    )

    def __init__(self, *args: Any, language: str, first: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        if not first:
            del self.fields["keep_standard"]
        self.add_texts("name", _("What it is called"), longest=60, needed=True)
        self.add_texts(
            "place", _("Where and when it is fetched"), longest=120,
            hint=_("Address and hours; only of what buyers fetch."),
        )  # fmt: skip
        self.fields["regions"].choices = [  # type: ignore[attr-defined]
            (code, logistics.region_name(code, language)) for code in logistics.REGIONS
        ]
        names, places = (
            [f"{name}_{n}" for n in range(len(self.locales))] for name in ("name", "place")
        )
        self.order_fields(["kind", *names, *places, "first_price", "step_price", "free_from",
                           "divisor", "days_min", "days_max", "most", "side", "regions",
                           "keep_standard"])  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        fetched = data.get("kind") == logistics.PICKUP
        if fetched and "place_0" not in self.errors and not data.get("place_0"):
            self.add_error("place_0", _("Say where goods are fetched."))
        for name in ("first_price", "step_price"):
            if data.get(name) is None and name not in self.errors and not fetched:
                self.add_error(name, _("Needed; nothing is 0."))
        least, most = data.get("days_min"), data.get("days_max")
        if least is not None and most is not None and least > most:
            self.add_error("days_max", _("It is less than the least."))
        return data

    def rule(self, held: dict[str, Any], *, code: str, currency: str) -> dict[str, Any]:
        """The tariff as logistics keeps it; ``held`` is the one that is changed. What a kind of
        delivery doesn't have is left out."""
        data = self.cleaned_data
        fetched = data["kind"] == logistics.PICKUP

        def minor(name: str) -> int:
            return Money.parse(str(data[name] or 0), currency).amount

        carrier = data["kind"]
        if carrier == "sandbox":  # or another one, which was set by the API
            held_carrier = held.get("carrier", carrier)
            carrier = carrier if held_carrier in logistics.BY_HAND else held_carrier
        limits = {
            "volume_divisor": None if fetched else data["divisor"],
            "max_side_mm": int(data["side"] * 10) if data["side"] else None,
        }
        return {
            **{name: value for name, value in limits.items() if value},
            "code": held.get("code", code),
            "name": self.texts("name"),
            "carrier": carrier,
            "place": self.texts("place") if fetched else {},
            "regions": data["regions"],
            "first_grams": held.get("first_grams", KILOGRAM),
            "first_price": minor("first_price"),
            "step_grams": held.get("step_grams", KILOGRAM),
            "step_price": minor("step_price"),
            "max_grams": int(data["most"] * KILOGRAM),
            "days_min": data["days_min"],
            "days_max": data["days_max"],
            "free_from": minor("free_from") if data["free_from"] is not None else None,
        }


def initial_of(rule: dict[str, Any], locales: Any, currency: str) -> dict[str, Any]:
    """The form's values of a tariff."""
    if not rule:
        return {"days_min": 1, "days_max": 5, "most": 50, "keep_standard": True}
    carrier = rule.get("carrier", "sandbox")
    found: dict[str, Any] = {
        "kind": carrier if carrier in logistics.BY_HAND else "sandbox",
        "regions": list(rule.get("regions") or ()),
        "days_min": rule["days_min"],
        "days_max": rule["days_max"],
        "most": rule["max_grams"] / KILOGRAM,
        **texts_initial(locales, name=rule["name"], place=rule.get("place") or {}),
    }
    if rule.get("volume_divisor"):
        found["divisor"] = rule["volume_divisor"]
    if rule.get("max_side_mm"):
        found["side"] = Decimal(rule["max_side_mm"]) / 10
    for name in ("first_price", "step_price", "free_from"):
        if rule.get(name) is not None:
            found[name] = Money(rule[name], currency).major
    return found
