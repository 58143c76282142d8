"""Forms of receipts, transfers and counts."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory import facade as inventory
from kernel.errors import DomainError
from platforms import facade as platforms
from storefront.pages import language, words_of

SEPARATORS = (",", "，", ";", "；", "\t")


class GoodsField(forms.CharField):
    """Goods, one a line: the article number, then how many."""

    widget = forms.Textarea(attrs={"rows": 6, "placeholder": "LJ-500 40"})

    def to_python(self, value: Any) -> Any:
        lines = []
        for place, text in enumerate(str(value or "").splitlines(), 1):
            for mark in SEPARATORS:
                text = text.replace(mark, " ")
            if text.strip():
                lines.append(_line(place, text.strip()))
        return lines

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        return None  # the service judges each line


def _line(place: int, text: str) -> inventory.GoodsLine:
    sku, _blank, number = text.rpartition(" ")
    try:
        quantity = Decimal(number)
    except ArithmeticError:
        quantity = Decimal("NaN")
    if not sku.strip() or len(sku) > 64 or not quantity.is_finite():
        raise forms.ValidationError(
            _("Line %(line)s: give the article number, a blank and the quantity."),
            params={"line": place},
        )
    return inventory.GoodsLine(quantity, sku=sku.strip())


class PaperForm(forms.Form):
    """What the forms of all papers share: warehouses to choose, errors of the service."""

    WAREHOUSES: tuple[str, ...] = ("warehouse",)

    def __init__(
        self, *args: Any, warehouses: Sequence[inventory.WarehouseInfo], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(one.id), platforms.in_language(one.names, language())) for one in warehouses]
        for field in self.WAREHOUSES:
            self.fields[field].choices = names  # type: ignore[attr-defined]

    def refuse(self, error: DomainError) -> None:
        """Put what the service says is wrong beside the field that it names, else on top."""
        placed = False
        for problem in error.problems:
            name, _dot, rest = problem.field.partition(".")
            name = {"variants": "goods", "skus": "goods", "lines": "goods"}.get(name, name)
            if name not in self.fields:
                continue
            place = rest.partition(".")[0]
            text = str(problem.problem)
            if place.isdigit():
                said = _("Line %(line)s: %(problem)s")
                text = said % {"line": int(place) + 1, "problem": text}
            self.add_error(name, text)
            placed = True
        if not placed:
            self.add_error(None, words_of(error))


class ReceiptForm(PaperForm):
    warehouse = forms.TypedChoiceField(coerce=UUID, label=_("Into which warehouse"))
    reference = forms.CharField(
        label=_("Number of the purchase"), help_text=_("Your own, or the supplier's."),
        max_length=100,
    )  # fmt: skip
    expected_on = forms.DateField(
        label=_("Expected on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    goods = GoodsField(
        label=_("Goods"),
        help_text=_(
            "One a line: article number, blank, quantity. You can paste two columns of a table."
        ),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class TransferForm(PaperForm):
    WAREHOUSES = ("source", "target")

    source = forms.TypedChoiceField(coerce=UUID, label=pgettext_lazy("warehouse", "From"))
    target = forms.TypedChoiceField(coerce=UUID, label=pgettext_lazy("warehouse", "To"))
    goods = GoodsField(
        label=_("Goods"),
        help_text=_(
            "One a line: article number, blank, quantity. You can paste two columns of a table."
        ),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)


class CountForm(PaperForm):
    warehouse = forms.TypedChoiceField(coerce=UUID, label=_("Which warehouse"))
    goods = forms.CharField(
        label=_("Which article numbers"),
        help_text=_("One a line. Empty: all that has stock there."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        required=False,
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def skus(self) -> list[str]:
        """The article numbers given."""
        lines = str(self.cleaned_data.get("goods", "")).splitlines()
        return [line.strip() for line in lines if line.strip()]
