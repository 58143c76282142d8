"""What a product's attribute may hold: pure checks."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

TEXT_MAX = 200
CHOICES_MAX = 20
COMMA = re.compile("[,，、]")
YES = {"true", "yes", "1", "是"}
NO = {"false", "no", "0", "否"}


def checked(kind: str, given: Any, values: Sequence[Mapping[str, Any]]) -> tuple[Any, str]:
    """The value as stored, and what is wrong: "" or one of ``text``, ``number``, ``boolean``,
    ``date``, ``choice``, ``choices``. Nothing (None, blank, no choice) is stored as None."""
    if given is None or (isinstance(given, str) and not given.strip()) or given == []:
        return None, ""
    match kind:
        case "number":
            return _number(given)
        case "boolean":
            return _boolean(given)
        case "date":
            return _date(given)
        case "choice":
            code = _code(given, values)
            return code, "" if code else "choice"
        case "choices":
            parts = _parts(given, values) if isinstance(given, str) else given
            if not isinstance(parts, Sequence) or len(parts) > CHOICES_MAX:
                return None, "choices"
            codes = [_code(part, values) for part in parts]
            if None in codes:
                return None, "choices"
            return list(dict.fromkeys(codes)), ""
    if not isinstance(given, str) or len(given.strip()) > TEXT_MAX or "\x00" in given:
        return None, "text"
    return given.strip(), ""


def _parts(text: str, values: Sequence[Mapping[str, Any]]) -> list[str]:
    """Choices written in one text, apart by commas; a name may hold one itself."""
    return [text] if _code(text, values) else [part for part in COMMA.split(text) if part.strip()]


def _number(given: Any) -> tuple[Any, str]:
    if isinstance(given, bool | float):
        return None, "number"
    try:
        found = Decimal(str(given).strip())
    except InvalidOperation:
        return None, "number"
    if not found.is_finite() or abs(found) >= Decimal(10) ** 15 or found != round(found, 6):
        return None, "number"
    return format(found.normalize(), "f"), ""


def _boolean(given: Any) -> tuple[Any, str]:
    folded = str(given).strip().casefold()
    return (folded in YES, "") if folded in YES | NO else (None, "boolean")


def _date(given: Any) -> tuple[Any, str]:
    try:
        return date.fromisoformat(str(given).strip()).isoformat(), ""
    except ValueError:
        return None, "date"


def _code(given: Any, values: Sequence[Mapping[str, Any]]) -> str | None:
    """The value's code, by the code itself or by its name in any language."""
    folded = str(given).strip().casefold()
    for value in values:
        names = {name.casefold() for name in value["names"].values()}
        if folded in names | {value["code"].casefold()}:
            code: str = value["code"]
            return code
    return None
