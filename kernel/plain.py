"""Turning values of the product into JSON-able ones, losing nothing: no float ever appears."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from kernel.money import Money
from kernel.quantity import Quantity


def plain(value: Any) -> Any:
    """UUID, Decimal, times and enums as text; Money and Quantity as in the API; the rest as is."""
    if value is None or type(value) in (str, bool, int):
        return value
    if isinstance(value, UUID | Decimal):
        return str(value) if isinstance(value, UUID) else format(value, "f")
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
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, str | int):
        return str(value) if isinstance(value, str) else int(value)
    raise TypeError(f"{type(value).__name__} {value!r:.60} can't be kept as JSON.")
