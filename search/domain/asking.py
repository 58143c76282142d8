"""Filters as text and as JSON, and back.

In the API a filter is ``ref:value`` or ``ref:low..high``; in a page's address the parameter
``ref=value``, or ``ref.min`` and ``ref.max``. As JSON, in rules and saved searches, filters are
``{ref: [values]}`` or ``{ref: {"low": …, "high": …}}``. Prices are in major units everywhere
outside and in minor units inside; dates are days.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from search.contracts import DocumentType, Filter, Kind, Range, Ref, Terms
from search.errors import TooManyFilters, UnknownRef, WrongValue
from search.errors import said as _

FILTERS_MOST = 30
VALUES_MOST = 50
VALUE_LONGEST = 200
FILTERED = {
    Kind.KEYWORD, Kind.CODE, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.FLAG, Kind.CATEGORY,
    Kind.ATTRIBUTES,
}  # fmt: skip
_RANGE = re.compile(r"(-?[0-9][0-9T:.+\-]*?)?\.\.(-?[0-9][0-9T:.+\-]*)?")


def resolve(doc_type: DocumentType, ref: str) -> Ref:
    """The field behind ``ref``. Raises UnknownRef."""
    found = doc_type.resolve(ref) if len(ref) <= 120 else None
    if found is None or found.spec.kind not in FILTERED:
        raise UnknownRef(f"{ref[:60]!r}", field="filter")
    return found


def read_filters(
    doc_type: DocumentType, given: Iterable[str], *, exponent: int = 2
) -> tuple[Filter, ...]:
    """Filters out of ``ref:value`` texts; values of one ref stand beside one another (or).

    Raises UnknownRef, WrongValue, TooManyFilters, each naming ``filter``.
    """
    terms: dict[str, list[Any]] = {}
    ranges: list[Filter] = []
    for count, text in enumerate(given):
        if count >= VALUES_MOST * 4:
            raise TooManyFilters(field="filter", limit=FILTERS_MOST)
        ref, colon, value = text.partition(":")
        if not colon:
            raise WrongValue(_("Filters have the form field:value or field:low..high."),
                             field="filter")  # fmt: skip
        found = resolve(doc_type, ref)
        bounds = _RANGE.fullmatch(value)
        if bounds and any(bounds.groups()) and found.spec.kind not in (Kind.KEYWORD, Kind.CODE):
            ranges.append(_range(found, bounds[1] or "", bounds[2] or "", exponent))
        else:
            terms.setdefault(ref, []).append(_value(found, value, exponent))
    return _checked([*(Terms(ref, _once(values)) for ref, values in terms.items()), *ranges])


def read_params(
    doc_type: DocumentType, given: Iterable[tuple[str, list[str]]], *, exponent: int = 2
) -> tuple[Filter, ...]:
    """Filters out of an address's parameters. What isn't a field's name is left alone, a value
    that doesn't fit is left out: an address from elsewhere still shows something."""
    terms: dict[str, list[Any]] = {}
    bounds: dict[str, dict[str, str]] = {}
    for name, values in given:
        ref, _dot, end = name.rpartition(".")
        if end in ("min", "max") and ref:
            if values[-1].strip():
                bounds.setdefault(ref, {})[end] = values[-1].strip()
        elif any(values):
            terms.setdefault(name, []).extend(value for value in values if value)
    found: list[Filter] = []
    for ref, texts in list(terms.items())[: FILTERS_MOST * 4]:
        read = _known(doc_type, ref)
        if read is not None:
            kept = [_quiet(read, text, exponent) for text in texts[:VALUES_MOST]]
            if fitting := _once(value for value in kept if value is not None):
                found.append(Terms(ref, fitting))
    for ref, ends in list(bounds.items())[: FILTERS_MOST * 4]:
        read = _known(doc_type, ref)
        if read is None or read.spec.kind in (Kind.KEYWORD, Kind.CODE):
            continue
        try:
            found.append(_range(read, ends.get("min", ""), ends.get("max", ""), exponent))
        except WrongValue:
            continue
    return tuple(found[:FILTERS_MOST])


def filters_from(kept: Mapping[str, Any]) -> tuple[Filter, ...]:
    """Filters out of their JSON form."""
    found: list[Filter] = []
    for ref, value in kept.items():
        if isinstance(value, Mapping):
            found.append(Range(ref, _bound(value.get("low")), _bound(value.get("high"))))
        else:
            found.append(Terms(ref, tuple(value)))
    return tuple(found)


