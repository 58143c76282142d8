"""The form by which a buyer asks for a return."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from marketplace import facade as marketplace
from storefront import formats, return_words


class ReturnForm(forms.Form):
    """How much of each line, why, in the buyer's words."""

    cause = forms.ChoiceField(label=_("Why?"), choices=list(return_words.CAUSES.items()))
    text = forms.CharField(
        label=_("What happened?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, *args: Any, lines: Sequence[tuple[UUID, str, Decimal, str]], **kwargs: Any
    ) -> None:
        """``lines``: id, title, how much may be returned, unit."""
        super().__init__(*args, **kwargs)
        self.names = {f"q-{line}": line for line, _title, left, _unit in lines if left}
        for line, title, left, unit in lines:
            if not left:
                continue
            whole = formats.is_counted(unit)
            self.fields[f"q-{line}"] = forms.DecimalField(
                label=title,
                help_text=_("At most %(left)s") % {"left": formats.quantity(left, unit)},
                required=False,
                min_value=Decimal(0),
                max_value=left,
                decimal_places=0 if whole else 3,
                widget=forms.NumberInput(
                    attrs={"step": "1" if whole else "0.001", "inputmode": "decimal"}
                ),
            )

    @property
    def quantities(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]

    def wanted(self) -> dict[UUID, Decimal]:
        """The lines of which something is to go back."""
        given = ((line, self.cleaned_data.get(name)) for name, line in self.names.items())
        return {line: quantity for line, quantity in given if quantity}

    def take(self, error: DomainError) -> None:
        """Put what the domain says is wrong beside the fields."""
        names = [name for name in self.names if self.cleaned_data.get(name)]
        for one in error.problems:
            first, _dot, rest = one.field.partition(".")
            place = rest.partition(".")[0]
            field = first if first in self.fields else None
            if first == "lines" and place.isdigit() and int(place) < len(names):
                field = names[int(place)]
            self.add_error(field, one.problem)
        if not error.problems:
            self.add_error(None, f"{error.title} {error.remedy}".strip())


Refused = (
    marketplace.InvalidReturn,
    marketplace.InvalidPicture,
    marketplace.NotReturnable,
)
