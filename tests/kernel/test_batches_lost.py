"""What waits for the next statement, when something goes wrong in between: nothing is lost quietly,
and what broke is told as what it is."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DataError, IntegrityError, InternalError, OperationalError

from kernel import tenancy
from kernel.ids import uuid7
from kernel.transactions import atomic, connection, cursor, later, on_commit
from marketplace.services.annotate import annotate_order
from marketplace.services.prices import set_prices
from payments.ledger import alarms, lock_accounts
from tests.database import admin_url
from tests.kernel.test_batches import INTO, change, insert, kept, known, work

__all__ = ["known"]


def slept(seconds: float) -> None:
    with cursor() as sql:
        sql.execute("SELECT pg_sleep(%s::float)", [seconds])


@pytest.fixture
def sleeping(known: UUID) -> None:
    """The server has prepared that too."""
    for _turn in range(7):
        slept(0)


def end() -> None:
    """Somebody ends the connection's process at the server, and waits for it."""
    end_of(connection().connection.info.backend_pid)


def end_of(pid: int) -> None:
    with psycopg.connect(admin_url(), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_that_ends_in_the_middle(sleeping: None) -> None:
    told: list[str] = []
    timer = threading.Timer(0.3, end_of, [connection().connection.info.backend_pid])
    timer.start()
    with pytest.raises(OperationalError):
        work(lambda: on_commit(lambda: told.append("kept")), insert, lambda: slept(20))
    timer.join()
    work(insert)
    assert (kept(), told) == (2, [])


def test_a_connection_that_ends_before_the_commit(known: UUID) -> None:
    told: list[str] = []
    with pytest.raises(OperationalError):
        work(kept, lambda: on_commit(lambda: told.append("kept")), insert, end)
    work(insert)
    assert (kept(), told) == (2, [])


@pytest.fixture
def python_s_own() -> Iterator[None]:
    """Ctrl-C as a new process has it, whatever a command that ran here before made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c(sleeping: None, python_s_own: None) -> None:
    timer = threading.Timer(0.3, signal.pthread_kill, [threading.get_ident(), signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        work(insert, lambda: slept(20))
    assert kept() == 1
    work(insert)
    assert kept() == 2


def test_they_go_before_psycopg_s_own_pipeline(known: UUID) -> None:
    with atomic():
        insert()
        with cursor() as sql:
            sql.executemany(
                "UPDATE kernel_ratecounter SET hits = %s WHERE id = %s", [(7, known), (8, known)]
            )
        assert kept() == 2


def test_what_can_t_be_sent_is_django_s_error(known: UUID) -> None:
    with pytest.raises(DataError):
        work(lambda: later(INTO, [tenancy.current_id(), uuid7(), "a\0b", 1]))


def swallowed(kind: type[Exception]) -> None:
    with suppress(kind):
        kept()


def test_an_error_that_somebody_swallows_is_told_by_the_commit(known: UUID) -> None:
    told: list[str] = []
    with pytest.raises(InternalError, match="nothing of it"):
        work(
            lambda: on_commit(lambda: told.append("kept")),
            lambda: insert(by=0),
            lambda: swallowed(DataError),
        )
    assert (kept(), told) == (1, [])


def test_a_missing_row_that_somebody_swallows_is_told_by_the_commit(known: UUID) -> None:
    with pytest.raises(InternalError, match="wasn't there"):
        work(insert, lambda: change(uuid7(), 5), lambda: swallowed(InternalError), kept)
    work(insert)
    assert kept() == 2


def test_the_end_of_a_scope_within_tells_of_them(known: UUID) -> None:
    def within() -> None:
        with tenancy.scope(tenancy.current()):
            insert(by=0)

    with pytest.raises(DataError):
        work(insert, within)
    assert kept() == 1


def test_the_end_of_a_scope_within_tells_of_a_lost_connection(known: UUID) -> None:
    def within() -> None:
        with tenancy.scope(tenancy.current()):
            kept()
            end()

    with pytest.raises(OperationalError):
        work(insert, within)
    assert kept() == 1


@pytest.mark.parametrize(
    "step",
    [
        lambda: set_prices(merchant_id=uuid7(), rows=[]),
        lambda: annotate_order(order_id=uuid7(), merchant_id=uuid7(), changes={}),
    ],
)
def test_nobody_takes_another_table_s_constraint_for_their_own(
    known: UUID, step: Callable[[], Any]
) -> None:
    with pytest.raises(IntegrityError, match="kernel_ratecounter"):
        work(lambda: insert(known), step)


def test_the_ledger_isn_t_blamed_for_another_table_s_check(known: UUID, owner_cursor: Any) -> None:
    owner_cursor.execute("ALTER TABLE kernel_ratecounter ADD CONSTRAINT planted CHECK (hits <> 5)")
    try:
        with pytest.raises(IntegrityError, match="planted"):
            work(lambda: insert(by=2), lambda: lock_accounts([]))
    finally:
        owner_cursor.execute("ALTER TABLE kernel_ratecounter DROP CONSTRAINT planted")
    assert alarms.open_alarms() == []
