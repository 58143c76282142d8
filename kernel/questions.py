"""Reads that don't wait for each other's answers, in one round trip.

A context that reads for others offers a ``Question`` beside the read itself; who needs several
reads at once puts the questions together and asks. In a transaction they see what it did before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from kernel.transactions import cursor

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")


@dataclass(frozen=True, slots=True)
class Question(Generic[A]):
    """A statement with its parameters, and what to make of its rows. Without a statement nothing
    is asked, and it is made of no rows."""

    statement: str
    params: Any
    read: Callable[[list[Any]], A]

    def then(self, made: "Callable[[A], B]") -> "Question[B]":
        """The same, and what ``made`` makes of its answer."""
        return Question(self.statement, self.params, lambda rows: made(self.read(rows)))


NOTHING: Question[dict[Any, Any]] = Question("", None, lambda rows: {})
"""No question, whose answer is empty."""


@overload
def ask(one: Question[A], /) -> tuple[A]: ...
@overload
def ask(one: Question[A], two: Question[B], /) -> tuple[A, B]: ...
@overload
def ask(one: Question[A], two: Question[B], three: Question[C], /) -> tuple[A, B, C]: ...
@overload
def ask(
    one: Question[A], two: Question[B], three: Question[C], four: Question[D], /
) -> tuple[A, B, C, D]: ...
@overload
def ask(
    one: Question[A],
    two: Question[B],
    three: Question[C],
    four: Question[D],
    five: Question[E],
    six: Question[F],
    /,
) -> tuple[A, B, C, D, E, F]: ...
@overload
def ask(
    one: Question[A],
    two: Question[B],
    three: Question[C],
    four: Question[D],
    five: Question[E],
    six: Question[F],
    seven: Question[G],
    /,
) -> tuple[A, B, C, D, E, F, G]: ...
def ask(*questions: Question[Any]) -> tuple[Any, ...]:
    """The answers, in the order of the questions; each sees what those before it did and what was
    committed until they were answered."""
    asked = [one for one in questions if one.statement]
    rows = iter(_rows([(one.statement, one.params) for one in asked]))
    return tuple([one.read(next(rows) if one.statement else []) for one in questions])


def _rows(asked: Sequence[tuple[str, Any]]) -> list[list[Any]]:
    with cursor() as sql:
        return answers(sql, asked)


def answers(sql: Any, asked: Sequence[tuple[str, Any]]) -> list[list[Any]]:
    """The rows of each statement on this cursor, in one round trip where that can be."""
    several = getattr(type(sql), "several", None) if len(asked) > 1 else None
    found: list[list[Any]] | None = several(sql, asked) if several else None
    if found is not None:
        return found
    rows = []
    for statement, params in asked:
        sql.execute(statement, params)
        rows.append(sql.fetchall())
    return rows
