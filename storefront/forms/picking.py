"""Fields in which goods, shops and categories are chosen instead of written by id."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel.errors import NotFound
from storefront import picking
from storefront.forms.fields import Lines
from storefront.forms.goods import branches

MISSING = {
    "product": _("There is no such product: %(line)s"),
    "variant": _("There is no such article: %(line)s"),
    "merchant": _("There is no such shop: %(line)s"),
}


class Picked(Lines):
    """Several of a kind, one a line; with JavaScript a search box with what was chosen below.
    Gives their ids, in order, each once."""

    def __init__(self, *, kind: str, **more: Any) -> None:
        super().__init__(**more)
        self.kind = kind
        self.merchant_id: UUID | None = None

    def stand(self, merchant_id: UUID | None, *, ordered: bool = True) -> None:
        """At whose desk: the merchant's own goods, or at the operator's everybody's."""
        self.merchant_id = merchant_id
        desk = "merchant" if merchant_id else "operator"
        self.widget.attrs |= {
            "data-pick": reverse(f"storefront:{desk}_pick"),
            "data-kind": self.kind,
            "data-add": gettext("Search by name or number and add"),
            "data-out": gettext("Take out: %s"),
            "data-up": gettext("Further up: %s") if ordered else "",
            "data-some": gettext("%s suggestions"),
            "data-none": gettext("No suggestions"),
        }

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            known = [one for one in value if isinstance(one, UUID)]
            value = picking.lines(self.kind, known) if known else list(value)
        return super().prepare_value(value)

    def clean(self, value: Any) -> Any:
        if self.disabled:
            return tuple(value or ())
        found: dict[UUID, None] = {}
        for line in super().clean(value):
            try:
                found[picking.read(self.kind, line, merchant_id=self.merchant_id)] = None
            except NotFound:
                told = str(MISSING[self.kind]) % {"line": line[:80]}
                raise forms.ValidationError(told) from None
        return tuple(found)


class Branches(forms.MultipleChoiceField):
    """Categories of the platform's tree, each with a box before it; by id, or by path."""

    widget = forms.CheckboxSelectMultiple

    def grow(self, tree: Sequence[catalog.CategoryNode], *, paths: bool = False) -> None:
        self.choices = by_path(tree) if paths else branches(tree)

    def clean(self, value: Any) -> Any:
        return tuple(value or ()) if self.disabled else tuple(super().clean(value))


def by_path(tree: Sequence[catalog.CategoryNode]) -> list[tuple[str, str]]:
    """The tree as choices by path, indented by depth."""
    return [(one.path, "　" * one.depth + one.name) for one in catalog.every_category(tree)]


def paths_of(tree: Sequence[catalog.CategoryNode], codes: Iterable[str]) -> list[str]:
    """The paths of categories that a rule names by path or slug; those that are gone left out."""
    known = {
        code: one.path for one in catalog.every_category(tree) for code in (one.slug, one.path)
    }
    return [known[code] for code in codes if code in known]
