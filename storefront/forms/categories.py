"""The operator's form of a category of the platform's tree."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from storefront.forms.goods import branches
from storefront.forms.texts import TextsForm


class CategoryForm(TextsForm):
    """A category's names, its part of the address, and below which it stands."""

    def __init__(
        self,
        *args: Any,
        tree: tuple[catalog.CategoryNode, ...],
        own: catalog.CategoryInfo | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.add_texts("name", _("Name"), longest=200, needed=True)
        self.fields["parent"] = forms.ChoiceField(
            label=_("Below"), choices=[("", "—"), *branches(_without(tree, own))], required=False
        )
        self.fields["slug"] = forms.SlugField(
            label=_("Part of the address"),
            max_length=80,
            required=own is not None,
            help_text=_("a-z, 0-9 and hyphens.")
            if own
            else _("a-z, 0-9 and hyphens; empty: made of the name."),
        )


def _without(
    tree: tuple[catalog.CategoryNode, ...], own: catalog.CategoryInfo | None
) -> list[catalog.CategoryNode]:
    """The tree without one's own branch: nothing stands below itself."""
    return [
        catalog.CategoryNode(
            one.id, one.slug, one.path, one.depth, one.name, tuple(_without(one.children, own))
        )
        for one in tree
        if own is None or one.id != own.id
    ]
