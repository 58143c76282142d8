"""Limits of a query, and references turned into physical fields: everything refused, clearly."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from search.contracts import (
    DocumentType,
    Filter,
    HistogramFacet,
    Kind,
    Query,
    Range,
    RangeFacet,
    Ref,
    Terms,
    TreeFacet,
)
from search.documents.physical import ID, in_base_unit, milliseconds, number_text
from search.errors import BadPage, QueryTooLong, TooManyFilters, UnknownRef, WrongValue
from search.query.clauses import (
    AllOf,
    AttributeBetween,
    AttributeEquals,
    Between,
    Clause,
    Equals,
    Not,
)
from search.query.plan import FacetPlan, SortField

MAX_TEXT, MAX_FILTERS, MAX_VALUES, MAX_FACETS, MAX_SIZE = 500, 100, 1000, 40, 100
MAX_NAMED = 10_000  # ids pinned, buried or withdrawn
_KEYWORDS = (Kind.KEYWORD, Kind.CODE, Kind.FLAG, Kind.CATEGORY)


def check(query: Query) -> None:
    """Raises the problem of what is too much."""
    if len(query.text) > MAX_TEXT:
        raise QueryTooLong(field="text", limit=MAX_TEXT)
    if not 1 <= query.size <= MAX_SIZE or query.page < 1:
        raise BadPage(field="page" if query.page < 1 else "size", limit=MAX_SIZE)
    values = sum(len(f.values) for f in query.filters if isinstance(f, Terms))
    for found, limit in (
        (len(query.filters), MAX_FILTERS),
        (values, MAX_VALUES),
        (len(query.facets), MAX_FACETS),
        (len(query.pins) + len(query.buries), MAX_VALUES),
        (sum(len(ids) for _ref, ids in query.excluded), MAX_NAMED),
    ):
        if found > limit:
            raise TooManyFilters(field="filters", limit=limit)
    if not query.visible_to:
        raise ValueError("visible_to is empty: name at least PUBLIC")


def resolved(doc_type: DocumentType, ref: str, field: str) -> Ref:
    """The reference, or UnknownRef."""
    found = doc_type.resolve(ref) if isinstance(ref, str) and len(ref) <= 120 else None
    if found is None or found.spec.kind is Kind.TEXT:
        told = _("%(field)s isn't a field here.") % {"field": repr(str(ref)[:60])}
        raise UnknownRef(told, field=field)
    return found


def physical(ref: Ref) -> str:
    """The physical field of a reference."""
    name = f"f_{ref.spec.name}"
    return f"{name}_{ref.slot}" if ref.spec.kind is Kind.MONEY else name


def filter_clause(doc_type: DocumentType, one: Filter) -> Clause:
    """A filter as a clause; ``id`` is the document's own. Raises UnknownRef and WrongValue."""
    if one.ref == "id" and isinstance(one, Terms):
        named = Equals(ID, tuple(_word(value) for value in one.values))
        return Not(named) if one.exclude else named
    ref = resolved(doc_type, one.ref, "filters")
    try:
        if isinstance(one, Range):
            return _range(ref, one)
        clause = _terms(ref, one.values)
    except (TypeError, ValueError, ArithmeticError) as error:
        told = str(error) if isinstance(error, _Unfit) else _("a value of another kind is needed")
        raise WrongValue(f"{one.ref}: {told}", field=f"filters.{one.ref}") from error
    return Not(clause) if one.exclude else clause


class _Unfit(ValueError):
    """A value that doesn't fit its field, said in the language in use."""


def _terms(ref: Ref, values: Iterable[Any]) -> Clause:
    kind, name = ref.spec.kind, physical(ref)
    given = tuple(values)
    if kind is Kind.ATTRIBUTES:
        return AttributeEquals(name, ref.code, tuple(_attribute(value) for value in given))
    if kind in _KEYWORDS:
        return Equals(name, tuple(_word(value) for value in given))
    if kind is Kind.MONEY:
        return Equals(name, tuple(_whole(value) for value in given))
    if kind is Kind.DATE:
        return Equals(name, tuple(milliseconds(value) for value in given))
    return Equals(name, tuple(_finite(value) for value in given))


def _attribute(value: Any) -> str:
    if isinstance(value, bool | str):
        return _word(value)
    return number_text(_finite(value))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A lone surrogate can't be in any document, and not every engine takes one.
    return str(value)[:512].encode("utf-8", "replace").decode()


def _finite(value: Any) -> float:
    number = float(value)
    if number != number or abs(number) > 1e300:
        raise _Unfit(_("a number is needed"))
    return number


def _whole(value: Any) -> int:
    number = int(value)
    if number != Decimal(str(value)) or abs(number) >= 2**63:
        raise _Unfit(_("minor units as a whole number are needed"))
    return number


