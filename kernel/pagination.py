"""Keyset pages: stable under writes, as fast on page 1,000 as on page 1."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kernel.errors import Invalid

LIMIT_DEFAULT = 20
LIMIT_MAX = 100
T = TypeVar("T")
U = TypeVar("U")


class InvalidCursor(Invalid):
    code = "invalid_cursor"
    title = _("This cursor isn't one of this list")
    remedy = _("Take next_cursor from the last page of the same list, or leave cursor out.")


@dataclass(frozen=True)
class PageOf(Generic[T]):
    """One page: the items, whether more follow, and the cursor that leads to them."""

    items: list[T]
    has_more: bool
    next_cursor: str | None

    def map(self, change: Callable[[T], U]) -> "PageOf[U]":
        """The same page with every item changed."""
        return PageOf([change(item) for item in self.items], self.has_more, self.next_cursor)


def encode_cursor(order: Sequence[str], values: Sequence[Any]) -> str:
    """An opaque cursor that remembers the order it belongs to."""
    raw = orjson.dumps([",".join(order), *[_plain(value) for value in values]])
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(order: Sequence[str], cursor: str) -> list[str]:
    """The values in a cursor, as text. Raises InvalidCursor for another list's or a broken one."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found = orjson.loads(raw)
    except (ValueError, binascii.Error) as error:
        raise InvalidCursor(field="cursor") from error
    if not isinstance(found, list) or len(found) != len(order) + 1 or found[0] != ",".join(order):
        raise InvalidCursor(field="cursor")
    if not all(isinstance(value, str) for value in found):
        raise InvalidCursor(field="cursor")
    return found[1:]


def keyset(
    queryset: QuerySet[Any, T],
    *,
    order: tuple[str, ...],
    cursor: str | None,
    limit: int = LIMIT_DEFAULT,
) -> PageOf[T]:
    """One page of ``queryset``; works on model, values() and named values_list() querysets.

    ``order`` names columns, ``-`` for descending; the last must be unique (``id``).
    """
    limit = max(1, min(limit, LIMIT_MAX))
    if cursor:
        queryset = queryset.filter(after(queryset, order, cursor))
    rows = list(queryset.order_by(*order)[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    following = encode_cursor(order, [_read(rows[-1], name) for name in order]) if more else None
    return PageOf(rows, more, following)


def after(queryset: QuerySet[Any, Any], order: tuple[str, ...], cursor: str) -> Q:
    """The condition for what comes after the cursor. Raises InvalidCursor."""
    values = decode_cursor(order, cursor)
    condition = Q()
    equal = Q()
    for name, text in zip(order, values, strict=True):
        column = name.lstrip("-")
        try:
            value = queryset.model._meta.get_field(column).to_python(text)
        except Exception as error:
            raise InvalidCursor(field="cursor") from error
        step = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{column}__{step}": value})
        equal &= Q(**{column: value})
    # The first column's bound stands alone too, so that the index range is used.
    first, text = order[0], values[0]
    column = first.lstrip("-")
    bound = queryset.model._meta.get_field(column).to_python(text)
    return Q(**{f"{column}__{'lte' if first.startswith('-') else 'gte'}": bound}) & condition


def _read(row: Any, name: str) -> Any:
    column = name.lstrip("-")
    return row[column] if isinstance(row, dict) else getattr(row, column)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID | Decimal | int | str):
        return str(value)
    raise TypeError(f"{value!r} can't stand in a cursor")
