"""The form for what a platform asks of who wants to sell there."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from journeys import facade as journeys
from storefront.certified import LEVELS
from storefront.forms.picking import by_path

OPEN = [
    ("no", _("Nobody can apply; an operator takes merchants in")),
    ("yes", _("Whoever is signed in can apply")),
]
KINDS = [(str(one), one.label) for one in journeys.DocumentKind]


def _days(label: Any, help_text: Any, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=1, max_value=most)


class OnboardingRuleForm(forms.Form):
    """The service judges template and company; the rows of categories are a form of their own."""

    open = forms.ChoiceField(label=_("Applications"), choices=OPEN, widget=forms.RadioSelect)
    documents = forms.MultipleChoiceField(
        label=_("Papers of everybody"), choices=KINDS, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    level = forms.ChoiceField(
        label=_("Proof of the company's identity"),
        choices=[*(LEVELS | {"none": _("None is asked for")}).items()],
    )
    template = forms.ChoiceField(label=_("Merchant agreement"), required=False)
    party = forms.CharField(
        label=_("Who signs it for the platform"), required=False, max_length=60,
        help_text=_("The address (slug) of the platform's own company among its merchants."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=_("Days for signing the agreement"), required=False, min_value=1, max_value=90
    )
    answer_days = _days(
        _("Days for an answer"), _("A question that nobody answers closes the application."), 90
    )
    proof_days = _days(
        _("Days for the identity"), _("Not proven by then, the application is closed."), 180
    )
    remind_days = _days(
        _("Days before, for the reminder"), _("So long before a time runs out there is a letter."),
        30,
    )  # fmt: skip
    keep_days = _days(
        _("Days until erased"), _("So long what came to nothing is kept, then it is erased."), 1095
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, templates: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["template"]
        field.choices = [("", _("None is asked for")), *templates]

    def clean(self) -> dict[str, Any]:
        """Who asks for an agreement says who signs it, and within how many days."""
        given = super().clean() or {}
        if given.get("template"):
            for name in ("party", "days"):
                if name not in self.errors and not given.get(name):
                    self.add_error(name, _("Needed for the agreement."))
        return given


class CategoryPapersForm(forms.Form):
    """What sellers in one category show besides; an empty row says nothing."""

    category = forms.ChoiceField(label=_("Category"), required=False)
    documents = forms.MultipleChoiceField(
        label=_("Papers"), choices=KINDS, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, tree: Sequence[catalog.CategoryNode], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["category"]
        field.choices = [("", "—"), *by_path(tree)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("category") and not given.get("documents"):
            self.add_error("documents", _("Choose at least one paper."))
        if given.get("documents") and not given.get("category"):
            self.add_error("category", _("Choose the category."))
        return given


class _Rows(forms.BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        """A category stands in one row."""
        seen = set()
        for form in self.forms:
            chosen = form.cleaned_data.get("category")
            if chosen and chosen in seen:
                form.add_error("category", _("This category has a row already."))
            seen.add(chosen)


CategoryPapers = forms.formset_factory(CategoryPapersForm, formset=_Rows, extra=2, max_num=200)
