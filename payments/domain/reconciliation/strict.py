"""Reading a statement's cells: a wrong one is refused with its row, field, problem and remedy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
LENGTH = 255


class StatementError(ValueError):
    """A file that can't be read. ``row`` counts lines of a CSV from 1, members of JSON from 1;
    0 is the file itself."""

    def __init__(self, row: int, field: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"row {row}, {field}: {problem}" if row else f"{field}: {problem}")
        self.row, self.field, self.problem, self.remedy = row, field, problem, remedy


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row."""

    row: int
    values: Mapping[str, Any]

    def text(self, name: str, *, needed: bool = False) -> str:
        value = self.values.get(name)
        found = "" if value is None else value
        if not isinstance(found, str):
            raise StatementError(self.row, name, "This isn't text.", "Write it as a JSON string.")
        if len(found) > LENGTH or not found.isprintable():
            raise StatementError(self.row, name, f"Longer than {LENGTH}, or not printable.")
        if needed and not found:
            raise StatementError(self.row, name, "This is needed.", "Every row has one.")
        return found.strip()

    def whole(self, name: str, default: int | None = None) -> int:
        value = self.values.get(name)
        if value in (None, "") and default is not None:
            return default
        if type(value) is int and abs(value) < 10**18:
            return value
        if not isinstance(value, str) or not _WHOLE.fullmatch(value):
            raise StatementError(
                self.row, name, f"{_shown(value)} isn't a whole number of minor units.",
                "Write 12.50 CNY as 1250, without separators or a plus sign.",
            )  # fmt: skip
        return int(value)

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, needed=True)
        if value not in allowed:
            raise StatementError(
                self.row, name, f"{value!r} is none of {', '.join(allowed)}.", "Use one of these."
            )
        return value

    def currency(self) -> str:
        value = self.text("currency", needed=True)
        if not _CURRENCY.fullmatch(value):
            raise StatementError(
                self.row, "currency", f"{value!r} isn't a currency.", "Three capitals, as CNY."
            )
        return value

    def day(self, name: str) -> date | None:
        value = self.text(name)
        return day_of(value, self.row, name) if value else None

    def moment(self, name: str, zone: tzinfo) -> datetime:
        value = self.text(name, needed=True)
        try:
            if _MOMENT.fullmatch(value):
                return datetime.fromisoformat(value).astimezone(zone)
        except ValueError:
            pass
        raise StatementError(
            self.row, name, f"{value!r} isn't a time.", "As 2026-10-01T08:30:00+08:00."
        )


def day_of(value: str, row: int, name: str) -> date:
    """A day. Raises StatementError."""
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise StatementError(row, name, f"{value!r} isn't a day.", "As 2026-10-01.")


def zone_of(value: str) -> ZoneInfo:
    """A time zone by name. Raises StatementError."""
    try:
        return ZoneInfo(value)
    except (ValueError, OSError, KeyError) as error:
        raise StatementError(
            1, "zone", f"{value!r} isn't a time zone.", "As Asia/Shanghai."
        ) from error


def _shown(value: Any) -> str:
    return repr(value)[:60]
