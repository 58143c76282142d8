"""The connection wrapper that ``ENGINE`` names."""

import time
from functools import partial
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg_pool import ConnectionPool

from kernel import tenancy
from kernel.postgres import Lent
from kernel.postgres.lists import Lists

_POOLS: dict[str, "ConnectionPool[Any]"] = base.DatabaseWrapper._connection_pools  # type: ignore[attr-defined]


class Cursor(CursorWrapper):
    """Django's, without a way round for wrappers that aren't there. What it works with is kept
    for the next cursor when it is closed: making one costs as much as a statement by key."""

    db: "DatabaseWrapper"

    def execute(self, sql: Any, params: Any = None) -> Any:
        """See Django's."""
        if self.db.execute_wrappers:
            return super().execute(sql, params)
        self.db.validate_no_broken_transaction()
        with self.db.wrap_database_errors:
            return self.cursor.execute(sql, params)

    def close(self) -> None:
        """Give it back; it answers nothing from now on."""
        if self.cursor is not None:
            self.db.spare, self.cursor = self.cursor, None


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's checks a connection as it is lent, by one round trip. Here the same round trip
    names the platform in scope, or none: so what a connection served before is nobody's matter.
    Where it served the same a moment ago, there is no need of it."""

    spare: Any = None

    @property
    def pool(self) -> "ConnectionPool[Any] | None":
        """The pool of this alias in this process; None where connections aren't pooled."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if not options:
            return None
        if self.alias not in _POOLS:
            made: ConnectionPool[Any] = ConnectionPool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,  # at first use
                configure=self._configure_connection,
                check=partial(tenancy.lend, self.alias),
                **options,
            )
            _POOLS.setdefault(self.alias, made)  # another thread's, if that was first
        return _POOLS[self.alias]

    def cursor(self) -> CursorWrapper:
        """See Django's; the spare one, if there is one of this connection and nothing is due."""
        found, self.spare = self.spare, None
        if (
            found is None
            or found.connection is not self.connection
            or found.connection.closed
            or not self.health_check_done  # type: ignore[attr-defined]
            or self.queries_logged
        ):
            made: CursorWrapper = super().cursor()
            return made
        self.validate_thread_sharing()
        return Cursor(found, self)

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        """See Django's. A named one lives at the server until it is closed."""
        named = getattr(cursor, "name", None) is not None
        return super().make_cursor(cursor) if named else Cursor(cursor, self)

    def _configure_connection(self, connection: Any) -> Any:
        connection.adapters.register_dumper(list, Lists)
        return super()._configure_connection(connection)  # type: ignore[misc]

    def _close(self) -> None:
        if isinstance(self.connection, Lent):
            self.connection.used_at = time.monotonic()
        super()._close()  # type: ignore[misc]
