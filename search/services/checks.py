"""What a row of the draft must be before it is saved."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel.errors import Invalid, NotFound
from kernel.ids import parse_public_id
from search.contracts import Kind, Weights
from search.documents.types import PRODUCT
from search.domain.asking import FILTERS_MOST, VALUES_MOST, resolve
from search.domain.folding import clean, fold
from search.domain.tuning import PARTS, PINS_MOST
from search.errors import UnknownRef
from search.models import Match, SearchRedirect, SearchRule, SynonymGroup

QUERIES_MOST = 50
TERMS_MOST = 40
TERM_LONGEST = 60
LANGUAGES = ("zh", "en", "*")


def rule(row: SearchRule) -> None:
    """Raises Invalid naming the field."""
    row.name = clean(row.name)[:120]
    if not row.name:
        raise Invalid(_("A rule needs a name."), field="name")
    _when(row, field="queries")
    pin = row.kind == SearchRule.Kind.PIN
    if pin and row.match == Match.ANY and not row.category_path:
        raise Invalid(_("Name queries or a category: nothing is pinned everywhere."), field="match")
    if pin or (row.kind == SearchRule.Kind.BURY and row.product_ids):
        _products(row)
    elif row.product_ids:
        raise Invalid(_("Only pins and buries name products."), field="product_ids")
    if pin:
        if row.condition:
            raise Invalid(_("A pin names products, no condition."), field="condition")
        row.points = Decimal(0)
        return
    _condition(row)
    if row.kind == SearchRule.Kind.BOOST and not row.condition:
        raise Invalid(_("Say which products are meant."), field="condition")
    if row.kind == SearchRule.Kind.BURY and not row.condition and not row.product_ids:
        raise Invalid(_("Name products or a condition."), field="product_ids")
    if row.condition and not Decimal(0) < Decimal(row.points) <= Decimal(1000):
        raise Invalid(_("Points are above 0 and at most 1000."), field="points")


def synonym(row: SynonymGroup) -> None:
    """Raises Invalid naming the field."""
    if row.language not in LANGUAGES:
        raise Invalid(_("The language is zh, en or *."), field="language")
    row.source = fold(row.source)[:TERM_LONGEST]
    terms = _texts(row.terms, field="terms", most=TERMS_MOST, longest=TERM_LONGEST)
    row.terms = [term for term in dict.fromkeys(fold(term) for term in terms) if term != row.source]
    if len(row.terms) < (1 if row.source else 2):
        raise Invalid(_("A group has two different words at least."), field="terms")


def redirect(row: SearchRedirect) -> None:
    """Raises Invalid naming the field."""
    if row.match == Match.ANY:
        raise Invalid(_("A redirect is for certain queries."), field="match")
    _when(row, field="queries")
    target = row.target.strip()
    # Only pages of the platform itself: a redirect must not lead people elsewhere.
    wrong = not target.startswith("/") or target.startswith("//") or "\\" in target
    if wrong or len(target) > 500 or any(ord(c) <= 32 for c in target):
        raise Invalid(_("The target is a path of this platform such as /categories/corn/."),
                      field="target")  # fmt: skip
    row.target = target


def weight_names() -> dict[str, set[str]]:
    """Which weights there are to set."""
    return {
        "buckets": {bucket.name for bucket in PRODUCT.buckets},
        "signals": {signal.name for signal in PRODUCT.signals},
    }


def _when(row: Any, *, field: str) -> None:
    if row.match not in Match.values:
        raise Invalid(_("A match is exact, contains or any."), field="match")
    row.queries = _texts(row.queries, field=field, most=QUERIES_MOST, longest=100)
    if row.match == Match.ANY and row.queries:
        raise Invalid(_("What holds for any query names none."), field=field)
    category = getattr(row, "category_path", "")
    if category:
        try:
            row.category_path = catalog.category_by_path(category).path
        except NotFound as error:
            raise Invalid(_("There is no such category."), field="category_path") from error
    if row.match != Match.ANY and not row.queries and not category:
        raise Invalid(_("Name at least one query."), field=field)
    if row.starts_at and row.ends_at and row.starts_at >= row.ends_at:
        raise Invalid(_("The end comes after the start."), field="ends_at")


def _products(row: SearchRule) -> None:
    ids = list(dict.fromkeys(row.product_ids))
    if not 1 <= len(ids) <= PINS_MOST:
        raise Invalid(_("Name 1 to %s products.") % PINS_MOST, field="product_ids")
    known = {}
    for place, one in enumerate(ids):
        try:
            known[one] = parse_public_id("prd", str(one))
        except NotFound as error:
            raise Invalid(_("There is no such product."), field=f"product_ids.{place}") from error
    found = catalog.products(known.values())
    for place, one in enumerate(ids):
        if known[one] not in found:
            raise Invalid(_("There is no such product."), field=f"product_ids.{place}")
    row.product_ids = ids


def _condition(row: SearchRule) -> None:
    if len(row.condition) > FILTERS_MOST:
        raise Invalid(_("At most %s fields.") % FILTERS_MOST, field="condition")
    for ref, value in row.condition.items():
        try:
            found = resolve(PRODUCT, ref)
        except UnknownRef as error:
            raise Invalid(_("There is no such field."), field=f"condition.{ref[:60]}") from error
        if not isinstance(value, dict):
            _values(value, f"condition.{ref}")
            continue
        if found.spec.kind not in (Kind.NUMBER, Kind.MONEY, Kind.ATTRIBUTES):
            raise Invalid(_("This field takes values, not a range."), field=f"condition.{ref}")
        if not value or not value.keys() <= {"low", "high"}:
            raise Invalid(_("A range has low, high or both."), field=f"condition.{ref}")
        for end in value.values():
            if end is not None and (isinstance(end, bool) or not _is_number(end)):
                raise Invalid(_("The ends of a range are numbers."), field=f"condition.{ref}")


def _values(value: Any, field: str) -> None:
    plain = isinstance(value, list) and all(
        isinstance(one, str | int | bool) and 0 < len(str(one)) <= 200 for one in value
    )
    if not plain or not 1 <= len(value) <= VALUES_MOST:
        raise Invalid(_("Give a list of 1 to %s values.") % VALUES_MOST, field=field)


def _is_number(value: Any) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except ArithmeticError:
        return False


def _texts(values: Iterable[Any], *, field: str, most: int, longest: int) -> list[str]:
    found = [clean(str(value)) for value in values]
    found = [value for value in dict.fromkeys(found) if value]
    if len(found) > most:
        raise Invalid(_("At most %s.") % most, field=field)
    for place, value in enumerate(found):
        if len(value) > longest or not fold(value):
            raise Invalid(_("1 to %s characters.") % longest, field=f"{field}.{place}")
    return found


def plain_weights() -> dict[str, dict[str, str]]:
    """What the weights are when nobody has changed them."""
    usual = Weights()
    return {
        "buckets": {bucket.name: str(bucket.weight) for bucket in PRODUCT.buckets},
        "signals": {signal.name: str(signal.weight) for signal in PRODUCT.signals},
        "parts": {name: str(getattr(usual, name)) for name in PARTS},
    }
