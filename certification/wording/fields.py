"""Typed fields of contract templates (合同模板字段): what they accept, and how they are printed.

A field is data: ``{"name", "type", "label": {"zh-Hans", "en"}, "help", "required", …}`` with limits
by type. Values are JSON: money ``{amount, currency}``, quantity ``{value, unit}``, dates ISO 8601,
tables lists of rows.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from kernel.capitals import capitals
from kernel.errors import FieldProblem, Invalid
from kernel.money import Money
from kernel.quantity import Quantity

TYPES = (
    "text", "long_text", "number", "money", "quantity", "date", "choice", "party", "table",
)  # fmt: skip
LANGUAGES = ("zh-Hans", "en")
TEXT_MAX, LONG_MAX, ROWS_MAX, FIELDS_MAX = 200, 4_000, 200, 80
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_UNITS_ZH = {
    "TNE": "吨", "KGM": "千克", "GRM": "克", "C62": "件", "LTR": "升", "MTR": "米", "MTK": "平方米",
    "HUR": "小时", "DAY": "天", "MON": "个月", "ANN": "年", "SET": "套",
}  # fmt: skip
Field = Mapping[str, Any]
Values = Mapping[str, Any]


def read(fields: Sequence[Field], given: Values, *, roles: Sequence[str], whole: bool = True,
         path: str = "values") -> tuple[dict[str, Any], list[FieldProblem]]:  # fmt: skip
    """The values as kept, and what is wrong with them. ``whole``: required ones must be there."""
    kept: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    known = {field["name"] for field in fields}
    for name in given:
        if name not in known:
            problems.append(
                FieldProblem(
                    f"{path}.{name}"[:200],
                    _("The template has no such field."),
                    _("Leave it out."),
                )
            )
    for field in fields:
        name, value = field["name"], given.get(field["name"])
        where = f"{path}.{name}"
        if value in (None, "", []):
            if field.get("required") and whole:
                problems.append(FieldProblem(where, _("This field is missing."), _("Fill it in.")))
            continue
        try:
            if field["type"] == "table":
                kept[name] = _table(field, value, roles, whole, where, problems)
            else:
                kept[name] = _scalar(field, value, roles)
        except Invalid as error:
            problems.append(FieldProblem(where, str(error.detail), str(error.remedy)))
    return kept, problems


def _table(field: Field, value: Any, roles: Sequence[str], whole: bool, where: str,
           problems: list[FieldProblem]) -> list[dict[str, Any]]:  # fmt: skip
    most = min(int(field.get("max_rows", 50)), ROWS_MAX)
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise Invalid(_("A list of lines is needed."))
    if len(value) > most:
        raise Invalid(_("At most %(most)s lines.") % {"most": most})
    rows = []
    for place, row in enumerate(value):
        kept, wrong = read(field["columns"], row, roles=roles, whole=whole, path=f"{where}.{place}")
        problems += wrong
        rows.append(kept)
    return rows


def _scalar(field: Field, value: Any, roles: Sequence[str]) -> Any:
    kind = field["type"]
    if kind in ("text", "long_text"):
        return _text(field, value)
    if kind == "number":
        return _limited(field, _decimal(value))
    if kind == "money":
        return _money(field, value)
    if kind == "quantity":
        return _quantity(field, value)
    if kind == "date":
        return _date(field, value)
    offered = list(roles) if kind == "party" else [one["value"] for one in field["choices"]]
    if value not in offered:
        raise Invalid(_("Choose one of: %(offered)s.") % {"offered": ", ".join(offered)})
    return value


def _text(field: Field, value: Any) -> str:
    most = min(int(field.get("max_length", TEXT_MAX)), LONG_MAX)
    if field["type"] == "long_text" and "max_length" not in field:
        most = LONG_MAX
    if not isinstance(value, str):
        raise Invalid(_("Text is needed."))
    text = value.replace("\r\n", "\n").strip()
    if len(text) > most:
        raise Invalid(_("At most %(most)s characters.") % {"most": most})
    if _CONTROL.search(text) or (field["type"] == "text" and "\n" in text):
        raise Invalid(_("Control characters and line breaks don't belong here."))
    return text


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        raise Invalid(_('A decimal as text is needed, such as "14.5".'))
    try:
        return Decimal(value.strip())
    except InvalidOperation as error:  # pragma: no cover - the pattern allows none
        raise Invalid(_('A decimal as text is needed, such as "14.5".')) from error


def _limited(field: Field, value: Decimal) -> str:
    if "min" in field and value < Decimal(str(field["min"])):
        raise Invalid(_("At least %(least)s.") % {"least": field["min"]})
    if "max" in field and value > Decimal(str(field["max"])):
        raise Invalid(_("At most %(most)s.") % {"most": field["max"]})
    return format(value, "f")


def _money(field: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
        raise Invalid(_("Money is {amount, currency}, in minor units."))
    found = Money(value["amount"], value["currency"])
    if field.get("currency") not in (None, found.currency):
        raise Invalid(_("The currency here is %(currency)s.") % {"currency": field["currency"]})
    if found.amount < int(field.get("min", 0)):
        raise Invalid(_("At least %(least)s.") % {"least": field.get("min", 0)})
    return {"amount": found.amount, "currency": found.currency}


def _quantity(field: Field, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or set(value) != {"value", "unit"}:
        raise Invalid(_('A quantity is {value: "200.000", unit: "TNE"}.'))
    found = Quantity.parse(value["value"], value["unit"], positive=True)
    if field.get("units") and found.unit not in field["units"]:
        raise Invalid(_("Choose one of: %(offered)s.") % {"offered": ", ".join(field["units"])})
    _limited(field, found.value)
    return found.as_api()


def _date(field: Field, value: Any) -> str:
    try:
        found = date.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid(_("A date is written 2026-05-01.")) from error
    if not 1949 <= found.year <= 2200:
        raise Invalid(_("A date is written 2026-05-01."))
    return found.isoformat()


def shown(field: Field, value: Any, language: str, *, form: str = "",
          roles: Mapping[str, Mapping[str, str]] | None = None) -> str:  # fmt: skip
    """The value as printed. ``form`` ``capitals`` writes money in Chinese capital numerals."""
    chinese = language.startswith("zh")
    if value in (None, ""):
        return "／" if chinese else "—"
    kind = field["type"]
    if kind == "money":
        money = Money(value["amount"], value["currency"])
        if form == "capitals" and money.currency == "CNY" and chinese:
            return capitals(money.amount)
        return _money_text(money, chinese)
    if kind == "quantity":
        found = Quantity.parse(value["value"], value["unit"])
        return f"{found.text()} {_UNITS_ZH[found.unit]}" if chinese and found.unit in _UNITS_ZH \
            else str(found)  # fmt: skip
    if kind == "date":
        day = date.fromisoformat(value)
        return f"{day.year}年{day.month}月{day.day}日" if chinese \
            else f"{day.day} {day:%B} {day.year}"  # fmt: skip
    if kind == "choice":
        label: Mapping[str, str] = next(
            (c["label"] for c in field["choices"] if c["value"] == value), {}
        )
        return in_language(label, language) or str(value)
    if kind == "party":
        return in_language((roles or {}).get(value, {}), language) or str(value)
    return str(value)


def _money_text(money: Money, chinese: bool) -> str:
    from kernel.money import currency_exponent

    places = currency_exponent(money.currency)
    number = f"{Decimal(money.amount).scaleb(-places):,.{places}f}"
    if chinese and money.currency == "CNY":
        return f"¥{number}"
    return f"{money.currency} {number}"


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in ``language``, else in the other one."""
    return texts.get(language) or next((text for text in texts.values() if text), "")
