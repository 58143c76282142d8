"""The form by which a buyer or a merchant cancels a part of an order."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from journeys import facade as journeys
from marketplace import facade as marketplace
from storefront import words
from storefront.forms.returns import ReturnForm


class CancelForm(ReturnForm):
    """How much of each line, why, in one's own words."""

    cause = forms.ChoiceField(
        label=_("Reason for cancelling"), choices=list(words.cancelling.CAUSES.items())
    )
    text = forms.CharField(
        label=_("A word to the other side"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, causes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cause"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, words.cancelling.CAUSES[name]) for name in causes]


Refused = (
    marketplace.InvalidCancellation,
    marketplace.NotCancellableNow,
    journeys.NotCancellable,
)
