"""Forms of search tuning."""

from datetime import MAXYEAR
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from kernel.errors import NotFound
from kernel.ids import parse_public_id

KINDS = [("pin", _("Pin to the top")), ("bury", _("Move down")), ("boost", _("Lift"))]
MATCHES = [
    ("exact", _("The search is exactly this")),
    ("contains", _("The search contains this")),
    ("any", _("Any search")),
]
LANGUAGES = [("zh", _("Chinese")), ("en", _("English")), ("*", _("Both"))]


class Lines(forms.CharField):
    """Several texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list | tuple) else str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        for line in value:  # the service judges what a line says; this no database can hold
            ProhibitNullCharactersValidator()(line)


class Moment(forms.DateTimeField):
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if found is not None and not 1 < found.year < MAXYEAR:  # no other zone could show it
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class Rule(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("What it does"), choices=KINDS)
    match = forms.ChoiceField(label=_("When"), choices=MATCHES)
    queries = Lines(label=_("Searches"), required=False, help_text=_("One a line."))
    category_path = forms.ChoiceField(label=_("Only in the category"), required=False)
    product_ids = Lines(
        label=_("Products"), required=False,
        help_text=_("For pinning or moving down: their ids or addresses, one a line, in order."),
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

    def rule(self) -> dict[str, Any]:
        """The values as the facade takes them."""
        plain = ("name", "kind", "match", "queries", "category_path", "starts_at", "ends_at")
        found = {key: self.cleaned_data[key] for key in plain}
        found["product_ids"] = [_product(one) for one in self.cleaned_data["product_ids"]]
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


def _product(text: str) -> str:
    """The id in a line that may be a whole address."""
    last = text.rstrip("/").rpartition("/")[2]
    try:
        parse_public_id("prd", last)
    except NotFound:
        return _by_slug(last) or last
    return last


def _by_slug(slug: str) -> str | None:
    from catalog import facade as catalog
    from kernel.ids import public_id

    try:
        return public_id("prd", catalog.product_page(slug_or_id=slug).id)
    except NotFound:
        return None
