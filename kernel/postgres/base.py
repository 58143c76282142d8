"""The connection wrapper that ``ENGINE`` names."""

import time
from collections.abc import Sequence
from datetime import UTC
from functools import partial
from threading import get_ident
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.base.base import RAN_DB_VERSION_CHECK
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import adapters
from psycopg.pq import Format, TransactionStatus
from psycopg_pool import ConnectionPool

from kernel import tenancy
from kernel.postgres import ASKED_AFTER, Lent, silent
from kernel.postgres.batches import Link
from kernel.postgres.cursors import Cursor as ShortCursor
from kernel.postgres.lists import Lists

_TIME_OID = adapters.types["timestamptz"].oid
_TIMES: Any = adapters.get_loader(_TIME_OID, Format.TEXT)
_IN_TRANSACTION = TransactionStatus.INTRANS
_POOLS: dict[str, "ConnectionPool[Any]"] = base.DatabaseWrapper._connection_pools  # type: ignore[attr-defined]


class Cursor(CursorWrapper):
    """Django's, without a way round for wrappers that aren't there. What it works with is kept
    for the next cursor when it is closed: making one costs as much as a statement by key."""

    db: "DatabaseWrapper"

    def execute(self, sql: Any, params: Any = None) -> Any:
        """See Django's."""
        db = self.db
        if db.execute_wrappers or db.needs_rollback:
            return super().execute(sql, params)
        try:
            return self.cursor.execute(sql, params)
        except psycopg.Error:
            with db.wrap_database_errors:
                raise

    def later(self, sql: str, params: Any, rows: int | None) -> bool:
        """See ``kernel.postgres.cursors``; never while somebody looks at statements."""
        db = self.db
        if db.execute_wrappers or db.needs_rollback or not isinstance(self.cursor, ShortCursor):
            return False
        with db.wrap_database_errors:
            return self.cursor.later(sql, params, rows)

    def several(self, questions: Sequence[tuple[str, Any]]) -> list[list[Any]] | None:
        """See ``kernel.postgres.cursors``; never while somebody looks at statements."""
        db = self.db
        if db.execute_wrappers or db.needs_rollback or not isinstance(self.cursor, ShortCursor):
            return None
        with db.wrap_database_errors:
            return self.cursor.several(questions)

    def fetchone(self) -> Any:
        """See psycopg's."""
        try:
            return self.cursor.fetchone()
        except psycopg.Error:
            with self.db.wrap_database_errors:
                raise

    def fetchall(self) -> Any:
        """See psycopg's."""
        try:
            return self.cursor.fetchall()
        except psycopg.Error:
            with self.db.wrap_database_errors:
                raise

    @property
    def rowcount(self) -> int:
        """See psycopg's."""
        found: int = self.cursor.rowcount
        return found

    def close(self) -> None:
        """Give it back; it answers nothing from now on."""
        if self.cursor is not None:
            self.db.spare, self.cursor = self.cursor, None


