"""What can be wrong in a row of a list, in words that say what would be right."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError

Words = tuple[str | Promise, str | Promise]
PROBLEMS: dict[str, Words] = {
    "formula": (_("The cell holds a formula."), _("Put its value there instead.")),
    "sku_missing": (_("The article number is missing."), _("Give every row its own.")),
    "sku_twice": (
        _("This article number stands in an earlier row, too."),
        _("Give every variant its own, or remove one of the rows."),
    ),
    "sku_unknown": (
        _("None of your articles has this number."),
        _("Write an article number of yours, or a category's path after a slash, as /tea."),
    ),
    "variant_unknown": (
        _("None of your variants has this number."),
        _("Write the number that begins with var_, or leave it empty and name the article."),
    ),
    "goods_differ": (
        _("The article number and the variant's number name different goods."),
        _("Leave one of them empty."),
    ),
    "goods_missing": (
        _("The row names no goods."),
        _("Write the article number, the variant's number, or a category's path after a slash."),
    ),
    "price_category": (
        _("There is no such category."),
        _("Write its path after a slash, as /pantry/rice."),
    ),
    "price_twice": (
        _("An earlier row names the same goods from the same number on."),
        _("Remove one of the rows, or give one another quantity."),
    ),
    "price_missing": (
        _("The row has no price."),
        _("Write a price or a percentage such as 8%, or say that the row is deleted."),
    ),
    "list_full": (
        _("The price list has as many prices as it can have."),
        _("Take prices out, or put these into another list."),
    ),
    "differs": (
        _("An earlier row says otherwise of the same product."),
        _("Say the same in all rows of a product, or say it once."),
    ),
    "number": (_("This isn't a number."), _("Write digits with a decimal point, such as 12.50.")),
    "whole_number": (_("This isn't a whole number from 0 on."), _("Write digits only.")),
    "yes_or_no": (_("This is neither yes nor no."), _("Write yes or no.")),
    "state": (
        _("There is no such state."),
        _("Write published, draft or withdrawn; only published changes something."),
    ),
    "unit": (
        _("This isn't a known unit of measure."),
        _("Write the unit's name or its UN/ECE Recommendation 20 code, such as C62 or KGM."),
    ),
    "category": (
        _("There is no such category."),
        _("Write its name, its path such as pantry/rice, or leave it empty."),
    ),
    "category_ambiguous": (
        _("Several categories have this name."),
        _("Write the path, such as pantry/rice."),
    ),
    "brand": (
        _("There is no such brand."),
        _("Write its name or its code, or leave it empty; the platform's operator adds brands."),
    ),
    "brand_ambiguous": (_("Several brands have this name."), _("Write the brand's code.")),
    "warehouse": (_("There is no such warehouse."), _("Write its name or your own number of it.")),
    "no_warehouse": (
        _("There is no warehouse to put the stock into."),
        _("Create a warehouse first, or leave out the stock."),
    ),
    "options": (
        _("The options are named differently than in the product's other rows."),
        _("Name the same options in all rows of a product, and a value for each."),
    ),
    "too_many_variants": (
        _("A product has at most a hundred variants."),
        _("Spread them over several products."),
    ),
}


@dataclass(frozen=True)
class Problem:
    """One finding: the file's row, what the column holds, and the cell's text."""

    row: int
    key: str
    code: str
    value: str = ""
    words: str = ""


def of_error(error: DomainError, *, row: int, key: str, value: str, index: int = 0) -> Problem:
    """What another context says of a row; kept in English, translated when read."""
    with override("en"):
        named = error.problems[index].problem if error.problems else error.detail
        return Problem(row, key, error.code, value, str(named)[:300])


def said(code: str, words: str, allowed: str | None = None) -> tuple[str, str]:
    """Problem and remedy in the reader's language. ``allowed``: of an attribute's cell, the values
    that may stand there ("" if it isn't a choice)."""
    if code in PROBLEMS:
        problem, remedy = PROBLEMS[code]
        return str(problem), str(remedy)
    kind = DomainError.catalogue.get(code)
    remedy = str(kind.remedy) if kind else ""
    if allowed:
        remedy = gettext(
            "Write one of: %(values)s. Leave the cell empty where products of this category have "
            "no such attribute."
        ) % {"values": allowed}
    elif allowed is not None:
        remedy = gettext(
            "Write a value of the attribute's kind (a number such as 12.50, yes or no, a date such "
            "as 2026-11-29). Leave the cell empty where products of this category have no such "
            "attribute."
        )
    return (gettext(words) if words else str(kind.title) if kind else code), remedy