def filters_json(filters: Iterable[Filter]) -> dict[str, Any]:
    """The JSON form, sorted, so that equal filters give equal JSON. Raises WrongValue: it holds one
    filter of a field, values or a range."""
    kept: dict[str, Any] = {}
    for one in filters:
        if one.ref in kept:
            raise _wrong(_("%(field)s: values or one range, to be kept."), one.ref)
        if isinstance(one, Range):
            kept[one.ref] = {"low": _plain(one.low), "high": _plain(one.high)}
        else:
            kept[one.ref] = sorted((_plain(value) for value in one.values), key=str)
    return dict(sorted(kept.items()))


def write_filters(filters: Iterable[Filter], *, exponent: int = 2) -> list[str]:
    """The texts that ``read_filters`` reads as these filters."""
    found = []
    for one in filters:
        money = exponent if one.ref.partition(".")[0] == "prices" else 0
        if isinstance(one, Range):
            found.append(f"{one.ref}:{_text(one.low, money)}..{_text(one.high, money)}")
        else:
            found += [f"{one.ref}:{_text(value, money)}" for value in one.values]
    return found


def _text(value: Any, exponent: int) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return format(Decimal(str(value)).scaleb(-exponent), "f")


def _known(doc_type: DocumentType, ref: str) -> Ref | None:
    try:
        return resolve(doc_type, ref)
    except UnknownRef:
        return None


def _quiet(found: Ref, text: str, exponent: int) -> Any:
    try:
        return _value(found, text, exponent)
    except WrongValue:
        return None


def _wrong(text: str, ref: str) -> WrongValue:
    return WrongValue(text % {"field": ref, "most": VALUE_LONGEST}, field="filter")


def _value(found: Ref, text: str, exponent: int) -> Any:
    kind = found.spec.kind
    if not text or len(text) > VALUE_LONGEST or any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000
                                                    for c in text):  # fmt: skip
        raise _wrong(_("A value of %(field)s has 1 to %(most)s characters."), found.text)
    if kind is Kind.FLAG:
        if text not in ("true", "false"):
            raise _wrong(_("%(field)s is true or false."), found.text)
        return text == "true"
    if kind is Kind.DATE:
        raise _wrong(_("%(field)s takes a range of days: 2026-01-01..2026-02-01."), found.text)
    if kind in (Kind.NUMBER, Kind.MONEY):
        return _number(found, text, exponent)
    return text


def _range(found: Ref, low: str, high: str, exponent: int) -> Range:
    if found.spec.kind is Kind.DATE:
        whole = timedelta(days=1, microseconds=-1)
        made = Range(found.text, _day(found, low), _day(found, high, whole))
    else:
        made = Range(
            found.text,
            _number(found, low, exponent) if low else None,
            _number(found, high, exponent) if high else None,
        )
    if made.low is not None and made.high is not None and made.low > made.high:  # type: ignore[operator]
        raise _wrong(_("%(field)s: the low end is above the high one."), found.text)
    return made


def _number(found: Ref, text: str, exponent: int) -> Any:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise _wrong(_("%(field)s takes a number."), found.text) from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise _wrong(_("%(field)s takes a number below 10^15."), found.text)
    return int(number.scaleb(exponent)) if found.spec.kind is Kind.MONEY else number


def _day(found: Ref, text: str, more: timedelta = timedelta()) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        return at + more
    except (ValueError, OverflowError) as error:  # the year 10000 among them
        raise _wrong(_("%(field)s takes days such as 2026-01-31."), found.text) from error


def _checked(filters: list[Filter]) -> tuple[Filter, ...]:
    many = any(isinstance(one, Terms) and len(one.values) > VALUES_MOST for one in filters)
    if len(filters) > FILTERS_MOST or many:
        raise TooManyFilters(
            _("At most %(fields)s fields with %(values)s values each.")
            % {"fields": FILTERS_MOST, "values": VALUES_MOST},
            field="filter",
            limit=FILTERS_MOST,
        )
    return tuple(filters)


def _once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _bound(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if "T" in value or value.count("-") > 1:
        return datetime.fromisoformat(value)
    return Decimal(value)