class Pool(ConnectionPool[Any]):
    """psycopg's, which lends the connection that came back last: the server still has at hand what
    that works with, and those behind it rest until more are needed at once."""

    def _get_ready_connection(self, timeout: float | None) -> Any:
        self._pool.rotate(1)
        return super()._get_ready_connection(timeout)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's checks a connection as it is lent, by one round trip. Here the same round trip
    names the platform in scope, or none: so what a connection served before is nobody's matter.
    Where it served the same a moment ago, there is no need of it."""

    spare: Any = None
    asked_at: float = -ASKED_AFTER
    """When the server answered a check last, by ``time.monotonic()``."""

    @property
    def pool(self) -> "ConnectionPool[Any] | None":
        """The pool of this alias in this process; None where connections aren't pooled."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if not options:
            return None
        if self.alias not in _POOLS:
            made = Pool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,  # at first use
                configure=self._configure_connection,
                check=partial(tenancy.lend, self.alias),
                **options,
            )
            _POOLS.setdefault(self.alias, made)  # another thread's, if that was first
        return _POOLS[self.alias]

    def get_connection_params(self) -> dict[str, Any]:
        """See Django's. Where parameters are bound by the server, statements take a short way."""
        found: dict[str, Any] = super().get_connection_params()
        if found["cursor_factory"] is base.ServerBindingCursor:
            found["cursor_factory"] = ShortCursor
        return found

    def is_usable(self) -> bool:
        """See Django's, which asks each time."""
        asked = time.monotonic() - self.asked_at < ASKED_AFTER
        if asked and not self.errors_occurred and silent(self.connection):
            return True
        usable: bool = super().is_usable()
        if usable:
            self.asked_at = time.monotonic()
        return usable

    def cursor(self) -> CursorWrapper:
        """See Django's; the spare one, if there is one of this connection and nothing is due."""
        if self.connection is None:
            self.ensure_connection()  # one of the pool brings a cursor
        found, self.spare = self.spare, None
        if (
            found is None
            or found.connection is not self.connection
            or found.connection.closed
            or not self.health_check_done
            or self.force_debug_cursor
            or settings.DEBUG
        ):
            made: CursorWrapper = super().cursor()
            return made
        if self._thread_ident != get_ident():  # type: ignore[attr-defined]
            self.validate_thread_sharing()
        return Cursor(found, self)

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        """See Django's. A named one lives at the server until it is closed."""
        named = getattr(cursor, "name", None) is not None
        return super().make_cursor(cursor) if named else Cursor(cursor, self)

    def _configure_connection(self, connection: Any) -> Any:
        connection.adapters.register_dumper(list, Lists)
        told = super()._configure_connection(connection)  # type: ignore[misc]
        if self._plain_times and connection.info.parameter_status("TimeZone") == "UTC":
            connection.adapters.register_loader("timestamptz", _TIMES)
        return told

    @property
    def _plain_times(self) -> bool:
        """Whether times may be read by psycopg in C, which knows the zone of the connection alone;
        Django's reader sets ours in Python."""
        bound = self.settings_dict["OPTIONS"].get("server_side_binding") is True
        return bound and self.timezone is UTC

    def create_cursor(self, name: str | None = None) -> Any:
        """See Django's, which looks whose zone the reader of times has."""
        found = self.connection.adapters.get_loader(_TIME_OID, Format.TEXT)
        if found is not _TIMES:
            return super().create_cursor(name)
        if not name:
            return self.connection.cursor()
        return self.connection.cursor(name, scrollable=False, withhold=self.connection.autocommit)

    def connect(self) -> None:
        """See Django's. What the pool lends needs neither addresses nor to be set up, and is made
        ready for whom it serves by ``tenancy.lend`` alone."""
        if self.pool is None or self.alias not in RAN_DB_VERSION_CHECK:
            super().connect()
            return
        self.in_atomic_block = self.needs_rollback = False
        self.closed_in_transaction = self.errors_occurred = False
        self.savepoint_ids, self.atomic_blocks, self.run_on_commit = [], [], []
        self.health_check_enabled, self.health_check_done = True, True
        self.close_at = time.monotonic()
        self.connection = self.get_new_connection({})
        if not self.connection.autocommit:  # who had it before left a transaction open
            self.connection.autocommit = True
        self.autocommit = True

    def get_new_connection(self, conn_params: Any) -> Any:
        """See Django's; one without a pool is of our kind too."""
        if self.pool:
            found = super().get_new_connection(conn_params)
            if isinstance(found, Lent):
                self.spare, found.spare = found.spare, None
            return found
        if conn_params.get("cursor_factory") is not ShortCursor:
            return super().get_new_connection(conn_params)
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return Link.connect(**conn_params)

    def _savepoint(self, sid: str) -> None:
        """See Django's; what was due goes along."""
        if not self._command(self.ops.savepoint_create_sql(sid)):
            super()._savepoint(sid)  # type: ignore[misc]

    def _savepoint_commit(self, sid: str) -> None:
        """See Django's. Where all of the block has been answered, its end can't fail and waits."""
        statement = self.ops.savepoint_commit_sql(sid)
        if not self._command(statement, later=True):
            super()._savepoint_commit(sid)  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        """See Django's. What still waits came after the savepoint, which had sent what was due."""
        if isinstance(self.connection, Link):
            self.connection.forget()
        if not self._command(self.ops.savepoint_rollback_sql(sid)):
            super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _command(self, statement: str, *, later: bool = False) -> bool:
        """Send a command that nobody looks at; whether so."""
        link = self.connection
        if not isinstance(link, Link) or self.execute_wrappers or self.queries_logged:
            return False
        if later and not link.waiting and link.pgconn.transaction_status == _IN_TRANSACTION:
            link.later(statement.encode())
            return True
        with self.wrap_database_errors:
            link.command(statement.encode())
        return True

    def _close(self) -> None:
        if isinstance(self.connection, Link):
            self.connection.forget()
        if isinstance(self.connection, Lent):
            self.connection.used_at = time.monotonic()
            spare, self.spare = self.spare, None
            if isinstance(spare, ShortCursor) and spare.connection is self.connection:
                spare.rest()
                self.connection.spare = spare
        super()._close()  # type: ignore[misc]
