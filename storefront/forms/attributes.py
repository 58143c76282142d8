"""Forms of attributes: the operator's, and their values on a product."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel.units import UNITS
from platforms import facade as platforms
from storefront.forms.goods import language_name

PREFIX = "attribute_"


class AttributeForm(forms.Form):
    """One attribute. Allowed values stand a line each: ``code: name | name``, by language."""

    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("a-z, 0-9, _; it stays."))
    kind = forms.ChoiceField(label=_("Kind"), choices=catalog.AttributeKind.choices)
    unit = forms.ChoiceField(label=_("Unit of a number"), required=False)
    values = forms.CharField(
        label=_("Allowed values of a choice"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("A line each: code: name in the first language | name in the second."),
    )
    facet = forms.BooleanField(label=_("Buyers filter by it"), required=False)

    def __init__(self, *args: Any, locales: Sequence[str], fixed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locales = tuple(locales)
        for place, tag in enumerate(self.locales):
            self.fields[f"name_{place}"] = forms.CharField(
                label=_("Name (%(language)s)") % {"language": language_name(tag)},
                max_length=200,
                required=place == 0,
            )
        units = [(code, code) for code in UNITS]
        self.fields["unit"].choices = [("", "—"), ("P1", "%"), *units]  # type: ignore[attr-defined]
        names = [f"name_{place}" for place in range(len(self.locales))]
        self.order_fields(["code", "kind", *names, "unit", "values", "facet"])
        if fixed:
            del self.fields["code"], self.fields["kind"]

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        names = {tag: data[f"name_{place}"] for place, tag in enumerate(self.locales)}
        return {
            "names": {tag: text for tag, text in names.items() if text},
            "unit": data["unit"],
            "values": [self._value(line) for line in data["values"].splitlines() if line.strip()],
            "facet": data["facet"],
        }

    def _value(self, line: str) -> dict[str, Any]:
        code, _colon, names = line.partition(":")
        texts = [text.strip() for text in names.split("|")]
        found = {tag: text for tag, text in zip(self.locales, texts, strict=False) if text}
        return {"code": code.strip(), "names": found}


def initial_of(info: catalog.AttributeInfo, locales: Sequence[str]) -> dict[str, Any]:
    """The form's values of an attribute."""
    lines = [
        f"{one['code']}: " + " | ".join(one["names"].get(tag, "") for tag in locales)
        for one in info.values
    ]
    found: dict[str, Any] = {"unit": info.unit, "facet": info.facet, "values": "\n".join(lines)}
    return found | {f"name_{n}": info.names.get(tag, "") for n, tag in enumerate(locales)}


def value_fields(entries: Iterable[catalog.SetEntry], language: str) -> dict[str, forms.Field]:
    """A field for each attribute of a product's category."""
    return {
        f"{PREFIX}{entry.attribute.code}": _field(entry.attribute, language, entry.required)
        for entry in entries
    }


def _field(info: catalog.AttributeInfo, language: str, required: bool) -> forms.Field:
    name = platforms.in_language(info.names, language) or info.code
    unit = UNITS[info.unit].symbol if info.unit in UNITS else info.unit.replace("P1", "%")
    label = f"{name} ({unit})" if unit else name
    more: dict[str, Any] = {
        "label": label,
        "required": False,  # a draft may lack it
        "help_text": _("Required to publish.") if required else "",
    }
    choices = [
        (one["code"], platforms.in_language(one["names"], language) or one["code"])
        for one in info.values
    ]
    match info.kind:
        case "choice":
            return forms.ChoiceField(choices=[("", "—"), *choices], **more)
        case "choices":
            return forms.MultipleChoiceField(
                choices=choices, widget=forms.CheckboxSelectMultiple, **more
            )
        case "boolean":
            answers = [("", "—"), ("true", _("yes")), ("false", _("no"))]
            return forms.ChoiceField(choices=answers, **more)
        case "date":
            return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **more)
        case "number":
            return forms.CharField(
                max_length=24, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **more
            )
    return forms.CharField(max_length=200, **more)


def values_initial(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields' values of a product."""
    return {
        f"{PREFIX}{code}": str(value).lower() if isinstance(value, bool) else value
        for code, value in values.items()
    }


def values_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The product's values out of a form."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in data.items()
        if name.startswith(PREFIX) and value not in ("", [], None)
    }


class BrandForm(forms.Form):
    """A brand's names in every language; its code when it is new."""

    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("a-z, 0-9, -; it stays."))

    def __init__(self, *args: Any, locales: Sequence[str], fixed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locales = tuple(locales)
        for place, tag in enumerate(self.locales):
            self.fields[f"name_{place}"] = forms.CharField(
                label=_("Name (%(language)s)") % {"language": language_name(tag)},
                max_length=200,
                required=place == 0,
            )
        if fixed:
            del self.fields["code"]

    def names(self) -> dict[str, str]:
        """The names given, by language."""
        found = {tag: self.cleaned_data[f"name_{n}"] for n, tag in enumerate(self.locales)}
        return {tag: text for tag, text in found.items() if text}
