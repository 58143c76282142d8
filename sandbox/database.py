"""The sandbox's own database: transactions and locks on it.

``kernel.transactions`` is bound to the platform in scope; the sandbox has no platforms and may
not touch their databases, so it opens its own transactions here, and only here.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.db import connections, transaction

from kernel.questions import answers

ALIAS = "sandbox"


def atomic() -> AbstractContextManager[Any]:
    """A transaction on the sandbox's database; inside another one, a savepoint."""
    return transaction.atomic(using=ALIAS)


def on_commit(call: Callable[[], Any]) -> None:
    """Run ``call`` after the outermost transaction commits."""
    transaction.on_commit(call, using=ALIAS)


def execute(statement: str, values: dict[str, Any]) -> None:
    """Carry one statement out; alone, it is a transaction."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(statement, values)


def later(statement: str, values: Sequence[Any]) -> None:
    """Carry a statement out of which nobody needs the outcome: with the next one of the
    transaction, or with its end, which then raises what is wrong with it."""
    with connections[ALIAS].cursor() as cursor:
        wait = getattr(type(cursor), "later", None)
        if wait is None or not wait(cursor, statement, values, None):
            cursor.execute(statement, values)


def rows(*questions: tuple[str, Sequence[Any]]) -> list[list[Any]]:
    """The rows of each question, all asked at once where that can be."""
    with connections[ALIAS].cursor() as cursor:
        return answers(cursor, questions)


def ask(question: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """The one row that answers."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(question, values)
        found: tuple[Any, ...] = cursor.fetchone()
        return found


def try_lock(name: str) -> tuple[str, Sequence[Any]]:
    """The question that takes the named lock until the transaction ends; false when another holds
    it."""
    return "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name]


def wait_lock(name: str) -> None:
    """Take the named lock until the transaction ends, waiting for it."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def reachable() -> bool:
    """Whether the database answers."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone()[0] == 1)


def close() -> None:
    """Close this thread's connection; the next use opens a new one."""
    connections[ALIAS].close()
