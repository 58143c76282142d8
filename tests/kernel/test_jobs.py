"""Jobs: claimed once, retried, taken over after a crash, never piled up."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from kernel import clock, jobs, tenancy
from kernel.actors import Actor, acting, current_actor
from kernel.errors import Invalid, NotFound
from kernel.ids import uuid7
from kernel.jobs import JobCancelled, JobContext, JobFailed, claimer, schedule
from kernel.jobs.enqueue import JobNotCancellable
from kernel.jobs.registry import KINDS, Kind
from kernel.records.jobs import Job
from kernel.system_role import system_cursor
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor, in_transaction

KIND = "testing.work"


class Work:
    """What ran, and what it does."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.does: Callable[..., Any] = lambda job, **args: None

    def __call__(self, job: JobContext, **args: Any) -> Any:
        self.runs.append(args)
        return self.does(job, **args)


@pytest.fixture
def work() -> Iterator[Work]:
    found = Work()
    KINDS[KIND] = Kind(KIND, found)
    yield found
    del KINDS[KIND]


def later(**by: float) -> Any:
    return clock.frozen(clock.system() + timedelta(**by))


def claim_as_system(tenant: Tenant, limit: int = 10) -> list[claimer.ClaimedJob]:
    with system_cursor("default") as sql:
        return claimer.claim(sql, [tenant], limit=limit)


def test_runs_with_its_arguments_and_keeps_the_result(tenant: Tenant, work: Work) -> None:
    def does(job: JobContext, **args: Any) -> dict[str, Any]:
        job.progress(3, 3)
        return {"seen": tenancy.current_id(), "transaction": in_transaction()}

    work.does = does
    merchant = uuid7()
    found = jobs.enqueue(KIND, {"product": merchant}, merchant_id=merchant)
    assert jobs.job_info(found).state == "queued"
    assert jobs.drain() == 1
    assert work.runs == [{"product": str(merchant)}]
    info = jobs.job_info(found, merchant_id=merchant)
    assert (info.state, info.done, info.total) == ("done", 3, 3)
    assert info.result == {"seen": str(tenant.id), "transaction": False}
    with pytest.raises(NotFound):
        jobs.job_info(found, merchant_id=uuid7())
    assert jobs.drain() == 0


def test_runs_as_who_enqueued_it_without_keeping_a_name(tenant: Tenant, work: Work) -> None:
    seen: list[Actor] = []
    work.does = lambda job, **args: seen.append(current_actor())
    person = uuid7()
    actor = Actor("merchant", id=uuid7(), merchant_id=uuid7(), person_id=person,
                  scopes=frozenset({"catalog:write"}), label="Zhang San")  # fmt: skip
    with acting(actor):
        jobs.enqueue(KIND)
    jobs.drain()
    assert seen[0].person_id == person
    assert seen[0].scopes == {"catalog:write"}
    assert "Zhang" not in str(Job.objects.get().actor)


def test_unknown_failure_is_retried_with_growing_pauses(tenant: Tenant, work: Work) -> None:
    def fail(job: JobContext, **args: Any) -> None:
        raise ValueError("not yet")

    work.does = fail
    found = jobs.enqueue(KIND)
    with pytest.raises(JobFailed):
        jobs.drain()
    row = Job.objects.get(id=found)
    assert (row.state, row.attempts, row.error) == ("queued", 1, "ValueError: not yet")
    now = clock.system()
    for step in range(1, 8):
        with clock.frozen(now + timedelta(hours=2 * step)):
            jobs.drain(quiet=True)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("failed", 8)
    assert jobs.job_info(found).error == "ValueError: not yet"


def test_a_refusal_fails_at_once(tenant: Tenant, work: Work) -> None:
    def refuse(job: JobContext, **args: Any) -> None:
        raise Invalid("The file has no header.", field="file")

    work.does = refuse
    found = jobs.enqueue(KIND)
    jobs.drain(quiet=True)
    info = jobs.job_info(found)
    assert (info.state, info.error) == ("failed", "invalid: The file has no header.")
    assert len(work.runs) == 1


def test_due_times_on_both_clocks(platforms: Any, db: None, work: Work) -> None:
    ahead = platforms.add(clock_offset=timedelta(days=10))
    usual = platforms.add()
    for tenant in (ahead, usual):
        with tenancy.scope(tenant):
            at = clock.system() + timedelta(days=9)
            jobs.enqueue(KIND, {"clock": "business"}, run_at=at, clock="business")
            jobs.enqueue(KIND, {"clock": "system"}, run_at=at)
    with tenancy.scope(usual):
        assert jobs.drain() == 0
        with later(days=9, minutes=1):
            assert jobs.drain() == 2
    work.runs.clear()
    with tenancy.scope(ahead):
        assert jobs.drain() == 1
        assert work.runs == [{"clock": "business"}]


