"""Forms of identities: who one is, papers, the company's account, the amount that arrived."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certification.facade import IdentityKind, NumberKind, PaperKind

COMPANY_PAPERS = ("business_licence", "authorisation", "other")
PERSON_PAPERS = (
    "id_card_front", "id_card_back", "passport", "permit", "portrait", "other",
)  # fmt: skip


def _date() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Stated(forms.Form):
    """Who a company or a person is."""

    name = forms.CharField(max_length=200)
    number_kind = forms.ChoiceField(label=_("Kind of document"))
    number = forms.CharField(
        max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    representative = forms.CharField(label=_("Legal representative"), max_length=100)
    representative_number = forms.CharField(
        label=_("Resident identity number of the legal representative"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=_date(),
        help_text=_("As printed on the document; leave it empty if it has no end."),
    )

    def __init__(self, *args: Any, kind: IdentityKind, **more: Any) -> None:
        super().__init__(*args, **more)
        numbers: Any = self.fields["number_kind"]
        if kind == IdentityKind.COMPANY:
            self.fields["name"].label = _("Name as in the business licence")
            self.fields["number"].label = _("Unified social credit code")
            self.fields["number"].help_text = _("18 signs; the last one checks the others.")
            numbers.choices = [(NumberKind.CREDIT_CODE.value, NumberKind.CREDIT_CODE.label)]
            numbers.widget = forms.HiddenInput()
            numbers.initial = NumberKind.CREDIT_CODE.value
        else:
            self.fields["name"].label = _("Real name")
            self.fields["number"].label = _("Number of the document")
            numbers.choices = [
                (one.value, one.label) for one in NumberKind if one != NumberKind.CREDIT_CODE
            ]
            for name in ("representative", "representative_number"):
                del self.fields[name]


class Paper(forms.Form):
    """A paper to upload; the file itself is judged by the service."""

    kind = forms.ChoiceField(label=_("Kind of paper"))
    expires_on = forms.DateField(label=_("Expires on"), required=False, widget=_date())
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("PDF, JPEG or PNG, at most 10 MB"),
        widget=forms.FileInput(attrs={"accept": ".pdf,image/jpeg,image/png"}),
    )

    def __init__(self, *args: Any, of: IdentityKind, **more: Any) -> None:
        super().__init__(*args, **more)
        offered = COMPANY_PAPERS if of == IdentityKind.COMPANY else PERSON_PAPERS
        kinds: Any = self.fields["kind"]
        kinds.choices = [(one, PaperKind(one).label) for one in offered]


class Account(forms.Form):
    """The company's own account, for the small amount."""

    holder = forms.CharField(label=_("Name of the account"), max_length=200)
    bank = forms.CharField(label=_("Bank"), max_length=100)
    account = forms.CharField(
        label=_("Account number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


class Amount(forms.Form):
    """The amount that arrived."""

    amount = forms.CharField(
        label=_("Amount that arrived (CNY)"),
        max_length=12,
        help_text=_("As on the statement, such as 0.17. You have three tries."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
