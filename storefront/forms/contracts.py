"""Forms of contracts: who the parties are, a template's typed fields, signing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification import facade as certification
from kernel.errors import FieldProblem, Invalid
from kernel.money import Money
from storefront import contracts as shown
from storefront import formats
from storefront.forms.account import code_field
from storefront.forms.goods import language_name
from storefront.templatetags.shop import said

SPARE_ROWS = 2
UNITS = ("TNE", "KGM", "C62", "LTR", "MTR", "SET", "HUR", "DAY", "MON", "ANN")


class Draft(forms.Form):
    """Who drafts, with whom, in which language; the fields come next."""

    role = forms.ChoiceField(label=gettext_lazy("Your side"))
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The template's title, if you leave it empty."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the contract"), choices=shown.LANGUAGES.items()
    )
    order = forms.ChoiceField(label=gettext_lazy("Signing"), choices=shown.ORDERS.items())
    ends_on = forms.DateField(
        label=gettext_lazy("Its term ends on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self,
        *args: Any,
        roles: Sequence[tuple[str, str]],
        titled: bool,
        locales: Sequence[str],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.roles = roles
        tongues = [(tag.lower(), language_name(tag)) for tag in locales]
        role: Any = self.fields["role"]
        role.choices = roles
        if not titled:
            self.fields["title"].required = True
            self.fields["title"].help_text = ""
        for name, _label in roles:
            self.fields[f"company_{name}"] = forms.CharField(
                label=_("Company on this platform"),
                required=False,
                max_length=120,
                widget=forms.TextInput(
                    attrs={
                        "autocomplete": "off",
                        "role": "combobox",
                        "aria-expanded": "false",
                        "aria-autocomplete": "list",
                        "aria-controls": f"companies_{name}",
                        "data-count": f"count_{name}",
                        "data-suggest": reverse("storefront:contract_companies"),
                    }
                ),
                help_text=_("Its name or a part of it, or its unified social credit code."),
            )
            self.fields[f"name_{name}"] = forms.CharField(
                label=_("or a name"), required=False, max_length=120
            )
            self.fields[f"email_{name}"] = forms.EmailField(
                label=_("and an e-mail address to invite"), required=False, max_length=254
            )
            self.fields[f"letters_{name}"] = forms.ChoiceField(
                label=_("Language of letters to this address"), required=False, choices=tongues
            )
            self.fields[f"detail_{name}"] = forms.CharField(
                label=_("Printed below the name"),
                required=False,
                max_length=300,
                help_text=_("An address or a code, if you wish."),
            )

    @property
    def basics(self) -> list[BoundField]:
        return [self[name] for name in ("role", "title", "language", "order", "ends_on")]

    @property
    def sides(self) -> list[tuple[str, str, list[BoundField]]]:
        """For each role: its name, its label, its fields."""
        parts = ("company", "name", "email", "letters", "detail")
        return [
            (name, label, [self[f"{part}_{name}"] for part in parts]) for name, label in self.roles
        ]


class Sign(forms.Form):
    """Signing: with what, and the code of this moment."""

    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    seal = forms.ChoiceField(
        label=gettext_lazy("Your mark on the page"), required=False, widget=forms.RadioSelect
    )
    certificate = forms.ChoiceField(label=gettext_lazy("Certificate"))
    code = code_field()


class Terminate(forms.Form):
    """An agreement to end a contract."""

    end_day = forms.DateField(
        label=gettext_lazy("Last day of the contract"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    settlement = forms.CharField(
        label=gettext_lazy("What is still to be settled, and how"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@dataclass(frozen=True)
class Entry:
    """One field of a template on the page: a control, one with its unit, or a table's lines."""

    bound: BoundField | None = None
    unit: BoundField | None = None
    label: str = ""
    help: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[Sequence["Entry"]] = ()
    errors: Sequence[str] = field(default_factory=tuple)


