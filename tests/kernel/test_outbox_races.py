"""The outbox under concurrency: nothing lost, nothing out of order, nothing twice at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connections

from kernel import clock, outbox, tenancy
from kernel.ids import uuid7
from kernel.outbox import AggregateRef, EventMeta
from kernel.outbox.deliveries import DueDelivery, due_deliveries, run_deliveries, run_delivery
from kernel.outbox.relay import fan_out
from kernel.records.outbox import Delivery, OutboxEvent
from kernel.system_role import system_cursor
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor
from tests.kernel.events import append
from tests.kernel.listening import (
    HANDLER,
    Changed,
    Heard,
    thing,
    versions,
)


@pytest.mark.race
def test_a_late_commit_with_an_earlier_number_is_not_lost(
    real: Tenant, settle: Callable[[], None]
) -> None:
    """Transaction A takes its number first and commits last; a reader in between misses nothing."""
    mine = uuid7()
    begun, finish = threading.Event(), threading.Event()

    def late() -> None:
        with tenancy.scope(real), atomic():
            append(Changed(1), aggregate=thing(), merchant_id=mine)
            begun.set()
            finish.wait(10)
        connections.close_all()

    thread = threading.Thread(target=late)
    thread.start()
    assert begun.wait(10)
    append(Changed(2), aggregate=thing(), merchant_id=mine)  # later number, earlier commit
    first = outbox.merchant_events(mine)
    published = []
    with system_cursor("default") as sql:
        published.append(fan_out(sql))
    finish.set()
    thread.join()
    settle()
    second = outbox.merchant_events(mine, cursor=first.next_cursor)
    with system_cursor("default") as sql:
        published.append(fan_out(sql))
    assert [e.data["number"] for e in [*first.items, *second.items]] == [1, 2]
    assert published == [1, 1]  # the relay follows no cursor either


@pytest.mark.race
def test_without_the_aggregates_lock_the_database_refuses_the_second(real: Tenant) -> None:
    aggregate, appended = thing(), threading.Event()
    errors: list[IntegrityError] = []

    def second() -> None:
        assert appended.wait(10)
        try:
            with tenancy.scope(real), atomic():
                append(Changed(2), aggregate=aggregate)  # sees no version 1, so counts 1
        except IntegrityError as error:
            errors.append(error)
        connections.close_all()

    thread = threading.Thread(target=second)
    thread.start()
    with atomic():
        append(Changed(1), aggregate=aggregate)
        appended.set()
        thread.join(0.3)  # it waits for this commit
        assert thread.is_alive()
    thread.join(120)
    assert len(errors) == 1
    assert versions(aggregate) == [1]


@pytest.mark.race
def test_order_for_each_aggregate_under_concurrency(  # noqa: C901
    real: Tenant, heard: Heard
) -> None:
    """Four writers, two relays and four runners at once: every event once, each list in order."""
    aggregates = [thing() for _ in range(6)]
    writing = threading.Event()

    def write(number: int) -> None:
        with tenancy.scope(real):
            for step in range(15):
                aggregate = aggregates[(step + number) % len(aggregates)]
                with atomic(), cursor() as sql:
                    sql.execute(
                        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))",
                        [str(aggregate.id)],
                    )  # stands for the aggregate's row lock
                    append(Changed(number * 1000 + step), aggregate=aggregate)
        connections.close_all()

    def relay() -> None:
        while not writing.is_set() or unpublished():
            with system_cursor("default") as sql:
                fan_out(sql, limit=7)
        connections.close_all()

    def unpublished() -> bool:
        with system_cursor("default") as sql:
            sql.execute("SELECT EXISTS (SELECT FROM kernel_outboxevent WHERE published_at IS NULL)")
            return bool(sql.fetchone()[0])

    def run() -> None:
        with tenancy.scope(real):
            while len(heard.numbers) < 60 and not given_up.is_set():
                with system_cursor("default") as sql:
                    due = due_deliveries(sql)
                for one in due:
                    run_delivery(one.id)
        connections.close_all()

    given_up = threading.Event()
    timer = threading.Timer(30, given_up.set)
    timer.start()
    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    others = [threading.Thread(target=relay) for _ in range(2)]
    others += [threading.Thread(target=run) for _ in range(4)]
    for one in (*writers, *others):
        one.start()
    for one in writers:
        one.join()
    writing.set()
    for one in others:
        one.join()
    timer.cancel()
    assert len(heard.numbers) == 60
    for aggregate in aggregates:
        rows = OutboxEvent.objects.filter(aggregate_id=aggregate.id).order_by("version")
        assert heard.of(aggregate) == [row.payload["number"] for row in rows]


@pytest.mark.race
def test_what_a_crash_before_the_commit_leaves_is_delivered_again(
    real: Tenant, heard: Heard
) -> None:
    """The connection dies inside the handler: no mark, no effect, and the next run does both."""
    aggregate, times = thing(), []

    def die_once(event: Any, meta: EventMeta) -> bool:
        times.append(event.number)
        if len(times) == 1:
            append(Changed(50), aggregate=AggregateRef("testing.effect", real.id))
            with cursor() as sql:
                sql.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return False

    heard.fail = die_once
    append(Changed(1), aggregate=aggregate)
    with atomic(), cursor() as sql:
        fan_out(sql, platform=real.id)
        delivery = Delivery.objects.get().id
    assert isinstance(run_delivery(delivery), OperationalError)
    row = Delivery.objects.get(id=delivery)
    assert (row.state, row.attempts) == ("pending", 1)
    assert OutboxEvent.objects.filter(aggregate_type="testing.effect").count() == 0
    with clock.frozen(clock.system() + timedelta(minutes=1)):
        assert run_delivery(delivery) is True
    assert times == [1, 1]
    assert run_delivery(delivery) is False


def four_due(tenant: Tenant) -> list[DueDelivery]:
    """The deliveries of four changes, 1 to 4, each of a thing of its own."""
    for number in range(1, 5):
        append(Changed(number), aggregate=thing())
    with atomic(), cursor() as sql:
        fan_out(sql, platform=tenant.id)
        due = due_deliveries(sql, platform=tenant.id)
    return [one for one in due if one.handler == HANDLER]


@pytest.mark.race
def test_one_that_fails_beside_others_is_alone_with_it(real: Tenant, heard: Heard) -> None:
    """Deliveries shared a transaction: what it undid is done again by each alone, and the one at
    fault has one attempt less."""
    effects = OutboxEvent.objects.filter(aggregate_type="testing.effect")

    def third(event: Any, meta: EventMeta) -> bool:
        append(Changed(100 + event.number), aggregate=AggregateRef("testing.effect", meta.id))
        return bool(event.number == 3)

    heard.fail = third
    mine = four_due(real)
    run_deliveries(mine)
    run_deliveries(mine)  # another worker saw the same ones due: those done aren't done again
    done = Delivery.objects.filter(id__in=[one.id for one in mine], state="done", attempts=1)
    left = Delivery.objects.get(handler=HANDLER, state="pending", attempts__gt=0)
    assert (done.count(), left.version) == (3, 1)
    assert {row.payload["number"] for row in effects} == {101, 102, 104}


@pytest.mark.race
def test_two_that_lock_in_opposite_order_cost_nobody_an_attempt(real: Tenant, heard: Heard) -> None:
    """Each handler locks one thing, yet transactions that several share may deadlock: the one that
    is broken off does its own again, one by one, and no try of theirs is counted."""
    both, met, begun = threading.Barrier(2), threading.local(), []

    def lock(event: Any, meta: EventMeta) -> bool:
        place = getattr(met, "places", None) or [1]
        with cursor() as sql:
            sql.execute("SELECT pg_advisory_xact_lock(4711, %s)", [place.pop(0)])
        if not getattr(met, "seen", False):
            met.seen = True
            both.wait(20)
        begun.append(event.number)
        return False

    heard.fail = lock
    mine = four_due(real)

    def run(some: list[DueDelivery], places: list[int]) -> None:
        met.places = places
        with tenancy.scope(real):
            run_deliveries(some)
        connections.close_all()

    threads = [
        threading.Thread(target=run, args=(mine[:2], [1, 2])),
        threading.Thread(target=run, args=(mine[2:], [2, 1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found = Delivery.objects.filter(handler=HANDLER).values_list("state", "attempts")
    assert list(found) == [("done", 1)] * 4
    assert len(begun) == 5  # one of them was broken off at its second, having done its first


@pytest.mark.race
def test_two_runners_never_run_one_delivery_at_once(real: Tenant, heard: Heard) -> None:
    inside, go = threading.Event(), threading.Event()

    def slow(event: Any, meta: EventMeta) -> bool:
        inside.set()
        go.wait(10)
        return False

    heard.fail = slow
    append(Changed(1), aggregate=thing())
    with atomic(), cursor() as sql:
        fan_out(sql, platform=real.id)
    delivery = Delivery.objects.get().id

    def first() -> None:
        with tenancy.scope(real):
            run_delivery(delivery)
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    assert run_delivery(delivery) is False
    go.set()
    thread.join()
    assert len(heard.numbers) == 1
