"""The sandbox's own database: transactions and locks on it.

``kernel.transactions`` is bound to the platform in scope; the sandbox has no platforms and may
not touch their databases, so it opens its own transactions here, and only here.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.db import connections, transaction

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


def ask(question: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """The one row that answers."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(question, values)
        found: tuple[Any, ...] = cursor.fetchone()
        return found


def try_lock(name: str) -> bool:
    """Take the named lock until the transaction ends; False when another holds it."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


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
