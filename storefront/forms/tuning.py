"""Forms of search tuning."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id
from storefront.forms.fields import Lines, Moment
from storefront.forms.picking import Picked

KINDS = [("pin", _("Pin to the top")), ("bury", _("Move down")), ("boost", _("Lift"))]
MATCHES = [
    ("exact", _("The search is exactly this")),
    ("contains", _("The search contains this")),
    ("any", _("Any search")),
]
LANGUAGES = [("zh", _("Chinese")), ("en", _("English")), ("*", _("Both"))]


class Rule(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("What it does"), choices=KINDS)
    match = forms.ChoiceField(label=_("When"), choices=MATCHES)
    queries = Lines(label=_("Searches"), required=False, help_text=_("One a line."))
    category_path = forms.ChoiceField(label=_("Only in the category"), required=False)
    product_ids = Picked(
        label=_("Products to pin or to move down"), required=False, kind="product",
        help_text=_("Their addresses, one a line, in order."),
    )  # fmt: skip
    field = forms.ChoiceField(label=_("Or products whose"), required=False)
    values = Lines(
        label=_("is one of"), required=False,
        help_text=_("For lifting or moving down: values, one a line."),
    )  # fmt: skip
    points = forms.DecimalField(
        label=_("Points"), required=False, initial=20, max_value=1000, min_value=0,
        help_text=_("A word in the title is worth some 5 to 30, all words of a search 100."),
    )  # fmt: skip
    starts_at = Moment(label=_("From"), required=False)
    ends_at = Moment(label=_("Until"), required=False)

    def __init__(self, *args: Any, categories: Any = (), fields: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_path"].choices = [("", _("Every category")), *categories]  # type: ignore[attr-defined]
        self.fields["field"].choices = [("", "—"), *fields]  # type: ignore[attr-defined]
        goods: Any = self.fields["product_ids"]
        goods.stand(None)

    def rule(self) -> dict[str, Any]:
        """The values as the facade takes them."""
        plain = ("name", "kind", "match", "queries", "category_path", "starts_at", "ends_at")
        found = {key: self.cleaned_data[key] for key in plain}
        found["product_ids"] = [public_id("prd", one) for one in self.cleaned_data["product_ids"]]
        field, values = self.cleaned_data["field"], self.cleaned_data["values"]
        found["condition"] = {field: values} if field and values else {}
        found["points"] = self.cleaned_data["points"] or 0
        return found


class Synonym(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    source = forms.CharField(
        label=_("Whoever types"), max_length=60, required=False,
        help_text=_("Leave it empty if the words all mean the same."),
    )  # fmt: skip
    terms = Lines(label=_("also means"), help_text=_("One a line."))


class Redirect(forms.Form):
    match = forms.ChoiceField(label=_("When"), choices=MATCHES[:2])
    queries = Lines(label=_("Searches"), help_text=_("One a line."))
    target = forms.CharField(
        label=_("Leads to"), max_length=500,
        help_text=_("A path of this platform, such as /categories/corn/."),
    )  # fmt: skip
    starts_at = Moment(label=_("From"), required=False)
    ends_at = Moment(label=_("Until"), required=False)
