"""Killed (SIGKILL) at every point where durable work could be half done; then started again."""

import signal
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from kernel import jobs
from kernel.ids import uuid7
from kernel.jobs.registry import KINDS, Kind
from kernel.outbox import AggregateRef
from kernel.records.jobs import Job
from kernel.records.outbox import Delivery, OutboxEvent
from kernel.tenancy import Tenant
from tests.kernel.events import append
from tests.kernel.killed import HANDLER, KIND, SHARING, Asked, AskedTogether, EffectMade
from tests.zygote import Zygote

Work = Callable[..., int]


@pytest.fixture
def work(zygote: Zygote, real: Tenant) -> Work:
    """Another process does everything that is due; the signal that killed it."""

    def run(*, failpoint: str = "", minutes: int = 0) -> int:
        ended = zygote.run(
            "tests.kernel.killed:work",
            failpoint=failpoint,
            ahead=timedelta(minutes=minutes),
            platform=real.id,
        )
        assert ended.status == 0 or ended.signal == signal.SIGKILL, ended
        return ended.signal

    return run


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.parametrize(
    "failpoint",
    [
        "outbox.fan_out.before_commit",
        "outbox.delivery.before_commit",
        "outbox.delivery.after_commit",
    ],
)
def test_events_take_effect_once_whatever_is_killed(
    real: Tenant, work: Work, failpoint: str
) -> None:
    append(Asked(1), aggregate=AggregateRef("testing.killed", real.id))
    assert work(failpoint=failpoint) == signal.SIGKILL
    assert work() == 0
    assert OutboxEvent.objects.filter(type=EffectMade.NAME).count() == 1
    assert Delivery.objects.get(handler=HANDLER).state == "done"


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.parametrize(
    ("failpoint", "left"),
    [("outbox.delivery.before_commit", 0), ("outbox.delivery.after_commit", 3)],
)
def test_deliveries_that_share_a_transaction_take_effect_once(
    real: Tenant, work: Work, failpoint: str, left: int
) -> None:
    for number in range(3):
        append(AskedTogether(number), aggregate=AggregateRef("testing.killed", uuid7()))
    effects = OutboxEvent.objects.filter(type=EffectMade.NAME)
    assert work(failpoint=failpoint) == signal.SIGKILL
    assert effects.count() == left
    assert work() == 0
    assert sorted(effect.payload["number"] for effect in effects) == [0, 1, 2]
    assert set(Delivery.objects.filter(handler=SHARING).values_list("state", "attempts")) == {
        ("done", 1)
    }


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.parametrize(("failpoint", "runs"), [("jobs.run.before", 1), ("jobs.run.after", 2)])
def test_jobs_are_finished_by_the_next_worker(
    real: Tenant, work: Work, failpoint: str, runs: int
) -> None:
    KINDS[KIND] = Kind(KIND, lambda job: None)
    try:
        found: UUID = jobs.enqueue(KIND)
        assert work(failpoint=failpoint) == signal.SIGKILL
        assert Job.objects.get(id=found).state == "running"
        assert work() == 0
        assert Job.objects.get(id=found).state == "running"  # the lease still holds
        assert work(minutes=2) == 0
        assert jobs.job_info(found).state == "done"
        assert OutboxEvent.objects.filter(type=EffectMade.NAME).count() == runs
    finally:
        del KINDS[KIND]
