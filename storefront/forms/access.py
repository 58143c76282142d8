"""Forms of the merchant's keys and team."""

from django import forms
from django.utils.translation import gettext_lazy as _

SCOPES = [
    ("*", _("Everything the merchant may do")),
    ("catalog:read", _("Read products")),
    ("catalog:write", _("Write products")),
    ("inventory:read", _("Read stock")),
    ("inventory:write", _("Write stock")),
    ("offers:read", _("Read prices")),
    ("offers:write", _("Write prices")),
    ("promotions:read", _("Read promotions")),
    ("promotions:write", _("Write promotions")),
    ("orders:read", _("Read orders")),
    ("journeys:write", _("Ship and cancel orders")),
    ("payments:read", _("Read balance and payouts")),
    ("payments:write", _("Ask for payouts")),
    ("events:read", _("Read events")),
]


class NewKey(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What will use it, such as the name of your system."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=SCOPES,
        widget=forms.CheckboxSelectMultiple,
        initial=["*"],
    )
