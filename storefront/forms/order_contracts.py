"""The form for which orders need a signed contract."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from storefront.forms.picking import Branches

ASKED = [
    ("no", _("No order needs a contract")),
    ("yes", _("Orders that fit the following need one")),
]


class ContractRuleForm(forms.Form):
    """The service judges template, categories and days; amounts are read by the view."""

    asked = forms.ChoiceField(label=_("Contracts for orders"), choices=ASKED,
                              widget=forms.RadioSelect)  # fmt: skip
    over = forms.CharField(
        label=_("From this amount of an order"), max_length=20,
        help_text=_("With delivery, in the platform's currency. 0: every order."),
    )  # fmt: skip
    categories = Branches(
        label=_("Only with goods of these categories"), required=False,
        help_text=_("What is within them counts too. None chosen: all goods."),
    )  # fmt: skip
    template = forms.ChoiceField(label=_("Template of the contract"))
    days = forms.IntegerField(
        label=_("Days for signing"), min_value=1, max_value=90,
        help_text=_("1 to 90 after payment. Not signed by then, the order is cancelled and the "
                    "money goes back."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, templates: list[tuple[str, str]],
        tree: Sequence[catalog.CategoryNode], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        categories: Any = self.fields["categories"]
        categories.grow(tree, paths=True)
        field: Any = self.fields["template"]
        field.choices = templates
        if self.data.get("asked") == "no":
            for name in ("over", "template", "days"):
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """What isn't asked for isn't judged."""
        if self.data.get("asked") == "no":
            for name in ("over", "template", "days", "categories"):
                self.errors.pop(name, None)
        return super().clean() or {}
