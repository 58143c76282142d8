"""A form that asks how much of each line of an order."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from storefront import formats


class QuantitiesForm(forms.Form):
    """How much of each line."""

    def __init__(
        self,
        *args: Any,
        lines: Sequence[tuple[UUID, str, Decimal, str]],
        filled: bool = False,
        **kwargs: Any,
    ) -> None:
        """``lines``: id, title, how much there may be of it, unit; ``filled`` begins with that."""
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
                initial=(int(left) if whole else left) if filled else None,
                widget=forms.NumberInput(
                    attrs={"step": "1" if whole else "0.001", "inputmode": "decimal"}
                ),
            )

    @property
    def quantities(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]

    def wanted(self) -> dict[UUID, Decimal]:
        """The lines of which there is to be something."""
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
            self.add_error(None, f"{error.detail or error.title} {error.remedy}".strip())
