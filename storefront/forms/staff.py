"""Forms of a staff: invite somebody, put somebody into a role, make a role."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platforms import facade as platforms

Choices = Iterable[tuple[str, Any]]


class Invite(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["role"].choices = list(roles)  # type: ignore[attr-defined]


class Place(forms.Form):
    """Which role somebody has from now on."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["role"].choices = list(roles)  # type: ignore[attr-defined]


class StaffRoleForm(forms.Form):
    """A role's name and what it includes; the page shows the permissions with their words."""

    name = forms.CharField(
        label=_("Name of the role"),
        max_length=60,
        help_text=_("As your people call it, such as Warehouse or Finance."),
    )
    permissions = forms.MultipleChoiceField(
        label=_("What it includes"), widget=forms.CheckboxSelectMultiple
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, desk: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["permissions"].choices = [  # type: ignore[attr-defined]
            (one.code, one.title) for one in platforms.of_desk(desk)
        ]
