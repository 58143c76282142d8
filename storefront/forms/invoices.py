"""Forms about invoices: a buyer's title, a merchant's tax data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.errors import DomainError
from payments import facade as payments
from storefront import words


class TitleForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Made out to"),
        choices=[
            ("company", _("A company or body")),
            ("person", pgettext_lazy("buyer", "A person")),
        ],
        widget=forms.RadioSelect,
        initial="company",
    )
    title = forms.CharField(label=_("Invoice title"), max_length=100)
    tax_number = forms.CharField(
        label=_("Tax number"),
        max_length=30,
        required=False,
        help_text=_("A company's unified social credit code, 18 characters."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    type = forms.ChoiceField(
        label=_("Kind of invoice"), choices=list(words.money.INVOICE_TYPES.items())
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, max_length=254, help_text=_("We send the link there.")
    )
    address = forms.CharField(label=_("Registered address"), max_length=120, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    bank = forms.CharField(label=_("Bank"), max_length=100, required=False)
    bank_account = forms.CharField(label=_("Account number"), max_length=40, required=False)
    note = forms.CharField(label=_("Note on the invoice"), max_length=200, required=False)
    keep = forms.BooleanField(label=_("Keep this title for my next invoices"), required=False)

    @property
    def main(self) -> list[forms.BoundField]:
        return [self[name] for name in ("kind", "title", "tax_number", "type", "email")]

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in ("address", "phone", "bank", "bank_account", "note")]

    def buyer(self) -> payments.InvoiceBuyer:
        names = ("kind", "title", "tax_number", "address", "phone", "bank", "bank_account", "email")
        return payments.InvoiceBuyer(**{name: self.cleaned_data[name] for name in names})


class ClassForm(forms.Form):
    """A tax class: code, short name, rate, treatment."""

    category = forms.CharField(
        label=_("Tax category"),
        max_length=19,
        help_text=_("The code of 19 digits, as the tax platform lists it."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    category_name = forms.CharField(
        label=_("Its short name"),
        max_length=20,
        help_text=_("As it stands between asterisks: 谷物"),
    )
    rate = forms.DecimalField(
        label=_("Rate in per cent"),
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    treatment = forms.ChoiceField(
        label=_("Treatment"), choices=list(words.money.TREATMENTS.items())
    )

    def tax_class(self) -> payments.TaxClass:
        data = self.cleaned_data
        return payments.TaxClass(
            data["category"], data["category_name"], data["rate"].normalize(), data["treatment"]
        )


class TaxForm(ClassForm):
    name = forms.CharField(label=_("Registered name"), max_length=100)
    tax_number = forms.CharField(
        label=_("Tax number"),
        max_length=30,
        help_text=_("A company's unified social credit code, 18 characters."),
    )
    taxpayer = forms.ChoiceField(label=_("Taxpayer"), choices=list(words.money.TAXPAYERS.items()))
    address = forms.CharField(label=_("Registered address"), max_length=120, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    bank = forms.CharField(label=_("Bank"), max_length=100, required=False)
    bank_account = forms.CharField(label=_("Account number"), max_length=40, required=False)
    drawer = forms.CharField(
        label=_("Who issues them"),
        max_length=40,
        required=False,
        help_text=_("Their name stands on each invoice."),
    )
    field_order = (
        "name", "tax_number", "taxpayer", "category", "category_name", "rate", "treatment",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].label = _("Usual tax category")
        self.fields["rate"].label = _("Usual rate in per cent")


def take(form: forms.Form, error: DomainError) -> None:
    """Put what the domain says is wrong beside the form's fields."""
    for one in error.problems:
        name = one.field.removeprefix("buyer.").removeprefix("default.")
        told = f"{one.problem} {one.remedy}".strip()
        form.add_error(name if name in form.fields else None, told)
    if not error.problems:
        form.add_error(None, f"{error.title} {error.remedy}".strip())


def of_profile(profile: payments.TaxProfile | None) -> dict[str, Any]:
    """The tax data as the form's first values."""
    if profile is None:
        return {"rate": 13, "taxpayer": "general"}
    names = ("name", "tax_number", "taxpayer", "address", "phone", "bank", "bank_account", "drawer")
    one = profile.default
    return {
        **{name: getattr(profile, name) for name in names},
        "category": one.category,
        "category_name": one.category_name,
        "rate": one.rate,
        "treatment": one.treatment,
    }
