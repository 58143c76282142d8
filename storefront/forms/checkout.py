"""The checkout's form: who receives it, and where."""

from typing import Any

from django import forms
from django.urls import get_script_prefix
from django.utils.translation import gettext_lazy as _

from logistics import facade as logistics
from marketplace import facade as marketplace

# token, what it stands for, the card's number as people know it
TEST_METHODS = [
    ("pm_card_visa", _("Test card: accepted"), "4242 4242 4242 4242"),
    (
        "pm_card_authenticationRequired",
        _("Test card: the bank asks you to confirm"),
        "4000 0027 6000 3184",
    ),
    ("pm_card_visa_chargeDeclined", _("Test card: declined"), "4000 0000 0000 0002"),
    (
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        _("Test card: not enough money"),
        "4000 0000 0000 9995",
    ),
    ("offline_test", _("Offline test payment, paid at once"), ""),
]


class CheckoutForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the receiver"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.RegexField(
        r"^[0-9+() \-]{5,24}$",
        label=_("Telephone"),
        help_text=_("The carrier calls this number on delivery."),
        error_messages={"invalid": _("A telephone number has 5 to 15 digits.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("For the confirmation and the link to your order."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    region = forms.ChoiceField(
        label=_("Province"), widget=forms.Select(attrs={"autocomplete": "address-level1"})
    )
    city = forms.CharField(
        label=_("City"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2", "data-area": "city"}),
    )
    district = forms.CharField(
        label=_("District"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level3", "data-area": "district"}),
    )
    line1 = forms.CharField(
        label=_("Street and number"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )
    note = forms.CharField(
        label=_("Note to the merchants"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language
        regions = [(code, logistics.region_name(code, language)) for code in logistics.REGIONS]
        self.fields["region"].choices = [("", "—"), *regions]  # type: ignore[attr-defined]
        # Choosing a province asks for its ways of delivery at once (see checkout.html).
        self.fields["region"].widget.attrs.update(
            {"hx-post": "", "hx-trigger": "change", "hx-vals": '{"do": "update"}',
             "hx-target": "#checkout", "hx-select": "#checkout", "hx-swap": "outerHTML",
             "data-areas": get_script_prefix() + "api/v1/shipping/regions"}
        )  # fmt: skip

    def clean_city(self) -> str:
        """Refused where it lies in another province: the parcel would be charged for the wrong
        zone."""
        city: str = self.cleaned_data["city"]
        here = self.cleaned_data.get("region")
        other = logistics.province_of(city, here=here) if here else None
        if other:
            raise forms.ValidationError(
                _("%(city)s lies in %(province)s: choose that province, or correct the city.")
                % {"city": city, "province": logistics.region_name(other, self.language)}
            )
        return city

    def contact(self) -> marketplace.Contact:
        """Who receives the parcels."""
        data = self.cleaned_data
        return marketplace.Contact(name=data["name"], phone=data["phone"], email=data["email"])

    def address(self) -> logistics.Address:
        """Where they go."""
        data = self.cleaned_data
        return logistics.Address(
            name=data["name"],
            phone=data["phone"],
            region=data["region"],
            city=data["city"],
            line1=data["line1"],
            district=data["district"],
            postcode=data["postcode"],
        )
