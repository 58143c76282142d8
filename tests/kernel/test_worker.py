"""The worker: quick, quiet, and gone cleanly; the sweep that removes what is old."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from kernel import (
    audit,
    clock,
    jobs,
    mail,
    maintenance,
    memory,
    outbox,
    personal,
    retention,
    tenancy,
    wake,
    worker,
)
from kernel.ids import uuid7
from kernel.jobs.registry import KINDS, JobContext, Kind
from kernel.outbox import AggregateRef, Event, EventMeta
from kernel.outbox.deliveries import DueDelivery
from kernel.outbox.events import HANDLERS, subscribe
from kernel.records.audit import AuditRecord
from kernel.records.jobs import Job, Schedule, WorkerBeat
from kernel.records.mail import MailMessage
from kernel.records.outbox import Delivery, OutboxEvent
from kernel.records.personal import PersonalKey
from kernel.residents import RESIDENTS
from kernel.system_role import mend_connections, system_cursor
from kernel.tenancy import Tenant
from kernel.worker import Worker
from tests.kernel.events import append, append_many

KIND, HANDLER = "testing.worker", "testing.worker_listens"


@dataclass(frozen=True)
class Happened(Event):
    NAME: ClassVar[str] = "testing.worker.happened.v1"
    number: int


class Seen:
    def __init__(self) -> None:
        self.events: list[tuple[int, float]] = []
        self.jobs: list[tuple[Any, float]] = []
        self.hold, self.inside = threading.Event(), threading.Event()
        self.stopped = False

    def wait_for(self, condition: Any, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it didn't happen in time"
            time.sleep(0.005)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    """The kernel's own jobs and this module's; what other contexts do isn't measured here."""
    found = Seen()
    registries: tuple[dict[str, Any], ...] = (KINDS, HANDLERS, RESIDENTS)
    for registry in registries:
        for name in [name for name in registry if not name.startswith("kernel.")]:
            monkeypatch.delitem(registry, name)

    def listen(event: Happened, meta: EventMeta) -> None:
        found.events.append((event.number, time.monotonic()))
        jobs.enqueue(KIND, {"number": event.number})

    def run(job: JobContext, *, number: int) -> None:
        found.jobs.append((number, time.monotonic()))
        if number < 0:
            found.inside.set()
            while not job.stopping.wait(0.01) and not found.hold.is_set():
                pass
            found.stopped = job.stopping.is_set()

    subscribe(Happened, handler=HANDLER)(listen)
    KINDS[KIND] = Kind(KIND, run)
    yield found
    del HANDLERS[HANDLER], KINDS[KIND]


@pytest.fixture
def running(real: Tenant, seen: Seen) -> Iterator[Worker]:
    found = Worker(handlers=2, jobs=2, hooks=1)

    def run() -> None:
        found.run()

    thread = threading.Thread(target=run)
    thread.start()
    seen.wait_for(lambda: WorkerBeat.objects.exists())
    time.sleep(0.3)
    yield found
    found.stop()
    thread.join(120)
    assert not thread.is_alive()


@pytest.mark.race
def test_an_event_and_its_job_run_while_nothing_else_happens(running: Worker, seen: Seen) -> None:
    for number in range(3):
        append(Happened(number), aggregate=AggregateRef("testing.worker", uuid7()))
        seen.wait_for(lambda number=number: len(seen.jobs) > number)
        assert [found for found, _at in seen.events] == list(range(number + 1))


