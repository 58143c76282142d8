"""Forms of a merchant's shop: how it presents itself, and its own categories."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel.ids import public_id
from platforms import facade as platforms
from storefront.forms.fields import Moment
from storefront.forms.texts import TextsForm


class Picture(forms.FileField):
    """A picture to upload; the catalogue looks at what is in it."""

    widget = forms.FileInput(attrs={"accept": "image/*"})


class ShopForm(TextsForm):
    """Texts and pictures of the shop's page."""

    def __init__(self, *args: Any, shop: catalog.ShopInfo, **more: Any) -> None:
        super().__init__(*args, **more)
        hint = _("Shown on top of your shop, for example when you are open.")
        self.add_texts("about", _("About the shop"), longest=1000, rows=4)
        self.add_texts("notice", _("Notice"), longest=300, hint=hint)
        kinds = _("JPEG, PNG or WebP, at most 10 MB")
        self.fields["logo"] = Picture(label=_("Logo"), required=False, help_text=kinds)
        if shop.logo:
            self.fields["no_logo"] = forms.BooleanField(
                label=_("Take the logo away"), required=False
            )
        self.fields["banner"] = Picture(
            label=_("Wide picture"), required=False,
            help_text=_("At least 1,600 wide and four times as wide as high looks best."),
        )  # fmt: skip
        self.add_texts("alt", _("What the wide picture shows"), longest=200)
        if shop.banner:
            self.fields["no_banner"] = forms.BooleanField(
                label=_("Take the wide picture away"), required=False
            )


class VacationForm(TextsForm):
    """When the shop is on holiday, and what buyers read meanwhile."""

    starts_at = Moment(label=_("From"), required=False, help_text=_("Empty: from now on."))
    ends_at = Moment(label=_("Until"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.add_texts("message", _("Message to buyers"), longest=300, rows=2)


class ShopCategoryForm(TextsForm):
    """A category's names, and below which it stands."""

    def __init__(
        self,
        *args: Any,
        tree: tuple[catalog.ShopCategoryInfo, ...],
        own: catalog.ShopCategoryInfo | None = None,
        language: str,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.add_texts("name", _("Name"), longest=60, needed=True)
        above = [one for one in tree if own is None or one.id != own.id]
        choices = [
            (public_id("shc", one.id), platforms.in_language(one.names, language)) for one in above
        ]
        self.fields["parent"] = forms.ChoiceField(
            label=_("Below"), choices=[("", "—"), *choices], required=False
        )
        if own is not None and own.children:
            del self.fields["parent"]  # what has others below it stands at the top
