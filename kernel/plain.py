"""Turning values of the product into JSON-able ones, losing nothing: no float ever appears."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from kernel.money import Money
from kernel.quantity import Quantity


def plain(value: Any) -> Any:
    """UUID, Decimal, times and enums as text; Money and Quantity as in the API; the rest as is."""
    kind = type(value)
    if kind in AS_IT_IS:
        return value
    way = _WAYS.get(kind)
    return way(value) if way else _other(value)


def _other(value: Any) -> Any:
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Money | Quantity):
        return value.as_api()
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"{value!r} has no time zone.")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    for kind in (UUID, Decimal, dict, list, tuple, str, int):
        if isinstance(value, kind):
            return _WAYS[kind](value)
    raise TypeError(f"{type(value).__name__} {value!r:.60} can't be kept as JSON.")


def _dict(value: dict[Any, Any]) -> dict[str, Any]:
    return {
        key if type(key) is str else str(plain(key)): plain(item) for key, item in value.items()
    }


def _list(value: Any) -> list[Any]:
    return [plain(item) for item in value]


def _decimal(value: Decimal) -> str:
    return format(value, "f")


# What most values are, by their type; ``str`` and ``int`` of their own kinds become plain ones.
AS_IT_IS = frozenset({str, bool, int, type(None)})
_WAYS: dict[type, Callable[[Any], Any]] = {
    UUID: str, Decimal: _decimal, dict: _dict, list: _list, tuple: _list, str: str, int: int,
}  # fmt: skip
