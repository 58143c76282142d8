"""Forms of signing in and up."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def code_field(*, required: bool = True) -> forms.CharField:
    """A code of the second factor; a page with ``{% passkey_proof %}`` offers a passkey instead."""
    return forms.CharField(
        label=pgettext_lazy("confirming", "Code"),
        help_text=_("Six digits from your authenticator app, or a recovery code."),
        max_length=40,
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )


class SignIn(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        # Browsers that can offer the passkeys they have for this host in the field's list.
        widget=forms.EmailInput(
            attrs={"autocomplete": "username webauthn", "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class SignUp(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters; a short sentence is good."),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class Code(forms.Form):
    code = code_field()


class AskReset(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )


class NewPassword(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 10 characters; a short sentence is good."),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class Accept(NewPassword):
    """A new person who accepts an invitation."""

    name = forms.CharField(
        label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "password")


class ChangePassword(forms.Form):
    current = forms.CharField(
        label=_("Password of now"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        help_text=_("At least 10 characters; a short sentence is good."),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ConfirmSelf(forms.Form):
    """That it is really the person who asks."""

    password = forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = code_field(required=False)

    def __init__(self, *args: Any, with_code: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_code:
            del self.fields["code"]


class NamePasskey(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("So that you know it again: the device, or where it is kept."),
    )


class AddPasskey(ConfirmSelf, NamePasskey):
    field_order = ("name", "password", "code")


class ChangeEmail(ConfirmSelf):
    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
    )
    field_order = ("email", "password", "code")
