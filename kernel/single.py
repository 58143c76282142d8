"""A lock that one process at most holds: for what must not be done twice at once, for as long as
the process lives."""

from contextlib import suppress

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from kernel.system_role import alias


class Single:
    """An advisory lock of a database session of its own: it goes with the process or the
    connection, however they end. Use it from one thread."""

    def __init__(self, key: int) -> None:
        self.key = key
        self._connection: BaseDatabaseWrapper | None = None

    def hold(self) -> bool:
        """Take the lock unless another has it, or make sure that it is still held."""
        if self._connection is not None:
            if self._asked("SELECT true"):
                return True
            self.leave()
        # mypy knows ``copy`` only on the base class
        self._connection = connections[alias("default")].copy()
        if self._asked("SELECT pg_try_advisory_lock(%s)", self.key):
            return True
        self.leave()
        return False

    def leave(self) -> None:
        """Let it go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def _asked(self, statement: str, *values: int) -> bool:
        assert self._connection is not None
        try:
            with self._connection.cursor() as sql:
                sql.execute(statement, values)
                row = sql.fetchone()
        except Exception:
            return False
        return bool(row and row[0])