def test_a_business_job_that_fails_is_not_retried_at_once(
    platforms: Any, db: None, work: Work
) -> None:
    def fail(job: JobContext, **args: Any) -> None:
        raise ValueError

    work.does = fail
    with tenancy.scope(platforms.add(clock_offset=timedelta(days=10))):
        jobs.enqueue(KIND, clock="business")
        assert jobs.drain(quiet=True) == 1


def test_unique_merges_with_a_queued_one_only(tenant: Tenant, work: Work) -> None:
    first = jobs.enqueue(KIND, {"n": 1}, unique="a", run_at=clock.system() + timedelta(days=1))
    assert jobs.enqueue(KIND, {"n": 2}, unique="a") == first
    assert jobs.enqueue(KIND, {"n": 3}, unique="b") != first

    def enqueue_again(job: JobContext, **args: Any) -> None:
        if len(work.runs) == 1:
            assert jobs.enqueue(KIND, {"n": 4}, unique="a") != first

    work.does = enqueue_again
    jobs.drain()
    assert sorted(run["n"] for run in work.runs) == [2, 3, 4]


def test_a_failing_job_gives_way_to_the_same_work_queued_since(tenant: Tenant, work: Work) -> None:
    def again_and_fail(job: JobContext, **args: Any) -> None:
        if len(work.runs) == 1:
            jobs.enqueue(KIND, {"n": 2}, unique="a")
            raise ValueError

    work.does = again_and_fail
    first = jobs.enqueue(KIND, {"n": 1}, unique="a")
    jobs.drain(quiet=True)
    assert jobs.job_info(first).state == "cancelled"
    assert [run["n"] for run in work.runs] == [1, 2]


def test_cancelling(tenant: Tenant, work: Work) -> None:
    queued = jobs.enqueue(KIND)
    jobs.cancel(queued)
    assert jobs.drain() == 0

    def cancel_myself(job: JobContext, **args: Any) -> None:
        jobs.cancel(job.id)
        with pytest.raises(JobCancelled):
            job.progress(1, 1)
        job.progress(1, 1)

    work.does = cancel_myself
    running = jobs.enqueue(KIND)
    jobs.drain()
    assert jobs.job_info(running).state == "cancelled"
    with pytest.raises(JobNotCancellable):
        jobs.cancel(running)
    with pytest.raises(NotFound):
        jobs.cancel(uuid7())


def test_kinds_of_a_newer_version_wait_for_it(tenant: Tenant, work: Work) -> None:
    jobs.enqueue("testing.not_known_here")
    assert jobs.drain() == 0


def test_a_periodic_job_that_fails_waits_no_longer_than_its_period(
    tenant: Tenant, work: Work
) -> None:
    def fail(job: JobContext, **args: Any) -> None:
        raise ValueError

    work.does = fail
    KINDS[KIND] = Kind(KIND, work, every=60)
    found, now = jobs.enqueue(KIND), clock.system()
    Job.objects.filter(id=found).update(attempts=5)
    with clock.frozen(now):
        jobs.drain(quiet=True)
    assert Job.objects.get(id=found).run_at <= now + timedelta(seconds=60)


@pytest.mark.race
def test_nothing_runs_before_the_commit(real: Tenant, work: Work) -> None:
    with atomic():
        jobs.enqueue(KIND)
        assert claim_as_system(real) == []
    assert len(claim_as_system(real)) == 1


@pytest.mark.race
def test_each_job_is_claimed_once(real: Tenant, work: Work) -> None:
    for number in range(40):
        jobs.enqueue(KIND, {"n": number})
    claimed: list[Any] = []
    together = threading.Barrier(4)

    def take() -> None:
        together.wait(10)
        while found := claim_as_system(real, limit=3):
            claimed.extend(job.id for job in found)
        connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(claimed) == len(set(claimed)) == 40


