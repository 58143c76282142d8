"""What tells of a transaction's changes (audit rows, events) is written at its end, by one
statement for each kind.

A step of a checkout tells of half a dozen changes, and telling of one costs as much as making it.
Nobody else sees these rows before the commit anyway, and who reads them here has them written
first (``settle``). What a savepoint undoes isn't told: ``kernel.transactions.atomic`` cuts it off.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kernel import tenancy

Writer = Callable[[Sequence[Any]], None]


@dataclass
class _Gathered:
    platform: UUID
    rows: list[tuple[Writer, Any]] = field(default_factory=list)
    written: int = 0  # of these rows
    made: dict[tuple[type, UUID], Any] = field(default_factory=dict)


_open: ContextVar[_Gathered | None] = ContextVar("gathered", default=None)


@contextmanager
def gathering() -> Iterator[None]:
    """Around all that a transaction does, inside of it: rows given to ``write`` wait for the end of
    the block. Nothing is written when it is left by an exception."""
    if _open.get() is not None:
        yield
        return
    found = _Gathered(tenancy.current_id())
    token = _open.set(found)
    try:
        yield
        _write(found)
    finally:
        _open.reset(token)


def write(writer: Writer, rows: Sequence[Any]) -> None:
    """Have ``writer`` write rows of the platform in scope: now, or at the end of the block."""
    found = _open.get()
    if found is None or found.platform != tenancy.current_id():
        writer(rows)
    else:
        found.rows += [(writer, row) for row in rows]


def settle() -> None:
    """Write what was gathered so far, before it is read."""
    found = _open.get()
    if found is not None and found.platform == tenancy.current_id():
        _write(found)


def _write(found: _Gathered) -> None:
    due, found.written = found.rows[found.written :], len(found.rows)
    for writer in dict.fromkeys(writer for writer, _row in due):
        writer([row for by, row in due if by is writer])


def remember(kind: type, key: UUID, made: Any) -> None:
    """Have the rest of the block find what it has just made, without reading it: nobody else sees
    it, or can change it, before the commit. Who changes the rows changes these objects along."""
    found = _open.get()
    if found is not None and found.platform == tenancy.current_id():
        found.made[kind, key] = made


def remembered(kind: type, key: UUID) -> Any:
    """What was given to ``remember``; None if nothing was, or a savepoint was undone since."""
    found = _open.get()
    if found is None or found.platform != tenancy.current_id():
        return None
    return found.made.get((kind, key))


def forget(kind: type) -> None:
    """Let everything of a kind be read again."""
    found = _open.get()
    if found is not None and found.made:
        found.made = {key: value for key, value in found.made.items() if key[0] is not kind}


def mark() -> tuple[int, int]:
    """How much was gathered and written so far, for ``cut``."""
    found = _open.get()
    return (len(found.rows), found.written) if found else (0, 0)


def cut(to: tuple[int, int]) -> None:
    """Forget what was gathered since ``mark``, and that anything was written: it was undone."""
    found = _open.get()
    if found is not None:
        found.made.clear()
        del found.rows[to[0] :]
        found.written = to[1]
