"""Django's PostgreSQL, whose pool tells each connection as it is lent whom it serves."""

import select
import time
from typing import Any

import psycopg

from kernel.postgres.batches import Link

ASKED_AFTER = 15.0  # seconds without use


def silent(connection: "psycopg.Connection[Any]") -> bool:
    """Whether nothing has come from the server, neither its farewell nor the end of the stream."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)


class Lent(Link):
    """A connection of the pool: remembers what the server was told, so that nobody asks or tells
    it the same again."""

    told: str | None = None
    """The id of the platform that it serves, "" for none; None where that isn't known, as after
    a transaction in which it was told: a rollback takes it back."""
    spare: Any = None
    """Its cursor, for whom it is lent to next: what that knows of types is made once."""
    used_at: float = 0.0
    """When it came back to the pool last, by ``time.monotonic()``."""

    def silent(self) -> bool:
        """Whether the server is taken to be at the other end without a question to it: the
        connection was used just now, and nothing has come since. One that ended or was restarted
        leaves its farewell or the end of the stream. A machine or a network may go without one, so
        what rested is asked."""
        return time.monotonic() - self.used_at <= ASKED_AFTER and silent(self)


def pool_options(size: int) -> dict[str, Any]:
    """Options of psycopg's pool: ``size`` connections at most, ten seconds' wait for one."""
    return {"min_size": 1, "max_size": size, "timeout": 10, "connection_class": Lent}