@pytest.mark.race
def test_after_a_crash_another_claimer_goes_on(real: Tenant, work: Work) -> None:
    found = jobs.enqueue(KIND)
    (lost,) = claim_as_system(real)  # and its worker is gone
    with later(seconds=59), system_cursor("default") as sql:
        assert claimer.resume_lost(sql) == 0
    with later(seconds=61):
        with system_cursor("default") as sql:
            assert claimer.resume_lost(sql) == 1
        (mine,) = claim_as_system(real)
        assert (mine.id, mine.attempt) == (found, 2)
        # The first worker wasn't dead after all: it may change nothing any more.
        context = JobContext(lost.id, lost.kind, lost.attempt)
        with pytest.raises(JobCancelled):
            context.progress(1, 2)
        work.does = lambda job, **args: {"by": "the first"}
        claimer.run_job(lost)
        assert jobs.job_info(found).state == "running"
        with system_cursor("default") as sql:
            stale = JobContext(lost.id, lost.kind, lost.attempt)
            held = JobContext(mine.id, mine.kind, mine.attempt)
            claimer.renew(sql, [stale, held])
        assert (stale.lost, held.lost) == (True, False)
        work.does = lambda job, **args: {"by": "the second"}
        claimer.run_job(mine)
    assert jobs.job_info(found).result == {"by": "the second"}


@pytest.mark.race
def test_a_job_that_takes_its_workers_along_is_given_up(real: Tenant, work: Work) -> None:
    found = jobs.enqueue(KIND)
    now = clock.system()
    for step in range(8):
        with clock.frozen(now + timedelta(minutes=2 * step)):
            assert len(claim_as_system(real)) == 1
        with (
            clock.frozen(now + timedelta(minutes=2 * step + 1, seconds=1)),
            system_cursor("default") as sql,
        ):
            claimer.resume_lost(sql)
    info = jobs.job_info(found)
    assert info.state == "failed"
    assert "worker stopped" in info.error


@pytest.mark.race
def test_a_renewed_lease_holds_and_a_released_one_doesnt(real: Tenant, work: Work) -> None:
    jobs.enqueue(KIND)
    (mine,) = claim_as_system(real)
    context = JobContext(mine.id, mine.kind, mine.attempt)
    with later(seconds=50), system_cursor("default") as sql:
        claimer.renew(sql, [context])
    with later(seconds=100), system_cursor("default") as sql:
        assert claimer.resume_lost(sql) == 0
    with system_cursor("default") as sql:
        claimer.release(sql, [context])
    with later(seconds=1), system_cursor("default") as sql:
        assert claimer.resume_lost(sql) == 1


@pytest.mark.race
def test_the_same_unique_work_never_runs_twice_at_once(real: Tenant, work: Work) -> None:
    jobs.enqueue(KIND, {"n": 1}, unique="a")
    assert len(claim_as_system(real)) == 1
    jobs.enqueue(KIND, {"n": 2}, unique="a")
    assert claim_as_system(real) == []
    Job.objects.filter(state="running").update(state="done")
    assert len(claim_as_system(real)) == 1


@pytest.mark.race
def test_periodic_jobs_come_due_on_every_platform_and_dont_pile_up(
    platforms: Any, real: Tenant, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "KINDS", {KIND: Kind(KIND, work, every=60)})
    KINDS[KIND] = Kind(KIND, work, every=60)
    tenants = [real, platforms.add()]
    now = clock.system()
    with clock.frozen(now), system_cursor("default") as sql:
        schedule.ensure_schedule(sql, tenants)
        schedule.ensure_schedule(sql, tenants)
        assert schedule.tick(sql, tenants) == 2
        assert schedule.tick(sql, tenants) == 0
    for minute in (1, 2, 3):
        with clock.frozen(now + timedelta(minutes=minute)), system_cursor("default") as sql:
            assert schedule.tick(sql, tenants) == 0  # still queued: no second one beside it
    assert Job.objects.count() == 1
    assert jobs.drain() == 1
    assert Job.objects.count() == 0  # done periodic ones leave nothing
    with clock.frozen(now + timedelta(minutes=4)), system_cursor("default") as sql:
        assert schedule.tick(sql, tenants) == 1


def test_run_periodic_by_hand(tenant: Tenant) -> None:
    assert jobs.run_periodic("kernel.audit_chain") == {"added": 0}


def test_cursor_shape(tenant: Tenant, work: Work) -> None:
    """Ids made by the database are UUIDv7 as well."""
    with cursor() as sql:
        from kernel.sql_parts import UUID7

        sql.execute(f"SELECT {UUID7}", {"now": clock.system()})
        made = sql.fetchone()[0]
    assert made.version == 7
    assert abs((made.int >> 80) - clock.system().timestamp() * 1000) < 5000
