"""The form of a promotion: amounts as people write them, goods by their ids."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel.errors import DomainError
from kernel.money import Money
from marketplace import facade as marketplace
from storefront.forms.fields import Lines, Moment
from storefront.forms.picking import Branches, Picked
from storefront.pages import words_of
from storefront.words.promotions import KINDS, SCOPES, WAYS

PICKED = {"products": "product", "variants": "variant", "merchants": "merchant"}
# Where the service's problem is shown, if the field is called otherwise here.
FIELDS = {"name": "name_zh", "scope.ids": "scope_ids"}
LATER = ("name_zh", "name_en", "ends_at", "priority", "max_uses", "max_uses_each", "budget")
# Fields that only count with some choices: the stylesheet hides the others.
PARTS = {
    "percent": ("kind", "percentage buy_x_get_y"),
    "amount": ("kind", "amount_off"),
    "tiers": ("kind", "threshold"),
    "repeat": ("kind", "threshold"),
    "buy": ("kind", "buy_x_get_y"),
    "get": ("kind", "buy_x_get_y"),
    "scope_categories": ("scope", "categories"),
    "scope_ids": ("scope", "products variants merchants"),
    "code": ("way", "code"),
}


class Sum(forms.CharField):
    """An amount in major units; minor ones come out, None for nothing."""

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
        super().__init__(required=False, max_length=20, widget=widget, **more)

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "").strip()
        return minor(text, self.currency) if text else None

    currency = "CNY"


def minor(text: str, currency: str) -> int:
    """Minor units of an amount as people write it. Raises ValidationError."""
    try:
        return Money.parse(text.replace(",", ""), currency).amount
    except DomainError as error:
        raise forms.ValidationError(words_of(error)) from error


class PromotionForm(forms.Form):
    """``currency`` is the platform's; ``platform``: it is the platform's own promotion;
    ``fixed``: it has been active, and only what ``LATER`` names may change."""

    name_zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=200)
    name_en = forms.CharField(label=_("Name in English"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("What it gives"), choices=list(KINDS.items()))
    percent = forms.DecimalField(
        label=_("Per cent"), required=False, max_digits=5, decimal_places=2,
        help_text=_("For per cent off; for buy some, get some: 100 means free."),
    )  # fmt: skip
    amount = Sum(label=_("Sum"), help_text=_("For a sum off."))
    tiers = Lines(
        label=_("Steps"), required=False,
        help_text=_("One a line: what is spent and what comes off, as 100 10."),
    )  # fmt: skip
    repeat = forms.BooleanField(
        label=_("A single step counts as often as it is reached"), required=False
    )
    buy = forms.IntegerField(label=_("Buy"), required=False, min_value=0)
    get = forms.IntegerField(label=_("Get"), required=False, min_value=0)
    minimum = Sum(label=_("Only from"), help_text=_("What its goods must come to."))
    most = Sum(label=_("At most off"))
    scope = forms.ChoiceField(label=_("For which goods"))
    scope_categories = Branches(label=_("Categories"), required=False)
    scope_ids = Picked(
        label=_("Which ones"), required=False, kind="product",
        help_text=_("One a line: the address of a product or shop, at a merchant's desk also an "
                    "article number or your own number."),
    )  # fmt: skip
    way = forms.ChoiceField(label=_("How buyers get it"), choices=list(WAYS.items()))
    code = forms.CharField(
        label=_("Coupon code"), required=False, max_length=60, help_text=_("For one code for all.")
    )
    starts_at = Moment(label=_("From"), required=False, help_text=_("Empty: from now on."))
    ends_at = Moment(label=_("Until"), required=False)
    priority = forms.IntegerField(
        label=_("Priority"), required=False, initial=0,
        help_text=_("Higher ones are taken off first."),
    )  # fmt: skip
    exclusive = forms.BooleanField(label=_("Not with any other on the same goods"), required=False)
    stack_group = forms.CharField(
        label=_("Group"), required=False, max_length=40,
        help_text=_("Goods take one promotion of a group only."),
    )  # fmt: skip
    max_uses = forms.IntegerField(label=_("Uses in all, at most"), required=False, min_value=1)
    max_uses_each = forms.IntegerField(
        label=_("Uses by one buyer, at most"), required=False, min_value=1,
        help_text=_("Buyers must sign in then."),
    )  # fmt: skip
    budget = Sum(label=_("Budget"), help_text=_("What it takes off in all, at most."))

    def __init__(
        self, *args: Any, currency: str, merchant_id: UUID | None,
        tree: Sequence[catalog.CategoryNode], fixed: bool = False, **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **more)
        categories: Any = self.fields["scope_categories"]
        categories.grow(tree)
        goods: Any = self.fields["scope_ids"]
        scope = self.data.get("scope") or self.initial.get("scope")
        goods.kind = PICKED.get(str(scope), "product")
        goods.stand(merchant_id, ordered=False)
        goods.widget.attrs["data-kind-of"] = "scope"
        self.currency = currency
        for field in self.fields.values():
            if isinstance(field, Sum):
                field.currency = currency
        scopes = {k: v for k, v in SCOPES.items() if merchant_id is None or k != "merchants"}
        self.fields["scope"].choices = list(scopes.items())  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.disabled = fixed and name not in LATER

    @property
    def rows(self) -> list[tuple[forms.BoundField, str, str]]:
        """Each field, the choice it belongs to, and which values of it."""
        return [(one, *PARTS.get(one.name, ("", ""))) for one in self]

    def clean_tiers(self) -> tuple[marketplace.Tier, ...]:
        found = []
        for line in self.cleaned_data["tiers"]:
            parts = line.split()
            if len(parts) != 2:
                raise forms.ValidationError(gettext("Two amounts a line: spent, and off."))
            found.append(marketplace.Tier(*(minor(part, self.currency) for part in parts)))
        return tuple(found)

    def _named(self) -> tuple[str, ...]:
        """The goods that it is for, by id; none for all goods."""
        given = self.cleaned_data
        chosen = {"all": (), "categories": given["scope_categories"]}
        return tuple(str(one) for one in chosen.get(given["scope"], given["scope_ids"]))

    def contract(self) -> marketplace.PromotionInput:
        """What the service takes."""
        given = self.cleaned_data
        return marketplace.PromotionInput(
            names={"zh-Hans": given["name_zh"], "en": given["name_en"]},
            kind=given["kind"],
            terms=marketplace.Terms(
                percent=given["percent"] or Decimal(0),
                amount=given["amount"] or 0,
                tiers=given["tiers"],
                repeat=given["repeat"],
                buy=given["buy"] or 0,
                get=given["get"] or 0,
                minimum=given["minimum"] or 0,
                most=given["most"],
            ),
            scope=given["scope"],
            scope_names=self._named(),
            priority=given["priority"] or 0,
            **{
                name: given[name]
                for name in (
                    "way", "code", "starts_at", "ends_at", "exclusive", "stack_group", "max_uses",
                    "max_uses_each", "budget",
                )
            },
        )  # fmt: skip

    def refuse(self, error: DomainError) -> None:
        """Show what the service says beside the fields it is about."""
        for problem in error.problems:
            parts = problem.field.removeprefix("terms.").split(".")
            name = FIELDS.get(".".join(parts[:2])) or FIELDS.get(parts[0], parts[0])
            self.add_error(name if name in self.fields else None, str(problem.problem))
        if not error.problems:
            self.add_error("code" if error.field == "code" else None, words_of(error))


def shown(info: marketplace.PromotionInfo) -> dict[str, Any]:
    """What the form shows of a promotion."""
    terms = info.terms

    def major(amount: int | None) -> str:
        return format(Money(amount, info.currency).major, "f") if amount else ""

    chosen = [UUID(one) for one in info.scope_names]
    return {
        "name_zh": info.names.get("zh-Hans", ""),
        "name_en": info.names.get("en", ""),
        "kind": info.kind,
        "percent": terms.percent or None,
        "amount": major(terms.amount),
        "tiers": [f"{major(one.spend)} {major(one.off)}" for one in terms.tiers],
        "repeat": terms.repeat,
        "buy": terms.buy or None,
        "get": terms.get or None,
        "minimum": major(terms.minimum),
        "most": major(terms.most),
        "scope": info.scope,
        "scope_categories": [str(one) for one in chosen] if info.scope == "categories" else [],
        "scope_ids": chosen if info.scope in PICKED else [],
        "budget": major(info.budget),
        **{
            name: getattr(info, name)
            for name in (
                "way", "code", "starts_at", "ends_at", "priority", "exclusive", "stack_group",
                "max_uses", "max_uses_each",
            )
        },
    }  # fmt: skip
