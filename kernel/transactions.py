"""Transactions on the current platform's database; the only door to ``django.db``'s own."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import DatabaseError, InternalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from kernel import gathered, tenancy
from kernel.postgres.batches import MISSING


class _Atomic(transaction.Atomic):
    """Django's; what it undoes isn't told of either."""

    def __enter__(self) -> None:
        self.mark = gathered.mark()
        super().__enter__()

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        # Also without an exception, where an inner block without a savepoint had one.
        undone = kind is not None or transaction.get_connection(self.using).needs_rollback
        try:
            super().__exit__(kind, value, traceback)
        except BaseException:  # the database refused to keep it
            undone = True
            raise
        finally:
            if undone:
                gathered.cut(self.mark)


def alias() -> str:
    """The database alias of the platform in scope, else the control database's."""
    tenant = tenancy.current_or_none()
    return tenant.database if tenant else "default"


def atomic(*, durable: bool = False, savepoint: bool = True) -> AbstractContextManager[Any]:
    """A transaction (or savepoint) on the current platform's database."""
    return _Atomic(alias(), savepoint, durable)


def together() -> AbstractContextManager[Any]:
    """The caller's transaction, else one of our own; two statements fewer than a savepoint.

    What raises takes all of the caller's along, so it is for work that checks everything before
    its first write, or whose errors the caller lets through.
    """
    return nullcontext() if in_transaction() else atomic()


def on_commit(call: Callable[[], Any]) -> None:
    """Run ``call`` after the outermost transaction commits; at once when there is none."""
    transaction.on_commit(call, using=alias())


def connection() -> BaseDatabaseWrapper:
    """The current platform's database connection of this thread."""
    return connections[alias()]


def cursor() -> CursorWrapper:
    """A cursor on the current platform's database; use as a context manager."""
    return connection().cursor()


def change(statement: str, params: Any, *, rows: int | None = None) -> None:
    """Run a statement now. ``rows``: how many it must change, else InternalError."""
    with cursor() as sql:
        sql.execute(statement, params)
        if rows is not None and sql.rowcount != rows:
            raise InternalError(MISSING)


def later(statement: str, params: Any, *, rows: int | None = None) -> None:
    """``change`` of which nobody needs the outcome: with the next statement of the transaction, or
    its commit, which then raises what is wrong with it. Not where a broken constraint is caught
    before the transaction or savepoint ends."""
    with cursor() as sql:
        wait = getattr(type(sql), "later", None)
        waits = wait is not None and wait(sql, statement, params, rows)
    if not waits:
        change(statement, params, rows=rows)


def table_of(error: DatabaseError) -> str:
    """The table (or partition) whose constraint was broken, "" where PostgreSQL doesn't say. Who
    makes something of it must ask: a write that waited fails with the next statement, whatever
    that is, the beginning of a savepoint too."""
    return getattr(getattr(error.__cause__, "diag", None), "table_name", None) or ""


def in_transaction() -> bool:
    """Whether a transaction of ours is open (a test case's own wrapper doesn't count)."""
    here = connection()
    blocks = getattr(here, "atomic_blocks", [])
    return any(not getattr(block, "_from_testcase", False) for block in blocks)


def assert_outside_transaction(what: str) -> None:
    """Refuse an outside call while a transaction is open: a defect, so it raises RuntimeError."""
    if in_transaction():
        raise RuntimeError(f"{what} inside a transaction: commit the intent first, then call.")
