"""The form by which a buyer asks for a return."""

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace import facade as marketplace
from storefront import words
from storefront.forms.quantities import QuantitiesForm


class ReturnForm(QuantitiesForm):
    """How much of each line, why, in the buyer's words."""

    cause = forms.ChoiceField(label=_("Why?"), choices=list(words.returns.CAUSES.items()))
    text = forms.CharField(
        label=_("What happened?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


Refused = (
    marketplace.InvalidReturn,
    marketplace.InvalidPicture,
    marketplace.NotReturnable,
)
