"""Forms of becoming a merchant: what an applicant fills in, the tariff of a new shop."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from journeys import facade as journeys
from kernel.errors import DomainError
from storefront.forms.goods import branches
from storefront.forms.texts import TextsForm, texts_initial

FIXED = ("company", "credit_code", "representative")
PLAIN = (*FIXED, "contact_name", "contact_phone", "contact_email")


class ApplicationForm(TextsForm):
    """An application with its papers: a field for each that is needed. What may be missing is the
    service's to say, so a draft is never refused for being incomplete."""

    company = forms.CharField(
        label=_("Name as in the business licence"), max_length=200, required=False
    )
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        help_text=_("18 signs; the last one checks the others."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    representative = forms.CharField(
        label=_("Legal representative"), max_length=100, required=False
    )
    contact_name = forms.CharField(
        label=_("Who to ask for"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact_phone = forms.CharField(
        label=_("Telephone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    contact_email = forms.EmailField(
        label=_("E-mail"),
        max_length=200,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    categories = forms.MultipleChoiceField(
        label=_("What you want to sell"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        locales: Sequence[str],
        tree: Sequence[catalog.CategoryNode],
        papers: Iterable[str],
        fixed: bool,
        **more: Any,
    ) -> None:
        """``papers`` are the kinds that have a field; ``fixed``: the company can't be changed."""
        super().__init__(*args, locales=locales, **more)
        chosen: Any = self.fields["categories"]
        chosen.choices = branches(tree)
        self.add_texts("names", _("Name of the shop"), longest=100)
        names = [name for name in self.fields if name.startswith("names_")]
        for name in names:
            self.fields[name].required = False
        self.papers = {f"documents_{kind}": kind for kind in papers}
        for name, kind in self.papers.items():
            self.fields[name] = forms.FileField(
                label=journeys.DocumentKind(kind).label,
                required=False,
                widget=forms.FileInput(attrs={"accept": ".pdf,image/jpeg,image/png"}),
            )
        if fixed:
            for name in FIXED:
                self.fields[name].disabled = True
        self.order_fields([*FIXED, *names, "categories", "contact_name", "contact_phone",
                           "contact_email", *self.papers])  # fmt: skip

    def mark_needed(self) -> None:
        """For the page: only what is never asked for is called optional. A draft may lack all."""
        first = {f"names_{n}" for n in range(1, len(self.locales))} | {"documents_other"}
        for name in set(self.fields) - first:
            self.fields[name].required = True

    def given(self) -> journeys.ApplicationFields:
        """What was filled in."""
        values = {name: self.cleaned_data.get(name, "") for name in PLAIN}
        chosen = tuple(UUID(one) for one in self.cleaned_data.get("categories", ()))
        return journeys.ApplicationFields(**values, names=self.texts("names"), categories=chosen)

    def take(self, error: DomainError) -> None:
        """Put what the service says is wrong beside the fields."""
        placed = False
        for one in error.problems:
            first, _dot, rest = one.field.partition(".")
            name = first
            if first == "names" and rest in self.locales:
                name = f"names_{self.locales.index(rest)}"
            elif first == "documents":
                name = f"documents_{rest}"
            if name in self.fields:
                self.add_error(name, str(one.problem))
                placed = True
        if not placed:
            self.add_error(None, f"{error.title} {error.remedy}".strip())


def initial(info: journeys.ApplicationInfo | None, locales: Sequence[str]) -> dict[str, Any]:
    """The fields' values of an application."""
    if info is None:
        return {}
    held: Mapping[str, Any] = {name: getattr(info.fields, name) for name in PLAIN}
    names = texts_initial(locales, names=info.fields.names)
    return {**held, **names, "categories": [str(one) for one in info.fields.categories]}
