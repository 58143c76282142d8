"""A merchant's form of an address that is told of its events."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from storefront.forms.fields import Lines


class WebhookForm(forms.Form):
    """Where to, what for, of which events."""

    url = forms.CharField(
        label=_("Address"), max_length=2000, widget=forms.URLInput(),
        help_text=_("https, a public host."),
    )  # fmt: skip
    description = forms.CharField(label=_("What it is for"), max_length=500, required=False)
    event_types = Lines(
        label=_("Events"), initial=["*"],
        help_text=_("One a line, such as marketplace.order.paid.v1; * is all."),
    )  # fmt: skip


def initial_of(info: Any) -> dict[str, Any]:
    """The form's values of an endpoint."""
    return {
        "url": info.url, "description": info.description, "event_types": info.event_types,
    }  # fmt: skip
