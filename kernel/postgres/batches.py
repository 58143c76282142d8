"""Statements that travel together: one round trip for all that nobody waits for, and what follows.

A round trip costs both sides more than most statements do. So the beginning of a transaction goes
with its first statement; and a statement of which nobody needs the answer (``Link.due``) goes with
the next one, whatever that is, or with the commit. PostgreSQL runs them in this order, as ever.
The first that fails is the error of the statement they went with; those behind it aren't run, and
the transaction is broken as usual. A rollback forgets what hasn't gone.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.errors import InFailedSqlTransaction, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ExecStatus, TransactionStatus

KEPT = 400  # prepared statements of a connection; a process works with more than psycopg's hundred
MISSING = "A locked row wasn't there to be changed."
BROKEN = "A statement of this transaction failed, so nothing of it can be kept."
_FAILED = ExecStatus.FATAL_ERROR
_IDLE = TransactionStatus.IDLE
_IN_ERROR = TransactionStatus.INERROR


@dataclass(frozen=True, slots=True)
class Due:
    """A statement that the server has prepared, as it is sent; ``rows`` that it must change."""

    name: bytes
    sent: Sequence[Any]
    formats: Any
    rows: int | None = None


class Link(psycopg.Connection[Any]):
    """A connection on which statements may wait for the next one."""

    _due: list[Due | bytes]
    _missing: bool  # whether a row was missing in this transaction: the server doesn't mind
    # psycopg's own
    _autocommit: bool
    _num_transactions: int
    _pipeline: Any
    _tpc: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due, self._missing = [], False
        self.prepared_max = KEPT

    def later(self, due: Due | bytes) -> None:
        """Run it with the next statement of this transaction, or its commit."""
        self._due.append(due)

    def forget(self) -> None:
        """What hasn't gone won't go."""
        self._due.clear()

    def settle(self) -> None:
        """Send what is due."""
        if self._due:
            with self.lock:
                self.wait(self.together())

    def command(self, text: bytes) -> None:
        """Send what is due and a command, which psycopg would count as a statement to prepare."""
        with self.lock:
            self.wait(self.together(text))

    @property
    def waiting(self) -> bool:
        """Whether statements wait."""
        return bool(self._due)

    @property
    def must_begin(self) -> bool:
        """Whether the next statement is the first of a transaction."""
        return not self._autocommit and self.pgconn.transaction_status == _IDLE

    def together(self, *last: Due | bytes) -> Generator[Any, Any, list[Any]]:
        """Send the beginning, what is due and ``last`` (a command as bytes) at once: psycopg's
        kind of generator, whose value is the results of the last."""
        self._check_connection_ok()
        todo: list[Due | bytes] = []
        if self.must_begin:
            todo.append(self._get_tx_start_command())
        todo += self._due
        todo += last
        server = self.pgconn
        server.enter_pipeline_mode()
        self._due.clear()
        try:
            for one in todo:
                if isinstance(one, bytes):
                    server.send_query_params(one, None)
                else:
                    server.send_query_prepared(one.name, one.sent, param_formats=one.formats)
            server.pipeline_sync()
            yield from send(server)
            found = []
            for _one in todo:
                found.append((yield from fetch_many(server))[0])
            yield from fetch_many(server)  # the end of it
        finally:
            self._leave()
        self._check(todo, found)
        return found[len(todo) - len(last) :]

    def _leave(self) -> None:
        try:
            self.pgconn.exit_pipeline_mode()
        except psycopg.Error:  # it was broken off in the middle, and can't be used again
            self.close()

    def _check(self, todo: Sequence[Due | bytes], found: Sequence[Any]) -> None:
        for one, result in zip(todo, found, strict=True):
            if result.status == _FAILED:
                raise error_from_result(result, encoding=self.info.encoding)
            if isinstance(one, Due) and one.rows is not None and result.command_tuples != one.rows:
                self._missing = True
                raise psycopg.InternalError(MISSING)

    def _start_query(self) -> Generator[Any, Any, None]:
        """psycopg's, before any statement of any cursor: what is due goes first."""
        if self._due:
            yield from self.together()
        else:
            yield from super()._start_query()

    def _commit_gen(self) -> Generator[Any, Any, None]:
        """psycopg's."""
        if any(isinstance(one, Due) and one.rows is not None for one in self._due):
            yield from self.together()  # it is kept only when it is known to be right
        # Somebody caught the error and went on: PostgreSQL would answer with a rollback, unasked.
        if self._missing:
            raise psycopg.InternalError(MISSING)
        if self.pgconn.transaction_status == _IN_ERROR:
            raise InFailedSqlTransaction(BROKEN)
        if self._due:
            yield from self.together(b"COMMIT")
        else:
            yield from super()._commit_gen()

    def _rollback_gen(self) -> Generator[Any, Any, None]:
        """psycopg's, which forgets what was prepared, lest a rolled back change of the schema made
        it wrong. These connections change no columns, and an error is no reason to plan anew."""
        self.forget()
        if self._pipeline is not None or self._tpc or self._num_transactions:
            yield from super()._rollback_gen()
        elif self.pgconn.transaction_status != _IDLE:
            yield from self._exec_command(b"ROLLBACK")
        self._missing = False
