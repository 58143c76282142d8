"""The form of how variants are sold beyond their stock."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory import facade as inventory

MODES = inventory.AheadMode.choices
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AheadForm(forms.Form):
    """One setting for one or many variants."""

    skus = forms.CharField(
        label=_("Which article numbers"),
        help_text=_("One a line, up to 500; the same holds for all of them."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=40_000,
    )
    mode = forms.ChoiceField(label=_("What is sold"), choices=MODES, initial="backorder")
    limit = forms.DecimalField(
        label=_("At most so many beyond what is there"),
        help_text=_("Empty: no limit."),
        required=False,
        max_digits=15,
        decimal_places=3,
    )
    lead_days = forms.IntegerField(
        label=_("Back-order: sent within so many days"), required=False, min_value=1, max_value=365
    )
    release_on = forms.DateField(
        label=_("Pre-order: sent from this day on"), required=False, widget=DAY
    )

    def clean_skus(self) -> list[str]:
        """The numbers, one a line."""
        return [line.strip() for line in self.cleaned_data["skus"].splitlines() if line.strip()]

    def terms(self) -> dict[str, Any]:
        """What the chosen mode needs; the other's field is left aside."""
        given, mode = self.cleaned_data, self.cleaned_data["mode"]
        return {
            "mode": mode,
            "limit": given["limit"] if mode != "none" else None,
            "lead_days": given["lead_days"] if mode == "backorder" else None,
            "release_on": given["release_on"] if mode == "preorder" else None,
        }