class Values(forms.Form):
    """A template's fields. What may stand in them is judged by the contract service, which names
    each field that isn't right; the form only shows and reads."""

    def __init__(
        self,
        definition: Mapping[str, Any],
        *,
        currency: str,
        values: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix="v")
        self.use_required_attribute = False
        self.definition, self.currency = definition, currency
        self.roles = [(one["role"], said(one["label"])) for one in definition.get("roles", [])]
        self.entries: list[Entry] = []
        self._tables: list[tuple[Mapping[str, Any], int]] = []
        for one in definition.get("fields", []):
            if one["type"] == "table":
                self._table(one, (values or {}).get(one["name"]) or [])
            else:
                self._add(one["name"], one, (values or {}).get(one["name"]))
        self._errors = ErrorDict()  # nothing is cleaned here
        self.cleaned_data: dict[str, Any] = {}
        self._lay_out()

    def read(self) -> tuple[dict[str, Any], list[FieldProblem]]:
        """What was typed as the contract's values, and amounts that can't be read."""
        problems: list[FieldProblem] = []
        found: dict[str, Any] = {}
        for one in self.definition.get("fields", []):
            if one["type"] != "table":
                value = self._typed(one["name"], one, f"values.{one['name']}", problems)
                if value is not None:
                    found[one["name"]] = value
        for one, count in self._tables:
            rows: list[dict[str, Any]] = []
            for place in range(count):
                row: dict[str, Any] = {}
                for column in one["columns"]:
                    key = f"{one['name']}-{place}-{column['name']}"
                    where = f"values.{one['name']}.{len(rows)}.{column['name']}"
                    value = self._typed(key, column, where, problems)
                    if value is not None:
                        row[column["name"]] = value
                if row:
                    rows.append(row)
            if rows:
                found[one["name"]] = rows
        return found, problems

    def put(self, problems: Iterable[Any]) -> None:
        """Show what is wrong beside the fields."""
        for problem in problems:
            name = problem.field.removeprefix("values.").replace(".", "-")
            text = f"{problem.problem} {problem.remedy or ''}".strip()
            if name in self.fields:
                self.add_error(name, text)
                continue
            inner = next((key for key in self.fields if key.startswith(f"{name}-0-")), None)
            self.add_error(inner, text)
        self.entries = []
        self._lay_out()

    def _typed(
        self, key: str, one: Mapping[str, Any], where: str, problems: list[FieldProblem]
    ) -> Any:
        text = str(self.data.get(self.add_prefix(key), "") or "").strip()
        if not text:
            return None
        if one["type"] in ("number", "quantity", "money"):
            text = text.replace(",", "").replace("，", "").replace("．", ".")
        if one["type"] == "money":
            try:
                found = Money.parse(text, one.get("currency") or self.currency)
            except Invalid as error:
                problems.append(FieldProblem(where, str(error.detail), str(error.remedy)))
                return None
            return {"amount": found.amount, "currency": found.currency}
        if one["type"] == "quantity":
            unit = str(self.data.get(self.add_prefix(f"{key}-unit"), ""))
            return {"value": text, "unit": unit or self._units(one)[0]}
        return text

    def _table(self, one: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
        count = len(rows) + SPARE_ROWS
        if self.is_bound:
            first = one["columns"][0]["name"]
            count = 0
            while self.add_prefix(f"{one['name']}-{count}-{first}") in self.data and count < 200:
                count += 1
        count = max(1, min(count, int(one.get("max_rows", 50))))
        self._tables.append((one, count))
        for place in range(count):
            row = rows[place] if place < len(rows) else {}
            for column in one["columns"]:
                key = f"{one['name']}-{place}-{column['name']}"
                self._add(key, column, row.get(column["name"]))

    def _add(self, key: str, one: Mapping[str, Any], value: Any) -> None:
        kind = one["type"]
        common: dict[str, Any] = {
            "label": said(one["label"]),
            "help_text": said(one.get("help")),
            "required": bool(one.get("required")),
            "initial": value,
        }
        if kind == "long_text":
            made: forms.Field = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **common)
        elif kind == "date":
            made = forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **common)
        elif kind in ("choice", "party"):
            offered = self.roles if kind == "party" else [
                (c["value"], said(c["label"])) for c in one["choices"]
            ]  # fmt: skip
            made = forms.ChoiceField(choices=[("", "—"), *offered], **common)
        else:
            if kind == "money":
                common["label"] += f" ({one.get('currency') or self.currency})"
                common["initial"] = _amount(value)
            if kind == "quantity":
                common["initial"] = value.get("value") if value else None
            mode = {} if kind == "text" else {"inputmode": "decimal"}
            made = forms.CharField(widget=forms.TextInput(attrs=mode), **common)
        self.fields[key] = made
        if kind == "quantity":
            units = [(code, formats.unit_name(code)) for code in self._units(one)]
            self.fields[f"{key}-unit"] = forms.ChoiceField(
                label=_("Unit of %(what)s") % {"what": said(one["label"])},
                choices=units,
                initial=value.get("unit") if value else None,
            )

    def _units(self, one: Mapping[str, Any]) -> Sequence[str]:
        return one.get("units") or UNITS

    def _lay_out(self) -> None:
        counts = {one["name"]: count for one, count in self._tables}
        for one in self.definition.get("fields", []):
            if one["type"] != "table":
                self.entries.append(self._entry(one["name"]))
                continue
            rows = [
                [self._entry(f"{one['name']}-{place}-{c['name']}") for c in one["columns"]]
                for place in range(counts[one["name"]])
            ]
            heads = [said(column["label"]) for column in one["columns"]]
            self.entries.append(
                Entry(label=said(one["label"]), help=said(one.get("help")), heads=heads, rows=rows)
            )

    def _entry(self, key: str) -> Entry:
        unit = f"{key}-unit"
        return Entry(bound=self[key], unit=self[unit] if unit in self.fields else None)


def _amount(value: Mapping[str, Any] | None) -> str | None:
    return format(Money(value["amount"], value["currency"]).major, "f") if value else None


def roles_of(template: certification.TemplateInfo | None) -> list[tuple[str, str]]:
    """The roles of a template with their names; two plain ones without a template."""
    if template is None:
        return [("first", _("First party")), ("second", _("Second party"))]
    return [(one["role"], said(one["label"])) for one in template.definition["roles"]]