@pytest.mark.race
def test_it_rests_during_maintenance(
    running: Worker, seen: Seen, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    maintenance.begin()
    time.sleep(0.4)  # a look that had begun is over
    append(Happened(1), aggregate=AggregateRef("testing.worker", uuid7()))
    time.sleep(0.6)
    assert (seen.events, worker.drain()) == ([], 0)
    maintenance.end()
    seen.wait_for(lambda: seen.jobs)


@pytest.mark.race
def test_it_does_a_lot_at_once(running: Worker, seen: Seen) -> None:
    things = [AggregateRef("testing.worker", uuid7()) for _ in range(10)]
    append_many([(Happened(n), things[n % 10], None) for n in range(100)])
    seen.wait_for(lambda: len(seen.jobs) >= 100, 30)
    assert sorted(number for number, _at in seen.events) == list(range(100))
    seen.wait_for(lambda: not Job.objects.exclude(state="done").exclude(periodic=True).exists())
    assert Job.objects.filter(state="done").count() == 100


@pytest.mark.race
def test_what_a_thread_could_not_begin_is_begun_again(
    running: Worker, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deliveries are a thread's own no longer than it is at work on them, however it ends."""
    failed: list[bool] = []

    def broken() -> None:
        if threading.current_thread().name.startswith("handlers") and not failed:
            failed.append(True)
            raise OSError("a broken connection that can't even be closed")
        mend_connections()

    monkeypatch.setattr(worker, "mend_connections", broken)
    append(Happened(1), aggregate=AggregateRef("testing.worker", uuid7()))
    seen.wait_for(lambda: seen.events, 20)
    assert failed


def test_who_is_due_first_has_the_first_thread(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries that share a transaction don't wait for all those of others that don't."""
    monkeypatch.setattr(worker, "TOGETHER", 2)
    subscribe(Happened, handler="kernel.testing_shares", together=True)(lambda event, meta: None)
    many, few = uuid7(), uuid7()

    def due(platform: UUID, handler: str) -> DueDelivery:
        return DueDelivery(platform, uuid7(), handler, uuid7())

    a, c, e, g = (due(few, "kernel.testing_shares") for _ in range(4))
    b, d = (due(many, HANDLER) for _ in range(2))
    f = due(many, "kernel.testing_shares")
    assert worker._pieces([a, b, c, d, e, f, g]) == [[a, c], [b], [d], [e, g], [f]]
    del HANDLERS["kernel.testing_shares"]


@pytest.mark.race
def test_periodic_jobs_begin_by_themselves(running: Worker, real: Tenant) -> None:
    end = time.monotonic() + 120
    while not Schedule.objects.filter(name="kernel.audit_chain").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.race
def test_idle_it_asks_little(real: Tenant, seen: Seen) -> None:
    """Looks at most ten times a second when there is nothing to do."""
    found, looks = Worker(), []
    original = found._look

    def counted(shard: str) -> bool:
        looks.append(shard)
        return original(shard)

    found._look = counted  # type: ignore[method-assign]
    thread = threading.Thread(target=found.run)
    thread.start()
    seen.wait_for(lambda: WorkerBeat.objects.exists())
    time.sleep(1.5)  # past the periodic jobs of the start
    looks.clear()
    time.sleep(1.0)
    count = len(looks)
    found.stop()
    thread.join(120)
    assert 1 <= count <= 12


@pytest.mark.race
def test_stopping_tells_jobs_and_waits_for_them(real: Tenant, seen: Seen) -> None:
    found, ended = Worker(), []
    thread = threading.Thread(target=lambda: ended.append(found.run()))
    thread.start()
    job = jobs.enqueue(KIND, {"number": -1})
    assert seen.inside.wait(10)
    found.stop()
    thread.join(120)
    assert ended == [True]
    assert seen.stopped
    assert jobs.job_info(job).state == "done"
    assert not WorkerBeat.objects.exists()


@pytest.mark.race
def test_stopping_in_vain_leaves_the_job_to_others(
    real: Tenant, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GRACE", 0.2)
    stubborn = threading.Event()

    def run(job: JobContext) -> None:
        seen.inside.set()
        stubborn.wait(20)

    KINDS["testing.stubborn"] = Kind("testing.stubborn", run)
    found, ended = Worker(), []
    thread = threading.Thread(target=lambda: ended.append(found.run()))
    thread.start()
    job = jobs.enqueue("testing.stubborn")
    assert seen.inside.wait(10)
    found.stop()
    thread.join(120)
    assert ended == [False]
    with system_cursor("default") as sql:
        assert jobs.claimer.resume_lost(sql) == 1
    assert jobs.job_info(job).state == "queued"
    stubborn.set()
    time.sleep(0.2)
    assert jobs.job_info(job).state == "queued"  # its late end changes nothing
    del KINDS["testing.stubborn"]


@pytest.mark.race
def test_it_outlives_a_lost_connection(running: Worker, seen: Seen, owner_cursor: Any) -> None:
    owner_cursor.execute("SELECT current_database()")
    with system_cursor("default") as sql:
        sql.execute("SELECT pg_backend_pid(), current_user")
        mine, role = sql.fetchone()
        sql.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE usename = %s AND pid <> %s AND datname = current_database()",
            [role, mine],
        )
        assert sql.fetchone()[0] >= 1
    append(Happened(1), aggregate=AggregateRef("testing.worker", uuid7()))
    seen.wait_for(lambda: seen.jobs, 20)


@pytest.mark.race
def test_drain_does_everything_on_every_platform(platforms: Any, real: Tenant, seen: Seen) -> None:
    for tenant in (real, platforms.add()):
        with tenancy.scope(tenant):
            append(Happened(1), aggregate=AggregateRef("testing.worker", uuid7()))
    jobs.enqueue(KIND, {"number": 2})
    worker.drain()
    assert sorted(number for number, _at in seen.jobs) == [1, 1, 2]
    assert WorkerBeat.objects.count() == 1
    assert worker.drain() == 0


@pytest.mark.race
def test_waking_is_throttled_and_waits_for_the_commit(
    real: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kernel.transactions import atomic

    calls: list[int] = []
    monkeypatch.setattr(wake, "_waker", [])
    wake.register_waker(lambda: calls.append(1))
    wake._last[0] = 0.0
    with atomic():
        append(Happened(1), aggregate=AggregateRef("testing.worker", uuid7()))
        append(Happened(2), aggregate=AggregateRef("testing.worker", uuid7()))
        assert calls == []
    assert calls == [1]


@pytest.mark.race
def test_retention(real: Tenant, seen: Seen, owner_cursor: Any, settings: Any) -> None:
    one, two = (AggregateRef("testing.worker", uuid7()) for _ in "ab")
    append_many([(Happened(n), one, None) for n in (1, 2, 3)])
    outbox.drain()
    append(Happened(4), aggregate=two)
    jobs.drain()
    audit.record("testing.kept", target=audit.AuditTarget(one.type, one.id))
    letter, person = uuid7(), uuid7()
    for owner in (letter, person):
        personal.seal(owner, "x")
    MailMessage(
        id=letter, subject_id=letter, template="t", language="en", sealed="x",
        created_at=clock.system(),
    ).save(force_insert=True)  # fmt: skip
    assert not any(retention.sweep("default").values())
    with clock.frozen(clock.system() + timedelta(days=31)):
        removed = retention.sweep("default")
        assert (removed["deliveries"], removed["jobs"], removed["letters"]) == (3, 3, 1)
        assert OutboxEvent.objects.count() == 4  # go with their week: tests/kernel/test_partitions
        assert not PersonalKey.objects.filter(subject_id=letter).exists()
        assert PersonalKey.objects.filter(subject_id=person).exists()
    assert AuditRecord.objects.filter(action="testing.kept").exists()


@pytest.mark.race
def test_the_outbox_command(real: Tenant, seen: Seen, capsys: pytest.CaptureFixture[str]) -> None:
    aggregate = AggregateRef("testing.worker", uuid7())
    append(Happened(1), aggregate=aggregate)
    outbox.drain()
    Delivery.objects.update(state="parked", error="ValueError: no")
    delivery = Delivery.objects.get()
    call_command("outbox", "status")
    assert "1 parked" in capsys.readouterr().out
    call_command("outbox", "parked", real.code)
    assert "ValueError: no" in capsys.readouterr().out
    call_command("outbox", "replay", real.code, str(delivery.id))
    assert Delivery.objects.get().state == "pending"
    with pytest.raises(CommandError, match="pending"):
        call_command("outbox", "skip", real.code, str(delivery.id), "--reason", "x")
    with pytest.raises(CommandError, match="nowhere"):
        call_command("outbox", "parked", "nowhere")


def test_what_was_freed_is_given_back_now_and_then(
    real: Tenant, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []
    monkeypatch.setattr(worker, "TIDY", 0.05)
    monkeypatch.setattr(memory, "give_back", lambda: given.append(time.monotonic()))
    found = Worker(handlers=1, jobs=1, hooks=1)
    thread = threading.Thread(target=found.run)
    thread.start()
    seen.wait_for(lambda: len(given) > 2)
    found.stop()
    thread.join(120)
    assert not thread.is_alive()


@pytest.fixture(autouse=True)
def close(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "real" in request.fixturenames:
        connections["system"].close()


def test_mail_is_a_job() -> None:
    assert mail.send_mail is KINDS["kernel.send_mail"].call
