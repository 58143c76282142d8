"""Tables cut by time: made ahead, dropped by rule alone, and never in a writer's way."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections

from kernel import audit, clock, holds, outbox, partitions, retention, tenancy
from kernel.audit import AuditTarget
from kernel.errors import Invalid, NotFound
from kernel.ids import floor, moment_of, uuid7
from kernel.outbox import AggregateRef
from kernel.queues import Verdict
from kernel.records.audit import AuditRecord
from kernel.records.outbox import Delivery, EventHead, OutboxEvent
from kernel.system_role import system_cursor
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor
from tests.kernel.events import append
from tests.kernel.listening import Changed, Heard
from tests.kernel.past import Past, past_of

EVENTS, AUDIT, ANSWERS, STEPS = (
    "kernel_outboxevent", "kernel_auditrecord", "kernel_idempotencyrecord", "journeys_journeystep",
)  # fmt: skip
TABLES = (EVENTS, AUDIT, ANSWERS, STEPS)


@pytest.fixture
def past(real: Tenant, owner_cursor: Any) -> Iterator[Past]:
    partitions.make("default")
    with past_of(owner_cursor) as found:
        yield found


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def thing() -> AggregateRef:
    return AggregateRef("testing.thing", uuid7())


def events_of(aggregate: AggregateRef) -> list[int]:
    rows = OutboxEvent.objects.filter(aggregate_id=aggregate.id).order_by("version")
    return list(rows.values_list("version", flat=True))


def dropped(shard: str = "default") -> dict[str, str]:
    """What a sweep says of each partition whose time is over: the reason, "" for gone."""
    return {one.partition: one.held for one in partitions.drop(shard)}


def test_bounds_are_the_same_in_the_database_and_here(db: None, owner_cursor: Any) -> None:
    for moment in (ago(days=700), ago(seconds=0), datetime(2026, 1, 1, tzinfo=UTC)):
        exact = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        owner_cursor.execute(
            "SELECT kernel_uuid_floor(%s), kernel_uuid_moment(%s)", [moment, floor(moment)]
        )
        assert owner_cursor.fetchone() == (floor(moment), exact)
        assert moment_of(floor(moment)) == exact
    assert floor(clock.system() - timedelta(seconds=1)) < uuid7()
    assert moment_of(UUID(int=2**128 - 1)).year == 9999


@pytest.mark.race
def test_partitions_are_made_ahead_and_once(real: Tenant, owner_cursor: Any) -> None:
    partitions.make("default")
    assert partitions.make("default") == 0
    with system_cursor("default") as sql:
        tables = {one.name: one for one in partitions.tables(sql)}
    assert set(tables) == set(TABLES)
    for name, least in ((EVENTS, 14), (AUDIT, 80), (ANSWERS, 3), (STEPS, 50)):
        assert tables[name].last_ends > clock.system() + timedelta(days=least), name
        assert tables[name].verdict == Verdict.FINE


def test_partitions_are_closed_to_all_but_their_owner(db: None, owner_cursor: Any) -> None:
    partitions.make("default")
    owner_cursor.execute(
        "SELECT c.relname, c.relrowsecurity, (SELECT count(*) FROM pg_policy p "
        " WHERE p.polrelid = c.oid), (SELECT array_agg(r.rolname) FROM aclexplode(c.relacl) a"
        " JOIN pg_roles r ON r.oid = a.grantee WHERE a.grantee <> c.relowner),"
        " (SELECT count(*) FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL"
        "  AND EXISTS (SELECT FROM aclexplode(t.attacl) x WHERE x.grantee <> c.relowner)) "
        "FROM kernel_partition k JOIN pg_class c ON c.oid = k.relation"
    )
    rows = owner_cursor.fetchall()
    assert len(rows) > 3 * len(TABLES)
    assert [row for row in rows if row[1:] != (True, 0, None, 0)] == []


@pytest.mark.parametrize("alias", ["default", "system"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM kernel_outboxevent_first",
        "INSERT INTO kernel_auditrecord_first SELECT * FROM kernel_auditrecord_first",
        "DELETE FROM kernel_outboxevent",
        "DROP TABLE kernel_outboxevent_first",
        "ALTER TABLE kernel_outboxevent DETACH PARTITION kernel_outboxevent_first",
        "CREATE TABLE kernel_mine PARTITION OF kernel_outboxevent FOR VALUES FROM "
        "('90000000-0000-0000-0000-000000000000') TO ('90000000-0000-0000-0000-000000000001')",
        "DELETE FROM kernel_partitionhold",
        "UPDATE kernel_partitioned SET least = '0'",
        "INSERT INTO kernel_partitiondropped SELECT * FROM kernel_partitiondropped",
    ],
)
def test_no_serving_role_gets_at_them(tenant: Tenant, alias: str, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        connections[alias].cursor() as sql,
    ):
        sql.execute(statement)


def test_the_app_role_makes_and_drops_nothing(tenant: Tenant) -> None:
    for call in (
        f"SELECT kernel_make_partitions('{EVENTS}')",
        f"SELECT kernel_drop_partition('{EVENTS}', '1 day', false)",
        "SELECT kernel_partition_table('kernel_job', 'day', 1, '1 day', '{}', '')",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), atomic(), cursor() as sql:
            sql.execute(call)


def test_the_functions_know_their_tables_only(db: None) -> None:
    for call in (
        "SELECT kernel_make_partitions('kernel_job')",
        "SELECT kernel_make_partitions('kernel_job; DROP TABLE kernel_job')",
        "SELECT kernel_drop_partition('kernel_job', '1 day', false)",
        f"SELECT kernel_drop_partition('{EVENTS}', NULL, false)",
    ):
        with (
            pytest.raises(DatabaseError, match="is no partitioned table"),
            system_cursor("default") as sql,
        ):
            sql.execute(call)


@pytest.mark.race
def test_rows_without_a_partition_go_into_the_rest_and_move_later(
    past: Past, settle: Callable[[], None]
) -> None:
    one, start = thing(), ago(days=20)
    with clock.frozen(start):
        append(Changed(1), aggregate=one)
        audit.record("testing.old", target=AuditTarget("testing.thing", one.id))
    append(Changed(2), aggregate=one)
    settle()
    audit.extend_chain()

    def resting() -> int:
        past.owner.execute(f"SELECT (SELECT count(*) FROM {EVENTS}_rest) + "
                           f"(SELECT count(*) FROM {AUDIT}_rest)")  # fmt: skip
        return int(past.owner.fetchone()[0])

    assert resting() == 2
    # A week, which the present one's first partition keeps from being made, isn't made by halves.
    before = past.partitions(EVENTS)
    assert partitions.make("default") == 1
    assert len(past.partitions(EVENTS) - before) == 1
    assert resting() == 1, "the quarter is cut through by this test's first partition"
    assert events_of(one) == [1, 2]
    assert AuditRecord.objects.filter(action="testing.old").count() == 1
    assert audit.verify_chain().ok
    assert partitions.make("default") == 0


def publish_old(past: Past, one: AggregateRef, numbers: int = 2) -> str:
    """A partition of events that ended 40 days ago and were all taken in; its name."""
    child = past.cut(EVENTS, ago(days=50), ago(days=40))
    with clock.frozen(ago(days=45)):
        for number in range(numbers):
            append(Changed(number), aggregate=one)
        outbox.drain()
    return child


@pytest.mark.race
def test_events_go_with_their_week_and_versions_go_on(past: Past) -> None:
    one, other = thing(), thing()
    child = publish_old(past, one)
    with clock.frozen(ago(days=44)):
        append(Changed(7), aggregate=other)
        outbox.drain()
    append(Changed(8), aggregate=other)
    found = partitions.drop("default")
    assert [(d.partition, d.held, d.rows) for d in found] == [(child, "", 3)]
    assert child not in past.partitions(EVENTS)
    assert (events_of(one), events_of(other)) == ([], [2])
    heads = dict(EventHead.objects.values_list("id", "version"))
    assert heads == {one.id: 2, other.id: 1}
    for aggregate in (one, other):
        append(Changed(9), aggregate=aggregate)
    assert (events_of(one), events_of(other)) == ([3], [2, 3])
    with cursor() as sql:
        sql.execute("SELECT name, rows, bytes > 0 FROM kernel_partitiondropped "
                    "WHERE partition = %s", [child])  # fmt: skip
        assert sql.fetchall() == [(EVENTS, 3, True)]


@pytest.mark.race
def test_a_version_is_never_given_twice_where_a_clock_was_wrong(past: Past) -> None:
    """The latest event has an id of long ago, and goes before those that came ahead of it."""
    one = thing()
    child = past.cut(EVENTS, ago(days=50), ago(days=40))
    append(Changed(1), aggregate=one)
    with clock.frozen(ago(days=45)):
        append(Changed(2), aggregate=one)
    outbox.drain()
    assert dropped() == {child: ""}
    append(Changed(3), aggregate=one)
    assert events_of(one) == [1, 3]


@pytest.mark.race
def test_events_that_somebody_needs_hold_their_week(past: Past, heard: Heard) -> None:
    one = thing()
    child = past.cut(EVENTS, ago(days=50), ago(days=40))
    with clock.frozen(ago(days=45)):
        append(Changed(1), aggregate=one)
    assert dropped() == {child: "events are not published yet"}
    with clock.frozen(ago(days=45)):
        outbox.drain()
    Delivery.objects.update(state="parked")
    assert dropped() == {child: "events are parked, or not taken in yet"}
    Delivery.objects.update(state="done")
    held = holds.hold("Court order 17")
    assert dropped() == {child: "a platform is under a legal hold"}
    assert [(one.id, one.reason) for one in holds.standing()] == [(held, "Court order 17")]
    holds.release(held)
    with pytest.raises(holds.HoldReleased):
        holds.release(held)
    assert partitions.drop("default", look=True)[0].held == ""
    assert child in past.partitions(EVENTS), "only looked at"
    assert dropped() == {child: ""}


@pytest.mark.race
def test_nothing_goes_before_its_least_whatever_is_asked(past: Past) -> None:
    child = past.cut(EVENTS, ago(days=32), ago(days=29))
    with system_cursor("default") as sql:
        sql.execute("SELECT * FROM kernel_drop_partition(%s, '0', false)", [EVENTS])
        assert sql.fetchall() == []
    with clock.frozen(clock.system() + timedelta(days=400)):  # a worker whose clock is wrong
        assert child not in dropped()
    assert child in past.partitions(EVENTS)


@pytest.mark.race
def test_what_is_kept_longer_than_ids_have_moments_stays(past: Past, settings: Any) -> None:
    """A hundred years ago lies before 1970, and below the lowest id."""
    for name, setting, kept in (
        (AUDIT, "AUDIT_KEPT_YEARS", 100),
        (STEPS, "JOURNEY_STEPS_KEPT_DAYS", 36500),
    ):
        child = past.cut(name, ago(days=1500), ago(days=1400))
        setattr(settings, setting, kept)
        before = past.partitions(name)
        with system_cursor("default") as sql:
            sql.execute(
                "SELECT partition FROM kernel_drop_partition(%s, interval '100 years', true)",
                [name],
            )
            assert sql.fetchall() == []
        assert dropped() == {}
        assert child in before == past.partitions(name)
    past.owner.execute("SELECT kernel_uuid_floor('1926-01-01')")
    assert past.owner.fetchone() == (floor(datetime(1926, 1, 1, tzinfo=UTC)),)


@pytest.mark.race
def test_audit_rows_go_only_chained_and_the_chain_still_verifies(
    past: Past, settings: Any, settle: Callable[[], None]
) -> None:
    child = past.cut(AUDIT, ago(days=1500), ago(days=1400))
    with clock.frozen(ago(days=1450)):
        for _number in range(3):
            audit.record("testing.old", target=AuditTarget("testing.thing", uuid7()))
    audit.record("testing.new", target=AuditTarget("testing.thing", uuid7()))
    assert AUDIT not in {name.rpartition("_past")[0] for name in dropped()}, "kept for good"
    settings.AUDIT_KEPT_YEARS = 3
    assert dropped() == {child: "rows are not in the chain yet"}
    settle()
    audit.extend_chain()
    before = audit.verify_chain()
    assert dropped() == {child: "days are not sealed yet"}
    past.owner.execute("DELETE FROM kernel_partitionhold WHERE reason = 'days are not sealed yet' "
                       "RETURNING question")  # fmt: skip
    [(question,)] = past.owner.fetchall()
    try:
        assert dropped() == {child: ""}
    finally:
        past.owner.execute("INSERT INTO kernel_partitionhold VALUES (%s, %s, %s)",
                           [AUDIT, "days are not sealed yet", question])  # fmt: skip
    after = audit.verify_chain()
    assert (after.ok, after.checked, after.dropped, after.head) == (True, 4, 3, before.head)
    past.owner.execute(f"ALTER TABLE {AUDIT} DISABLE TRIGGER append_only")
    past.owner.execute(f"DELETE FROM {AUDIT} WHERE action = 'testing.new'")
    past.owner.execute(f"ALTER TABLE {AUDIT} ENABLE TRIGGER append_only")
    broken = audit.verify_chain()
    assert (broken.ok, broken.reason) == (False, "the row was taken away")


@pytest.mark.race
def test_a_partition_in_use_is_left_for_later(past: Past) -> None:
    child = publish_old(past, thing())
    inside, leave = threading.Event(), threading.Event()

    def reads() -> None:
        with atomic(), cursor() as sql:
            sql.execute(f"SELECT count(*) FROM {EVENTS}")
            inside.set()
            leave.wait(60)
        connections.close_all()

    def report() -> None:
        with tenancy.scope(tenant):
            reads()

    tenant = tenancy.current()
    thread = threading.Thread(target=report)
    thread.start()
    assert inside.wait(60)
    try:
        assert dropped() == {}
        assert child in past.partitions(EVENTS)
    finally:
        leave.set()
        thread.join()
    assert EventHead.objects.count() == 0, "all or nothing"
    assert dropped() == {child: ""}


@pytest.mark.race
def test_writers_never_notice(past: Past) -> None:
    """Four write events and audit rows, also into the rest, while partitions come and go."""
    tenant, errors, stop = tenancy.current(), [], threading.Event()
    written: list[int] = []
    times = [timedelta(0), timedelta(days=17)]

    def write(place: int) -> None:
        one, number = thing(), 0
        try:
            with tenancy.scope(tenant):
                while not stop.is_set():
                    number += 1
                    with clock.frozen(clock.system() - times[place % 2]), atomic():
                        append(Changed(number), aggregate=one)
                        audit.record("testing.w", target=AuditTarget("testing.thing", one.id))
                assert events_of(one) == list(range(1, number + 1))
                written.append(number)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[place]) for place in range(4)]
    for thread in threads:
        thread.start()
    changed = 0
    for round_ in range(12):
        past.cut(EVENTS, ago(days=90 + round_), ago(days=89 + round_))
        changed += partitions.make("default") + len(dropped())
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert changed > 1
    assert len(written) == 4
    assert OutboxEvent.objects.count() == sum(written)


@pytest.mark.race
def test_two_workers_at_once_make_it_once(past: Past) -> None:
    with clock.frozen(ago(days=20)):
        append(Changed(1), aggregate=thing())
    barrier, made, errors = threading.Barrier(4), [], []

    def work() -> None:
        try:
            barrier.wait(30)
            made.append(partitions.make("default"))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(made) + partitions.make("default") == 1


@pytest.mark.race
def test_the_status_tells_what_is_due_and_why(
    past: Past, capsys: pytest.CaptureFixture[str]
) -> None:
    child = publish_old(past, thing())
    code = tenancy.current().code
    call_command("retention", "hold", code, "--reason", "Court order 17")
    held = capsys.readouterr().out.rpartition(" ")[2].strip()
    call_command("retention", "status")
    told = capsys.readouterr().out
    assert f"{child}: held: a platform is under a legal hold" in told
    assert "Court order 17" in told
    assert "kernel_auditrecord: " in told
    assert "kept for good" in told
    with system_cursor("default") as sql:
        [events] = [one for one in partitions.tables(sql) if one.name == EVENTS]
    assert (events.overdue, events.verdict) == (1, Verdict.LOOK)
    call_command("retention", "release", code, held)
    call_command("retention", "run")
    assert child in capsys.readouterr().out
    assert child not in past.partitions(EVENTS)
    with pytest.raises(NotFound):
        holds.release(uuid7())
    with pytest.raises(Invalid):
        holds.hold("  ")


def test_no_partition_for_now_is_to_be_acted_on(db: None) -> None:
    with system_cursor("default") as sql:
        [answers] = [one for one in partitions.tables(sql) if one.name == ANSWERS]
    for ahead, verdict in ((0.5, Verdict.LOOK), (-0.1, Verdict.ACT)):
        with clock.frozen(answers.last_ends - timedelta(days=ahead)):
            found = partitions.Table(**(vars(answers) | {"overdue": 0}))
            assert found.verdict == verdict


@pytest.mark.race
def test_the_sweep_counts_what_went(past: Past) -> None:
    child = publish_old(past, thing(), 5)
    assert retention.sweep("default")[child] == 5
