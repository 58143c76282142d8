"""The forms by which a buyer asks for a return or an exchange."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

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


class ExchangeForm(ReturnForm):
    """And what each piece is to be exchanged for."""

    def __init__(
        self, *args: Any, choices: Mapping[UUID, Sequence[tuple[UUID, str]]], **kwargs: Any
    ) -> None:
        """``choices``: of each piece the variants that are there, the first one chosen."""
        super().__init__(*args, **kwargs)
        self.fields["cause"].initial = "defective"
        self.fields["cause"].label = _("Why exchange it?")
        for piece in self.names.values():
            self.fields[f"v-{piece}"] = forms.ChoiceField(
                label=_("Instead I want"),
                choices=[(str(variant), label) for variant, label in choices[piece]],
            )

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Quantity and wish of each piece."""
        return [(self[name], self[f"v-{piece}"]) for name, piece in self.names.items()]

    def wishes(self) -> dict[UUID, UUID]:
        """What the pieces of which there is to be something are exchanged for."""
        found = {piece: self.cleaned_data.get(f"v-{piece}") for piece in self.wanted()}
        return {piece: UUID(wish) for piece, wish in found.items() if wish}


Refused = (
    marketplace.InvalidReturn,
    marketplace.InvalidPicture,
    marketplace.NotReturnable,
)
