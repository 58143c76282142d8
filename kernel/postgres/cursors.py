"""A short way for statements that the server has prepared already.

psycopg reads the text of a statement, sets up its adapters, and goes through a handful of
generators for each execution: more work than PostgreSQL has with a look-up by key. What a
connection has prepared needs none of that: its name and the parameters are sent, one result comes
back. Everything else (the first executions, copies, several statements in one text, pipelines,
binary answers) goes psycopg's way, which counts executions and prepares.

The adapters, the names of prepared statements, errors, waiting and Ctrl-C are psycopg's own, so
what a statement answers is the same both ways (tests/kernel/test_cursors.py). It uses psycopg's
insides, so its version is pinned.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg.adapt import Transformer
from psycopg.errors import Error
from psycopg.generators import execute
from psycopg.pq import ExecStatus

from kernel.postgres.batches import Due, Link

LONGEST = 8192  # characters of a statement that is worth being remembered
_TUPLES = ExecStatus.TUPLES_OK


@lru_cache(maxsize=1024)
def _read(statement: str) -> tuple[bytes, list[Any], list[str] | None, int]:
    """The statement with $1 … as PostgreSQL reads it, the format of each parameter, their names
    if they have any, and how many values it takes."""
    from psycopg._queries import _query2pg_nocache

    text, formats, names, parts = _query2pg_nocache(statement.encode(), "utf-8")
    return text, formats, names, len(parts) - 1


class Cursor(ServerBindingCursor):
    """psycopg's cursor, as Django has it, with the short way."""

    # psycopg's own
    connection: Any
    _conn: Any
    _pgconn: Any
    _tx: Any
    _last_query: Any
    _results: list[Any]
    _reset: Any
    _check_results: Any
    _make_row_maker: Any
    closed: bool

    _mine: Any = None  # adapters that are kept from one statement to the next

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """See psycopg's."""
        if params and type(query) is str and len(query) <= LONGEST and not options:
            found = self._prepared(query, params)
            if found is not None:
                try:
                    return self._run(*found)
                except Error as error:
                    raise error.with_traceback(None) from None
        return super().execute(query, params, **options)  # type: ignore[misc]

    def rest(self) -> None:
        """Keep nothing of what was answered."""
        self._reset()
        self._last_query = None
        self._tx.set_pgresult(None)
        if self._mine is not None:
            self._mine.set_pgresult(None)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        """See psycopg's, whose own pipeline has no room for what is due."""
        if isinstance(self._conn, Link):
            self._conn.settle()
        super().executemany(query, params_seq, **options)  # type: ignore[misc]

    def _prepared(
        self, statement: str, params: Any
    ) -> tuple[Any, bytes, Sequence[Any], Any] | None:
        """By which key and name the server knows the statement, and its values as they are sent;
        None where it doesn't."""
        text, formats, names, count = _read(statement)
        connection = self._conn
        if names is not None:
            if type(params) is not dict:
                return None
            try:
                values: Sequence[Any] = [params[name] for name in names]
            except KeyError:
                return None  # psycopg says which
        elif type(params) in (list, tuple) and len(params) == count:
            values = params
        else:
            return None
        if connection._pipeline is not None or self.closed or not isinstance(connection, Link):
            return None
        adapters = self._mine
        if adapters is None:
            adapters = self._mine = Transformer(self)  # type: ignore[arg-type]
        sent = adapters.dump_sequence(values, formats)
        key = (text, adapters.types or ())
        name = connection._prepared._names.get(key)
        return (key, name, sent, adapters) if name else None

    def later(self, statement: str, params: Any, rows: int | None) -> bool:
        """Have it run with the next statement, if the server knows it and a transaction is open
        that may wait; whether so."""
        connection = self._conn
        if connection.autocommit:
            return False
        found = self._prepared(statement, params)
        if found is None:
            return False
        key, name, sent, adapters = found
        connection._prepared._names.move_to_end(key)
        connection.later(Due(name, sent, adapters.formats, rows))
        return True

    def several(self, questions: Sequence[tuple[str, Any]]) -> list[list[Any]] | None:
        """The rows of each question, all asked at once; None if the server doesn't know one."""
        connection, todo = self._conn, []
        for statement, params in questions:
            found = self._prepared(statement, params)
            if found is None:
                return None
            key, name, sent, adapters = found
            connection._prepared._names.move_to_end(key)
            todo.append(Due(name, sent, adapters.formats))
        with connection.lock:
            results = connection.wait(connection.together(*todo))
        rows = []
        for result in results:
            self._mine.set_pgresult(result)
            rows.append(self._mine.load_rows(0, result.ntuples, tuple))
        return rows

    def _run(self, key: Any, name: bytes, sent: Sequence[Any], adapters: Any) -> Any:
        connection, server = self._conn, self._pgconn
        with connection.lock:
            connection._prepared._names.move_to_end(key)
            self._reset()
            self._last_query, self._tx = None, adapters
            if connection._due or connection.must_begin:
                whole = connection.together(Due(name, sent, adapters.formats))
                results = connection.wait(whole)
            else:
                server.send_query_prepared(name, sent, param_formats=adapters.formats)
                results = connection.wait(execute(server))
                self._check_results(results)
        result = results[0]
        self._results[:] = results
        self.pgresult, self._iresult, self._pos = result, 0, 0
        adapters.set_pgresult(result)
        if result.status == _TUPLES:
            self._rowcount = result.ntuples
        else:
            changed = result.command_tuples
            self._rowcount = -1 if changed is None else changed
        self._statusmessage = result.command_status
        self._make_row = self._make_row_maker()
        return self
