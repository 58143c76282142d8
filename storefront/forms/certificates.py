"""Forms of certificates, seals and bulk signing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from storefront.forms.account import code_field

ALGORITHMS = {
    "p256": _("P-256: for PDF signatures"),
    "sm2": _("SM2: national algorithm, for seals"),
}
REASONS = {
    "unspecified": pgettext_lazy("revocation", "Not said"),
    "key_compromise": _("The key may be in wrong hands"),
    "affiliation_changed": _("Name or affiliation has changed"),
    "superseded": _("Replaced by another"),
    "cessation_of_operation": _("No longer needed"),
    "privilege_withdrawn": _("The right to use it has ended"),
}
SEAL_KINDS = {
    "company": _("Company seal"),
    "contract": _("Contract seal"),
    "finance": _("Finance seal"),
    "person": _("Name stamp"),
}


class Apply(forms.Form):
    """An application for a certificate. Names come from the verified identity."""

    profile = forms.ChoiceField(label=_("Kind of certificate"))
    algorithm = forms.ChoiceField(label=_("Algorithm"), choices=ALGORITHMS.items())
    csr = forms.CharField(
        label=_("Your own request (PKCS#10, PEM)"),
        required=False,
        max_length=10_000,
        help_text=_("If you keep the key yourself. Without one, a key is made and kept here."),
        widget=forms.Textarea(attrs={"rows": 5, "class": "mono", "spellcheck": "false"}),
    )
    csr_file = forms.FileField(
        label=_("or the request as a file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csr,.pem,.p10"}),
    )


class Renew(forms.Form):
    """Renewal, with a new request where the holder keeps the key."""

    csr = forms.CharField(
        label=_("Your own request (PKCS#10, PEM)"),
        required=False,
        max_length=10_000,
        help_text=_("If you keep the key yourself. Without one, a key is made and kept here."),
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
    )


class Kind(forms.Form):
    """What an operator may change of a kind of certificate."""

    zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    en = forms.CharField(label=_("Name in English"), max_length=60)
    days = forms.IntegerField(label=_("Days that it is valid, at most"), min_value=1)
    algorithms = forms.MultipleChoiceField(
        label=_("Kinds of keys"), widget=forms.CheckboxSelectMultiple
    )
    level = forms.ChoiceField(label=_("Identity its holder needs"))
    held_here = forms.BooleanField(
        label=_("Keys may be made and kept here"),
        required=False,
        help_text=_("Otherwise holders make their own key and send a request (PKCS#10). Only "
                    "with keys kept here can contracts be signed on these pages."),
    )  # fmt: skip

    def changes(self) -> dict[str, Any]:
        """The values as the facade takes them."""
        data = self.cleaned_data
        plain = {name: data[name] for name in ("days", "algorithms", "level", "held_here")}
        return {**plain, "names": {"en": data["en"], "zh-Hans": data["zh"]}}


class ApplySeal(forms.Form):
    """An application for a seal."""

    kind = forms.ChoiceField(label=_("Kind of seal"), choices=SEAL_KINDS.items())
    name = forms.CharField(
        label=_("Name on the seal"),
        max_length=60,
        help_text=_("As in the business licence; on a name stamp the person's name."),
    )
    certificate = forms.ChoiceField(label=_("SM2 certificate"))
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("A PNG of at most 200 kB; without one it is drawn."),
        widget=forms.FileInput(attrs={"accept": "image/png"}),
    )


class Lend(forms.Form):
    """Who may use a seal."""

    person = forms.ChoiceField(label=_("Who may use it"))
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Until you take it back, if you leave this empty."),
    )


class Consent(forms.Form):
    """Prior consent to automatic signing of a template's contracts."""

    template = forms.ChoiceField(label=_("Template"))
    party = forms.ChoiceField(label=_("You sign as"))
    certificate = forms.ChoiceField(label=_("Certificate"))
    until = forms.DateField(
        label=_("Valid until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    code = code_field()


class Bulk(forms.Form):
    """A list of contracts to sign."""

    consent = forms.ChoiceField(label=_("By which consent"))
    csv = forms.FileField(
        label=_("List (CSV)"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("UTF-8; a header of field names and ROLE.name columns; up to 10,000 lines."),
    )


def offer(form: forms.Form, **choices: Any) -> None:
    """Fill the choices of a form."""
    for name, found in choices.items():
        field: Any = form.fields[name]
        field.choices = found
