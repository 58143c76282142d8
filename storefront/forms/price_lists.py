"""Forms of groups of buyers and price lists: names in two languages, prices one a line."""

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel.errors import DomainError, NotFound
from kernel.ids import parse_public_id, public_id
from kernel.tables import plain
from marketplace import facade as marketplace
from storefront.forms.fields import Lines, Moment
from storefront.pages import words_of

FIELDS = {"names": "name_zh", "buyer_group_id": "group", "entries": "lines"}
LINES_MAX = 500
LINE_MAX = 1000  # characters


class Refusing(forms.Form):
    """A form that shows what the service says beside the fields it is about."""

    def refuse(self, error: DomainError) -> None:
        """Put the error's problems beside their fields, else on top."""
        for problem in error.problems:
            name = problem.field.split(".", 1)[0]
            name = FIELDS.get(name, name)
            self.add_error(name if name in self.fields else None, self.said(problem))
        if not error.problems:
            self.add_error(None, words_of(error))

    def said(self, problem: Any) -> str:
        return str(problem.problem)

    def names(self) -> dict[str, str]:
        """The names by language."""
        given = {"zh-Hans": self.cleaned_data["name_zh"], "en": self.cleaned_data["name_en"]}
        return {language: text.strip() for language, text in given.items() if text.strip()}


class GroupForm(Refusing):
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Your own word: a to z, digits and hyphens.")
    )
    name_zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=80)
    name_en = forms.CharField(
        label=_("Name in English"), required=False, max_length=80,
        help_text=_("Its members see it."),
    )  # fmt: skip
    active = forms.BooleanField(
        label=_("Its prices hold"), required=False, initial=True,
        help_text=_("Without this everybody pays the public price."),
    )  # fmt: skip


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)


class ListForm(Refusing):
    """``groups`` are the merchant's, as (public id, name)."""

    group = forms.ChoiceField(label=_("For which buyers"))
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Your own word: a to z, digits and hyphens.")
    )
    name_zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=80)
    name_en = forms.CharField(
        label=_("Name in English"), required=False, max_length=80,
        help_text=_("Buyers see it beside their price."),
    )  # fmt: skip
    percent = forms.DecimalField(
        label=_("Per cent off everything"), required=False, max_digits=5, decimal_places=2,
        help_text=_("Off the regular price of all that the list doesn't name; empty: nothing."),
    )  # fmt: skip
    starts_at = Moment(label=_("From"), required=False, help_text=_("Empty: from now on."))
    ends_at = Moment(label=_("Until"), required=False)
    active = forms.BooleanField(label=_("Its prices hold"), required=False, initial=True)

    def __init__(self, *args: Any, groups: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["group"].choices = list(groups)  # type: ignore[attr-defined]

    def contract(self) -> marketplace.PriceListInput:
        """What the service takes."""
        given = self.cleaned_data
        return marketplace.PriceListInput(
            group_id=parse_public_id("bgr", given["group"]),
            code=given["code"].strip(),
            names=self.names(),
            active=given["active"],
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            percent=given["percent"],
        )


class EntriesForm(Refusing):
    """Prices as they come out of a table: goods; price or per cent; from how many."""

    lines = Lines(
        label=_("Prices, one a line"),
        help_text=_(
            "Article number; price or per cent off; from how many. As: TEA-50; 15.90 or TEA-50; "
            "14.90; 10 or, for a whole category, /tea; 8%. Semicolons, commas or tabs."
        ),
    )

    def contracts(self, merchant_id: UUID) -> list[marketplace.PriceEntryInput] | None:
        """What the service takes; None when a line can't be read, with the reason at the field."""
        rows = [_cells(line) for line in self.cleaned_data["lines"]]
        if len(rows) > LINES_MAX:
            told = gettext("At most %(most)s lines at once.") % {"most": LINES_MAX}
            self.add_error("lines", told)
            return None
        skus = catalog.variant_ids_by_sku(merchant_id, [row[0] for row in rows if row])
        found = []
        for number, row in enumerate(rows, start=1):
            try:
                found.append(_entry(row, skus))
            except ValueError as error:
                told = gettext("Line %(n)s: %(problem)s") % {"n": number, "problem": error}
                self.add_error("lines", told)
        return None if self.errors else found

    def said(self, problem: Any) -> str:
        parts = problem.field.split(".")
        if len(parts) < 2 or not parts[1].isdigit():
            return str(problem.problem)
        told = {"n": int(parts[1]) + 1, "problem": problem.problem}
        return gettext("Line %(n)s: %(problem)s") % told


def _cells(line: str) -> list[str]:
    """The cells as typed, or as an exported table has them."""
    if line.startswith('"') and len(line) < LINE_MAX:
        return [plain(cell) for cell in next(csv.reader([line]))]
    for sign in ("\t", ";", "；", ","):
        if sign in line:
            return [plain(cell) for cell in line.split(sign)]
    return [plain(line)]


def _entry(row: list[str], skus: Mapping[str, UUID]) -> marketplace.PriceEntryInput:
    """Raises ValueError saying what is wrong. Of an article and a category that are written alike
    it is the article; the category is written with another slash at its end."""
    if not 2 <= len(row) <= 3:
        raise ValueError(gettext("An article number and a price, perhaps from how many."))
    goods, value = row[0], row[1]
    variant_id = category_id = None
    variant_id = skus.get(goods)
    if variant_id is None and goods.startswith("/"):
        category_id = _category(goods.strip("/"))
    elif variant_id is None:
        raise ValueError(gettext("None of your articles has this number."))
    percent = value.endswith(("%", "％"))
    number = _number(value.rstrip("%％ ").lstrip("-−") if percent else value)
    return marketplace.PriceEntryInput(
        variant_id=variant_id,
        category_id=category_id,
        minimum=_number(row[2]) if len(row) == 3 and row[2] else Decimal(0),
        unit_price=None if percent else number,
        percent=number if percent else None,
    )


def _category(path: str) -> UUID:
    try:
        return catalog.category_by_path(path).id
    except NotFound as error:
        raise ValueError(gettext("There is no such category.")) from error


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(gettext("This isn't a number.")) from error
    if not found.is_finite():
        raise ValueError(gettext("This isn't a number."))
    return found


def shown_group(info: marketplace.BuyerGroupInfo) -> dict[str, Any]:
    """What the form shows of a group."""
    return {"code": info.code, "active": info.active, **_names(info.names)}


def shown_list(info: marketplace.PriceListInfo) -> dict[str, Any]:
    """What the form shows of a list."""
    return {
        "group": public_id("bgr", info.group_id),
        **_names(info.names),
        **{
            name: getattr(info, name)
            for name in ("code", "percent", "starts_at", "ends_at", "active")
        },
    }


def _names(names: Mapping[str, str]) -> dict[str, str]:
    return {"name_zh": names.get("zh-Hans", ""), "name_en": names.get("en", "")}
