"""Events: appended with the change, delivered in order, parked alone, lost never."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db import IntegrityError, transaction

from kernel import clock, outbox, tenancy
from kernel.errors import Invalid, NotFound
from kernel.gathered import gathering
from kernel.ids import public_id, uuid7
from kernel.money import Money
from kernel.outbox import AggregateRef, DeliveryNotParked, Event, EventMeta, HandlerFailed
from kernel.outbox.deliveries import MAX_ATTEMPTS
from kernel.outbox.events import HANDLERS, Published, subscribe, subscribe_batch
from kernel.outbox.relay import fan_out
from kernel.quantity import Quantity
from kernel.records.audit import AuditRecord
from kernel.records.outbox import Delivery, OutboxEvent
from kernel.sealed_text import opened
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor
from tests.kernel.events import append, append_many
from tests.kernel.listening import (
    HANDLER,
    Changed,
    Colour,
    Heard,
    Part,
    Rich,
    state_of,
    thing,
    versions,
)


def test_versions_count_up_within_and_across_statements(tenant: Tenant) -> None:
    one, two = thing(), thing()
    append(Changed(1), aggregate=one)
    append_many([(Changed(2), one, None), (Changed(1), two, None), (Changed(3), one, None)])
    assert versions(one) == [1, 2, 3]
    assert versions(two) == [1]
    numbers = OutboxEvent.objects.filter(aggregate_id=one.id).order_by("version")
    assert [row.payload["number"] for row in numbers] == [1, 2, 3]
    assert append_many([]) == []


def test_nobody_looks_for_earlier_events_of_what_is_new(tenant: Tenant) -> None:
    one, two = thing(), thing()
    with atomic(), gathering():
        outbox.append_many([(Changed(1), one, None), (Changed(2), one, None)], new=True)
        outbox.append_many([(Changed(3), one, None), (Changed(1), two, None)])
    append(Changed(4), aggregate=one)
    assert versions(one) == [1, 2, 3, 4]
    assert versions(two) == [1]
    with pytest.raises(IntegrityError), atomic():
        outbox.append_many([(Changed(5), one, None)], new=True)  # a wrong word


def test_an_event_comes_back_as_it_went_in(tenant: Tenant) -> None:
    event = Rich(
        id=uuid7(), price=Money(5, "JPY"), weight=Quantity(Decimal("31.24"), "TNE"),
        rate=Decimal("0.10"), day=date(2026, 1, 2), at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        colour=Colour.RED, parts=[Part("a", Money(1))], by_sku={"a": Decimal("1.50")},
    )  # fmt: skip
    append(event, aggregate=thing())
    stored = OutboxEvent.objects.get().payload
    assert Rich.from_payload(stored) == event
    assert stored["rate"] == "0.10"
    del stored["added_later"]
    assert Rich.from_payload(stored | {"from_the_future": 1}) == event
    with pytest.raises(ValueError, match="price is missing"):
        Rich.from_payload({"id": str(event.id)})


def test_never_outside_a_transaction(tenant: Tenant) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        outbox.append(Changed(1), aggregate=thing())


def test_floats_and_naive_times_never_get_in(tenant: Tenant) -> None:
    for wrong in (1.5, datetime(2026, 1, 1), object()):
        with pytest.raises(TypeError):
            append(Changed(wrong), aggregate=thing())  # type: ignore[arg-type]


def test_a_name_belongs_to_one_class() -> None:
    with pytest.raises(TypeError, match=r"testing\.thing\.changed\.v1"):

        class Other(Event):
            NAME: ClassVar[str] = "testing.thing.changed.v1"

    with pytest.raises(TypeError):
        subscribe(Event, handler="x")


def test_handler_hears_everything_once_in_order(tenant: Tenant, heard: Heard) -> None:
    one, two = thing(), thing()
    append_many([(Changed(n), one, None) for n in range(5)])
    append_many([(Changed(n), two, None) for n in range(5)])
    assert outbox.drain() == 10
    assert heard.of(one) == heard.of(two) == [0, 1, 2, 3, 4]
    assert outbox.drain() == 0
    assert OutboxEvent.objects.filter(published_at=None).count() == 0


def test_handler_runs_in_scope_and_in_a_transaction(tenant: Tenant, heard: Heard) -> None:
    from kernel import transactions
    from kernel.actors import current_actor

    seen: list[Any] = []

    def look(event: Any, meta: EventMeta) -> bool:
        seen.append((tenancy.current_id(), transactions.in_transaction(), current_actor().kind))
        return False

    heard.fail = look
    append(Changed(1), aggregate=thing())
    outbox.drain()
    assert seen == [(tenant.id, True, "system")]


def test_a_failure_holds_up_its_aggregate_only(tenant: Tenant, heard: Heard) -> None:
    bad, good = thing(), thing()
    heard.fail = lambda event, meta: event.number == 1
    append_many([(Changed(n), bad, None) for n in (1, 2)])
    append_many([(Changed(n), good, None) for n in (11, 12)])
    with pytest.raises(HandlerFailed, match=HANDLER):
        outbox.drain()
    assert heard.of(good) == [11, 12]
    assert heard.of(bad) == []
    row = Delivery.objects.get(attempts=1, state="pending")
    assert row.error == "ValueError: no 1"
    assert row.next_attempt_at > clock.system()
    heard.fail = lambda event, meta: False
    with clock.frozen(clock.system() + timedelta(seconds=3)):
        outbox.drain()
    assert heard.of(bad) == [1, 2]


def park(heard: Heard, *numbers: int) -> AggregateRef:
    """An aggregate whose first event fails until it is parked."""
    aggregate, now = thing(), clock.system()
    heard.fail = lambda event, meta: event.number == numbers[0]
    append_many([(Changed(n), aggregate, None) for n in numbers])
    for step in range(MAX_ATTEMPTS + 1):
        with clock.frozen(now + timedelta(hours=2 * step)):
            outbox.drain(quiet=True)
    return aggregate


def test_after_enough_attempts_it_is_parked_and_can_be_replayed(
    tenant: Tenant, heard: Heard
) -> None:
    aggregate = park(heard, 1, 2, 3)
    assert outbox.parked_count() == 1
    (shown,) = outbox.parked_deliveries().items
    assert (shown.handler, shown.attempts, shown.waiting) == (HANDLER, MAX_ATTEMPTS, 2)
    assert shown.payload == {"number": 1}
    assert shown.error == "ValueError: no 1"
    assert heard.of(aggregate) == []
    heard.fail = lambda event, meta: False
    outbox.replay(shown.id)
    outbox.drain()
    assert heard.of(aggregate) == [1, 2, 3]
    assert outbox.parked_count() == 0
    record = AuditRecord.objects.get(action="kernel.delivery.replayed")
    assert record.target_id == shown.id


def test_skipping_needs_a_reason_and_is_audited(tenant: Tenant, heard: Heard) -> None:
    aggregate = park(heard, 1, 2)
    (shown,) = outbox.parked_deliveries().items
    with pytest.raises(Invalid):
        outbox.skip(shown.id, reason="  ")
    outbox.skip(shown.id, reason="a duplicate of 2")
    outbox.drain()
    assert heard.of(aggregate) == [2]
    assert state_of(1) == "skipped"
    record = AuditRecord.objects.get(action="kernel.delivery.skipped")
    assert opened(record.after["reason"]) == "a duplicate of 2"
    with pytest.raises(DeliveryNotParked):
        outbox.skip(shown.id, reason="again")
    with pytest.raises(NotFound):
        outbox.replay(uuid7())


def test_another_handler_of_the_same_aggregate_goes_on(tenant: Tenant, heard: Heard) -> None:
    other: list[int] = []
    subscribe(Changed, handler="testing.other")(lambda event, meta: other.append(event.number))
    try:
        park(heard, 1, 2)
    finally:
        del HANDLERS["testing.other"]
    assert other == [1, 2]


def test_effect_and_mark_are_one(tenant: Tenant, heard: Heard) -> None:
    """A handler that fails after writing leaves nothing behind."""
    left = thing()

    def write_then_fail(event: Any, meta: EventMeta) -> bool:
        if meta.aggregate_id != left.id:
            append(Changed(99), aggregate=left)
            return True
        return False

    heard.fail = write_then_fail
    append(Changed(1), aggregate=thing())
    with pytest.raises(HandlerFailed):
        outbox.drain()
    assert versions(left) == []


def test_a_database_error_in_a_handler_is_recorded_too(tenant: Tenant, heard: Heard) -> None:
    def break_it(event: Any, meta: EventMeta) -> bool:
        with cursor() as sql:
            sql.execute("SELECT 1 / 0")
        return False

    heard.fail = break_it
    append(Changed(1), aggregate=thing())
    outbox.drain(quiet=True)
    assert "division by zero" in Delivery.objects.get().error


def test_a_handler_unknown_here_waits_for_a_version_that_knows_it(
    tenant: Tenant, heard: Heard
) -> None:
    append(Changed(1), aggregate=thing())
    with atomic(), cursor() as sql:
        fan_out(sql, platform=tenant.id)
    kept = HANDLERS.pop(HANDLER)
    outbox.drain(quiet=True)
    HANDLERS[HANDLER] = kept
    assert Delivery.objects.get().state == "pending"
    with clock.frozen(clock.system() + timedelta(minutes=1)):
        outbox.drain()
    assert [number for _id, number in heard.numbers] == [1]


def test_the_merchants_feed(tenant: Tenant) -> None:
    mine, other = uuid7(), uuid7()
    with transaction.atomic():
        for number in range(5):
            append(Changed(number), aggregate=thing(), merchant_id=mine)
        append(Changed(9), aggregate=thing(), merchant_id=other)
        append(Changed(10), aggregate=thing())
    # This test's own transaction still runs, so its events aren't shown yet.
    assert outbox.merchant_events(mine).items == []


@pytest.mark.race
def test_the_feed_pages_through_everything(real: Tenant, settle: Callable[[], None]) -> None:
    mine, other = uuid7(), uuid7()
    for number in range(5):
        append(Changed(number), aggregate=thing(), merchant_id=mine)
    append(Changed(9), aggregate=thing(), merchant_id=other)
    settle()
    page = outbox.merchant_events(mine, limit=3)
    assert [event.data["number"] for event in page.items] == [0, 1, 2]
    assert page.has_more
    page = outbox.merchant_events(mine, cursor=page.next_cursor, limit=3)
    assert [event.data["number"] for event in page.items] == [3, 4]
    assert not page.has_more
    empty = outbox.merchant_events(mine, cursor=page.next_cursor)
    assert (empty.items, empty.next_cursor) == ([], page.next_cursor)
    assert outbox.merchant_events(mine, types=["nothing.like.it.v1"]).items == []
    with clock.frozen(clock.system() + timedelta(days=31)):
        assert outbox.merchant_events(mine).items == []
    one = outbox.merchant_events(other).items[0]
    with pytest.raises(NotFound):
        outbox.merchant_event(mine, one.id)


def test_ids_are_shown_as_everywhere_in_the_api() -> None:
    found, now = uuid7(), clock.system()
    outbox.register_id_prefixes(testing_id="tst")
    data = {"testing_id": str(found), "testing_ids": [str(found)], "other_id": str(found),
            "parts": [{"testing_id": str(found), "n": 1}]}  # fmt: skip
    event = outbox.FeedEvent(found, "a.b.v1", "testing.thing", found, 3, data, now, now, "")
    shown = outbox.rendered(event)
    public = public_id("tst", found)
    assert shown["data"] == {
        "testing_id": public, "testing_ids": [public], "other_id": str(found),
        "parts": [{"testing_id": public, "n": 1}],
    }  # fmt: skip
    assert shown["id"] == public_id("evt", found)
    assert shown["created_at"].endswith("Z")


def test_deliveries_of_another_platform_are_out_of_reach(
    platforms: Any, tenant: Tenant, heard: Heard
) -> None:
    park(heard, 1)
    (mine,) = outbox.parked_deliveries().items
    with tenancy.scope(platforms.add()):
        assert outbox.parked_deliveries().items == []
        with pytest.raises(NotFound):
            outbox.replay(mine.id)
        assert outbox.drain() == 0
    assert outbox.parked_count() == 1


@pytest.fixture
def batches() -> Iterator[list[list[Published]]]:
    """A batch handler that keeps what it is given, and fails on the number 13."""
    found: list[list[Published]] = []

    def note(sql: Any, published: Sequence[Published]) -> None:
        sql.execute("SELECT 1")
        if any(one.payload["number"] == 13 for one in published):
            sql.execute("SELECT 1 / 0")
        found.append(list(published))

    subscribe_batch([Changed], handler="testing.batch")(note)
    yield found
    del HANDLERS[f"testing.batch:{Changed.NAME}"]


def test_a_batch_handler_gets_all_that_is_published_at_once(
    tenant: Tenant, heard: Heard, batches: list[list[Published]]
) -> None:
    one, merchant = thing(), uuid7()
    append_many([(Changed(n), one, merchant) for n in (1, 2)])
    append(Changed(3), aggregate=thing())
    outbox.drain()
    assert [[row.payload["number"] for row in batch] for batch in batches] == [[1, 2, 3]]
    first = batches[0][0]
    assert (first.platform_id, first.aggregate_id) == (tenant.id, one.id)
    assert (first.type, first.merchant_id) == (Changed.NAME, merchant)
    assert heard.of(one) == [1, 2]
    assert not Delivery.objects.filter(handler__startswith="testing.batch").exists()


def test_a_batch_handler_that_fails_holds_up_nobody_and_gets_them_one_by_one(
    tenant: Tenant, heard: Heard, batches: list[list[Published]]
) -> None:
    good, bad = thing(), thing()
    append(Changed(1), aggregate=good)
    append(Changed(13), aggregate=bad)
    with pytest.raises(HandlerFailed):
        outbox.drain()
    assert (heard.of(good), heard.of(bad)) == ([1], [13])
    assert [[row.payload["number"] for row in batch] for batch in batches] == [[1]]
    assert batches[0][0].platform_id == tenant.id
    left = Delivery.objects.get(handler__startswith="testing.batch", state="pending")
    assert (left.aggregate_id, left.attempts) == (bad.id, 1)
    assert "division by zero" in left.error


def test_a_single_change_does_not_wait_behind_a_list(real: Tenant) -> None:
    """A fifth of each batch is the list's, so that doesn't stand still either."""
    append_many([(Changed(1), thing(), None) for _ in range(80)])
    alone = [thing() for _ in range(9)]
    for one in alone:
        append(Changed(7), aggregate=one)
    with atomic(), cursor() as sql:
        assert fan_out(sql, platform=real.id, limit=10) == 10
        published = OutboxEvent.objects.exclude(published_at=None)
        ids = [one.id for one in alone]
        assert published.filter(aggregate_id__in=ids).count() == 8
        assert fan_out(sql, platform=real.id, limit=10) == 10
        assert published.filter(aggregate_id__in=ids).count() == 9
