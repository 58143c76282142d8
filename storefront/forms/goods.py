"""Forms of the merchant's catalogue and stock."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel.units import UNITS
from storefront import formats

_SIDES = re.compile(r"(\d{1,6})\s*[×x*✕]\s*(\d{1,6})\s*[×x*✕]\s*(\d{1,6})", re.IGNORECASE)
COMMON_UNITS = ("C62", "KGM", "TNE", "GRM", "LTR", "MTR", "SET", "XBX", "XCT", "XBG")
# The reasons for adding to stock or taking away (inventory.REASONS), and those of other movements.
REASONS = {
    "counted": _("Counted"),
    "received": _("Received"),
    "returned": _("Returned by a buyer"),
    "found": _("Found"),
    "damaged": _("Damaged"),
    "lost": _("Lost"),
    "correction": _("Correction of a mistake"),
    "other": _("Other"),
}
MOVEMENTS = {
    **REASONS,
    "set": _("Set to the counted number"),
    "adjusted": _("Adjusted"),
    "sold": _("Sold"),
    "restocked": _("Back after a cancellation"),
    "transferred_out": _("Sent to another warehouse"),
    "transferred_in": _("Arrived from another warehouse"),
    "transfer_back": _("Back from a cancelled transfer"),
}
LANGUAGE_NAMES = {"zh-hans": _("Chinese"), "en": _("English")}


def language_name(tag: str) -> str:
    """What a language is called in the reader's language."""
    return str(LANGUAGE_NAMES.get(tag.lower(), tag))


def branches(nodes: Sequence[catalog.CategoryNode], depth: int = 0) -> list[tuple[str, str]]:
    """The category tree as choices, indented by depth."""
    found: list[tuple[str, str]] = []
    for node in nodes:
        found.append((str(node.id), "　" * depth + node.name))
        found.extend(branches(node.children, depth + 1))
    return found


class ProductForm(forms.Form):
    """Titles and descriptions in every language of the platform, category, unit, own number."""

    category = forms.ChoiceField(label=_("Category"), required=False)
    unit = forms.ChoiceField(label=_("Sold by"))
    axis = forms.CharField(
        label=_("What the variants differ in"),
        help_text=_("For example size or colour. Leave it empty when there is one variant."),
        max_length=40,
        required=False,
    )
    brand = forms.ChoiceField(label=_("Brand"), required=False)
    external_id = forms.CharField(
        label=_("Your own number"),
        help_text=_("The product's number in your system, if you have one."),
        max_length=100,
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        locales: Sequence[str],
        tree: Sequence[catalog.CategoryNode],
        more: Mapping[str, forms.Field] | None = None,
        brands: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(more or {})
        self.locales = tuple(locales)
        for place, tag in enumerate(self.locales):
            name = language_name(tag)
            self.fields[f"title_{place}"] = forms.CharField(
                label=_("Title (%(language)s)") % {"language": name},
                max_length=200,
                required=place == 0,
                widget=forms.TextInput(attrs={"lang": tag}),
            )
        for place, tag in enumerate(self.locales):
            self.fields[f"description_{place}"] = forms.CharField(
                label=_("Description (%(language)s)") % {"language": language_name(tag)},
                max_length=20_000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 6, "lang": tag}),
            )
        self.fields["category"].choices = [("", "—"), *branches(tree)]  # type: ignore[attr-defined]
        self.fields["brand"].choices = [("", "—"), *brands]  # type: ignore[attr-defined]
        units = [(code, formats.unit_name(code)) for code in COMMON_UNITS]
        given = (kwargs.get("initial") or {}).get("unit")
        if given and given not in COMMON_UNITS and given in UNITS:
            units.append((given, formats.unit_name(given)))
        self.fields["unit"].choices = units  # type: ignore[attr-defined]
        self.order_fields(
            [
                *(f"title_{n}" for n in range(len(self.locales))),
                "category",
                "brand",
                "unit",
                *(f"description_{n}" for n in range(len(self.locales))),
                *(more or {}),
                "axis",
                "external_id",
            ]
        )

    def texts(self, name: str) -> dict[str, str]:
        """The texts given under ``name``, by language."""
        return {
            tag: self.cleaned_data.get(f"{name}_{place}", "")
            for place, tag in enumerate(self.locales)
            if self.cleaned_data.get(f"{name}_{place}", "").strip()
        }


class SizeField(forms.CharField):
    """Three sides in millimetres, as they are written: 400×300×200, 400*300*200, 400 x 300 x 200.
    Its value is the three numbers, or None."""

    def to_python(self, value: Any) -> tuple[int, int, int] | None:  # type: ignore[override]
        text = unicodedata.normalize("NFKC", str(value or "")).strip()
        if not text:
            return None
        found = _SIDES.fullmatch(text)
        sides = [int(side) for side in found.groups()] if found else []
        if len(sides) != 3 or not all(1 <= side <= catalog.SIDE_MOST for side in sides):
            raise forms.ValidationError(
                _("All three sides in whole millimetres, 1 to 30,000: 400×300×200.")
            )
        return sides[0], sides[1], sides[2]

    def prepare_value(self, value: Any) -> Any:
        return "×".join(str(side) for side in value) if isinstance(value, tuple) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))


class VariantForm(forms.Form):
    """One line of the table of variants."""

    sku = forms.CharField(label=_("Article number"), max_length=64, required=False)
    option = forms.CharField(label=_("Variant"), max_length=200, required=False)
    weight_grams = forms.IntegerField(
        label=_("Weight with packing (g)"), min_value=0, max_value=100_000_000, required=False
    )
    size = SizeField(
        label=_("Length × width × height (mm)"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "400×300×200", "size": "12"}),
    )
    barcode = forms.CharField(label=_("Barcode"), max_length=64, required=False)
    price = forms.DecimalField(
        label=_("Price"),
        min_value=Decimal("0.000001"),
        max_digits=16,
        decimal_places=6,
        required=False,
    )
    active = forms.BooleanField(label=_("Offered"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        filled = any(
            data.get(name) not in (None, "") for name in ("option", "weight_grams", "size", "price")
        )
        if filled and not data.get("sku"):
            self.add_error("sku", _("A variant needs an article number."))
        return data


VariantFormSet = forms.formset_factory(VariantForm, extra=2, max_num=200)


class ListForm(forms.Form):
    """A list of products."""

    file = forms.FileField(
        label=_("List (CSV or XLSX)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
        help_text=_("UTF-8 or GB 18030; up to 10,000 rows and 8 MB; the first row has names."),
    )


class NewStockForm(forms.Form):
    """Stock for a variant that has none in a warehouse yet."""

    sku = forms.CharField(label=_("Article number"), max_length=64)
    warehouse = forms.ChoiceField(label=_("Warehouse"))
    on_hand = forms.DecimalField(
        label=_("Number on hand"), min_value=Decimal(0), max_digits=15, decimal_places=3
    )


class WarehouseForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    region = forms.ChoiceField(label=_("Province"))
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
