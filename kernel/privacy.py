"""What is kept about a person (个人信息), told to them on request, and what binds them still.

Contexts register what they keep in a module ``privacy``; who asks for it or for its end knows none
of them. Rules: articles 45 (a copy) and 47 (deletion) of the Personal Information Protection Law
of the PRC (个人信息保护法).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar
from uuid import UUID

from kernel.ids import public_id
from kernel.outbox import with_public_ids
from kernel.pagination import PageOf
from kernel.plain import plain

Rows = Iterable[Mapping[str, Any]]
T = TypeVar("T")
PAGE = 100


@dataclass(frozen=True)
class Section:
    """One kind of thing that is kept about people; ``title`` is translated when it is shown."""

    name: str
    title: Any
    rows: Callable[[UUID], Rows]


SECTIONS: dict[str, Section] = {}
HOLDS: dict[str, Callable[[UUID], Iterable[str]]] = {}


def section(name: str, title: Any) -> Callable[[Callable[[UUID], Rows]], Callable[[UUID], Rows]]:
    """Register what one context keeps about a person: JSON-able rows, the person's own language."""

    def register(rows: Callable[[UUID], Rows]) -> Callable[[UUID], Rows]:
        SECTIONS[name] = Section(name, title, rows)
        return rows

    return register


def hold(
    name: str,
) -> Callable[[Callable[[UUID], Iterable[str]]], Callable[[UUID], Iterable[str]]]:
    """Register what must end first, each in words for the person, in their language."""

    def register(call: Callable[[UUID], Iterable[str]]) -> Callable[[UUID], Iterable[str]]:
        HOLDS[name] = call
        return call

    return register


def holds(person_id: UUID) -> dict[str, list[str]]:
    """What still binds the person and others, by name; nothing when they may be erased."""
    found = {name: list(call(person_id)) for name, call in sorted(HOLDS.items())}
    return {name: texts for name, texts in found.items() if texts}


def every(fetch: Callable[[str | None], PageOf[T]]) -> Iterator[T]:
    """All items of a list that comes in pages."""
    cursor: str | None = None
    while True:
        page = fetch(cursor)
        yield from page.items
        if not page.has_more:
            return
        cursor = page.next_cursor


def told(info: Any, prefix: str = "", *, leave_out: Iterable[str] = ()) -> dict[str, Any]:
    """A contract as JSON, its fields by name, ids as in the API; ``prefix`` is that of its own id.
    What is empty is left out, what ``leave_out`` names, and ids that have no prefix."""
    without = {"id", *leave_out}
    found = {
        field.name: with_public_ids(field.name, _json(value))
        for field in fields(info)
        if field.name not in without and (value := getattr(info, field.name)) not in (None, "", ())
    }
    if prefix:
        found["id"] = public_id(prefix, info.id)
    return found


def _json(value: Any) -> Any:
    if is_dataclass(value) and not hasattr(value, "as_api"):
        return told(value)
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return plain(value)
