"""A merchant's form of a warehouse."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from logistics import facade as logistics
from storefront.forms.texts import TextsForm


class WarehouseForm(TextsForm):
    """What it is called, where it is, its turn, and whether goods are taken from it."""

    region = forms.ChoiceField(label=_("Province"), required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    priority = forms.IntegerField(
        label=_("Its turn"), min_value=0, max_value=1000,
        help_text=_("Goods are taken from the warehouse with the smallest number first."),
    )  # fmt: skip
    active = forms.BooleanField(
        label=_("Goods are taken from here"), required=False,
        help_text=_("Closed, it keeps its stock, but nothing of it is sold."),
    )  # fmt: skip

    def __init__(self, *args: Any, language: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.add_texts("name", _("Name"), longest=200, needed=True)
        regions = [(code, logistics.region_name(code, language)) for code in logistics.REGIONS]
        self.fields["region"].choices = [("", "—"), *regions]  # type: ignore[attr-defined]
        names = [f"name_{n}" for n in range(len(self.locales))]
        self.order_fields([*names, "region", "address", "priority", "active"])