def _range(ref: Ref, one: Range) -> Clause:
    kind, name = ref.spec.kind, physical(ref)
    low, high = (_bound(ref, value, one.unit) for value in (one.low, one.high))
    if low is not None and high is not None and low > high:
        raise _Unfit(_("low is above high"))
    if low is None and high is None:
        raise _Unfit(_("one of low and high is needed"))
    if kind is Kind.ATTRIBUTES:
        return AttributeBetween(name, ref.code, low, high)
    if kind in _KEYWORDS:
        raise _Unfit(_("this field has no ranges"))
    return Between(name, low, high)


def _bound(ref: Ref, value: Any, unit: str) -> int | float | None:
    if value is None:
        return None
    if ref.spec.kind is Kind.DATE:
        if not isinstance(value, datetime):
            raise _Unfit(_("a time with its zone is needed"))
        return milliseconds(value)
    number = _finite(value)
    if ref.spec.kind is Kind.MONEY:
        return max(-(2**63) + 1, min(2**63 - 1, int(Decimal(str(value)).to_integral_value())))
    return in_base_unit(value, unit, ref.spec.unit) if unit else number


def all_of(clauses: Iterable[Clause]) -> Clause:
    """One clause for several; of one, that one."""
    found = tuple(clauses)
    return found[0] if len(found) == 1 else AllOf(found)


def facet_plan(doc_type: DocumentType, query: Query) -> tuple[FacetPlan, ...]:
    """The facets with their physical fields. Raises UnknownRef and WrongValue."""
    out = []
    for facet in query.facets:
        ref = resolved(doc_type, facet.ref, "facets")
        kind = ref.spec.kind
        numeric = isinstance(facet, RangeFacet | HistogramFacet)
        if kind is Kind.ATTRIBUTES:
            column = "attribute_number" if numeric else "attribute_text"
        elif kind in (Kind.MONEY, Kind.DATE):
            column = "long"
        else:
            column = "double" if kind is Kind.NUMBER else "keyword"
        wrong = numeric == (column in ("keyword", "attribute_text"))
        if wrong or (isinstance(facet, TreeFacet) and kind is not Kind.CATEGORY):
            told = _("%(field)s can't be counted in that way.") % {"field": facet.ref}
            raise WrongValue(told, field="facets")
        if isinstance(facet, HistogramFacet) and not facet.interval > 0:
            raise WrongValue(_("The interval must be above zero."), field="facets")
        if isinstance(facet, RangeFacet):
            _ranges(facet)
        elif not isinstance(facet, HistogramFacet) and not 1 <= facet.size <= 1000:
            raise WrongValue(_("A facet has 1 to 1000 values."), field="facets")
        selected = tuple(
            _attribute(value)
            for one in query.filters
            if isinstance(one, Terms) and one.ref == facet.ref and not one.exclude
            for value in one.values
        )
        out.append(FacetPlan(facet, physical(ref), column, ref.code, selected))
    return tuple(out)


def _ranges(facet: RangeFacet) -> None:
    if not 1 <= len(facet.ranges) <= 100:
        raise WrongValue(_("A range facet has 1 to 100 ranges."), field="facets")
    for low, high in facet.ranges:
        if low is not None and high is not None and not low < high:
            raise WrongValue(_("Each range has its low below its high."), field="facets")


def sort_field(doc_type: DocumentType, query: Query) -> SortField | None:
    """The physical sort field; None: by relevance."""
    if query.sort.ref in ("", "relevance"):
        return None
    ref = resolved(doc_type, query.sort.ref, "sort")
    if not ref.spec.sortable or ref.spec.many:
        told = _("%(field)s can't be sorted by.") % {"field": repr(query.sort.ref)}
        raise UnknownRef(told, field="sort")
    kind = ref.spec.kind
    column = "double" if kind is Kind.NUMBER else "keyword" if kind in _KEYWORDS else "long"
    return SortField(physical(ref), column, query.sort.descending)


def group_field(doc_type: DocumentType, query: Query) -> str:
    """The physical field to group by, or "". Raises UnknownRef."""
    if query.group and query.group not in doc_type.group_fields:
        told = _("%(field)s can't be grouped by.") % {"field": repr(query.group[:60])}
        raise UnknownRef(told, field="group")
    return f"f_{query.group}" if query.group else ""


def excluded_clause(doc_type: DocumentType, ref: str, values: tuple[str, ...]) -> Clause:
    """What isn't withdrawn. ``id`` is the document's own."""
    if ref == "id":
        return Not(Equals(ID, tuple(values)))
    return Not(_terms(resolved(doc_type, ref, "excluded"), values))
