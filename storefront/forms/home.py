"""The form of a block of the first page, by its kind."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from storefront.forms.fields import Moment
from storefront.forms.goods import branches, language_name
from storefront.forms.picking import Picked
from storefront.forms.shops import Picture
from storefront.forms.texts import TextsForm, texts_initial

Kind = catalog.BlockKind


class BlockForm(TextsForm):
    """What a block says; only the fields of its kind."""

    def __init__(
        self, *args: Any, kind: catalog.BlockKind, tree: tuple[catalog.CategoryNode, ...],
        info: catalog.BlockInfo | None = None, **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **more)
        self.kind, self.info = kind, info
        self.add_texts("title", _("Title"), longest=200, needed=kind == Kind.PRODUCTS)
        match kind:
            case Kind.BANNER:
                self._banner()
            case Kind.TEXT:
                self.add_texts("text", _("Text"), longest=5000, rows=6, needed=True)
                self.fields["link"] = self._link()
            case Kind.PRODUCTS:
                self._products(tree)
            case Kind.CATEGORIES:
                self.fields["categories"] = forms.MultipleChoiceField(
                    label=_("Categories"), choices=branches(tree),
                    widget=forms.CheckboxSelectMultiple,
                )  # fmt: skip
            case Kind.SHOPS:
                self._shops()
        self.fields["starts_at"] = Moment(
            label=_("From"), required=False, help_text=_("Empty: as soon as it is published.")
        )
        self.fields["ends_at"] = Moment(
            label=_("Until"), required=False, help_text=_("Empty: until it is taken off.")
        )
        self.fields["languages"] = forms.MultipleChoiceField(
            label=_("Only in"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(tag, language_name(tag)) for tag in self.locales],
            help_text=_("None chosen: in every language."),
        )  # fmt: skip

    def _link(self) -> forms.CharField:
        return forms.CharField(
            label=_("Leads to"), required=False, max_length=300,
            help_text=_("A page of this platform, such as /categories/tea/."),
        )  # fmt: skip

    def _banner(self) -> None:
        there = self.info is not None and self.info.picture is not None
        self.fields["picture"] = Picture(
            label=_("Picture"), required=not there,
            help_text=_("JPEG, PNG or WebP, at most 10 MB"),
        )  # fmt: skip
        self.add_texts("alt", _("What the picture shows"), longest=200, needed=True)
        self.fields["link"] = self._link()

    def _products(self, tree: tuple[catalog.CategoryNode, ...]) -> None:
        self.fields["source"] = forms.ChoiceField(
            label=_("Which products"), choices=catalog.ProductSource.choices
        )
        self.fields["category"] = forms.ChoiceField(
            label=_("Category"), required=False, choices=[("", "—"), *branches(tree)]
        )
        self.fields["products"] = self._picked(
            "product", _("Products"), _("If chosen by hand: their addresses, one a line, in order.")
        )
        self.fields["count"] = forms.IntegerField(
            label=_("How many at most"), min_value=1, max_value=24, initial=8
        )

    def _shops(self) -> None:
        self.fields["merchants"] = self._picked(
            "merchant", _("Shops"), _("Their addresses, one a line, in order. Empty: the newest.")
        )
        self.fields["count"] = forms.IntegerField(
            label=_("How many at most"), min_value=1, max_value=24, initial=8
        )

    def _picked(self, kind: str, label: Any, help_text: Any) -> Picked:
        field = Picked(kind=kind, label=label, help_text=help_text, required=False)
        field.stand(None)
        return field

    def content(self, picture_id: UUID | None) -> catalog.BlockContent:
        """What was written."""
        data = self.cleaned_data
        category = data.get("category")
        return catalog.BlockContent(
            titles=self.texts("title"),
            texts=self.texts("text") if self.kind == Kind.TEXT else {},
            alts=self.texts("alt") if self.kind == Kind.BANNER else {},
            link=data.get("link", "").strip(),
            source=catalog.ProductSource(data.get("source") or "newest"),
            category_id=UUID(category) if category else None,
            product_ids=data.get("products", ()),
            category_ids=tuple(UUID(one) for one in data.get("categories", ())),
            merchant_ids=data.get("merchants", ()),
            count=data.get("count") or 8,
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            languages=tuple(data["languages"]),
            picture_id=picture_id,
        )


def initial_of(info: catalog.BlockInfo, locales: tuple[str, ...]) -> dict[str, Any]:
    """The form's values of a block's draft."""
    draft = info.draft
    return {
        **texts_initial(locales, title=draft.titles, text=draft.texts, alt=draft.alts),
        "link": draft.link,
        "source": str(draft.source),
        "category": str(draft.category_id or ""),
        "products": list(draft.product_ids),
        "categories": [str(one) for one in draft.category_ids],
        "merchants": list(draft.merchant_ids),
        "count": draft.count,
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "languages": list(draft.languages),
    }
