"""JSON out: fast, and with our own types."""

from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Promise):
        return str(value)
    as_api = getattr(value, "as_api", None)
    if as_api is not None:
        return as_api()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} can't be sent as JSON")


def encode(value: Any) -> bytes:
    """JSON bytes; decimals as text, money and quantities by their ``as_api``."""
    return orjson.dumps(value, default=_other, option=_OPTIONS)
