"""The step engine, with a toy journey: forward, back, waiting, tried again, given up."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import translation

from journeys import selectors
from journeys.engine import DEFINITIONS, advance, failure, resume, start
from journeys.engine.sweep import sweep
from journeys.errors import DeadlinePassed, JourneyFinished
from journeys.models import Journey, JourneyStep
from journeys.services.attention import close_journey, retry_journey
from kernel import clock, tenancy
from kernel.errors import Unavailable
from tests.journeys.toy import Refused, World, make

pytestmark = pytest.mark.django_db
FORWARD = ["first", "prepare", "call", "record", "last"]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    make(made)
    yield made
    DEFINITIONS.pop("toy", None)


def begin() -> Journey:
    return start("toy", key=uuid4(), data={})


def later(journey: Journey) -> None:
    """Let its time to be tried again come."""
    Journey.objects.filter(id=journey.id).update(next_run_at=clock.system(), lease_until=None)


def test_forward(platform: Any, world: World) -> None:
    journey = begin()
    assert journey.state == "done"
    assert world.done == FORWARD
    whats = list(JourneyStep.objects.order_by("id").values_list("name", "what"))
    assert whats == [("first", "done"), ("call", "prepared"), ("call", "done"), ("last", "done")]


def test_same_key_runs_once(platform: Any, world: World) -> None:
    key = uuid4()
    first = start("toy", key=key, data={})
    second = start("toy", key=key, data={})
    assert first.id == second.id
    assert world.calls["call"] == 1


def test_refusal_before_the_first_commit_leaves_nothing(platform: Any, world: World) -> None:
    world.answers["first"] = [Refused()]
    with pytest.raises(Refused):
        begin()
    assert not Journey.objects.exists()


def test_refused_outside_is_undone_in_reverse(platform: Any, world: World) -> None:
    world.answers["call"] = [{"refuse": "no"}]
    journey = begin()
    assert journey.state == "undone"
    assert journey.error is not None
    assert journey.error["code"] == "toy_refused"
    assert world.done[4:] == ["undo_prepare", "undo_call", "undo_record", "undo_first"]


def test_refusal_after_the_call_undoes_the_call_too(platform: Any, world: World) -> None:
    world.answers["last"] = [Refused()]
    journey = begin()
    assert journey.state == "undone"
    assert world.done[5:] == ["undo_prepare", "undo_call", "undo_record", "undo_first"]


def test_no_answer_is_asked_again_not_undone(platform: Any, world: World) -> None:
    world.answers["call"] = [Unavailable("down"), Unavailable("down"), {}]
    journey = begin()
    assert (journey.state, journey.attempts) == ("running", 1)
    assert sweep() == 0, "not before its time"
    later(journey)
    sweep()
    later(journey)
    sweep()
    journey.refresh_from_db()
    assert journey.state == "done"
    assert world.done == ["first", "prepare", "call", "call", "call", "record", "last"]


def test_never_an_answer_needs_attention_and_can_be_retried(platform: Any, world: World) -> None:
    world.answers["call"] = [Unavailable("down")] * 8
    journey = begin()
    for _ in range(7):
        later(journey)
        sweep()
    journey.refresh_from_db()
    assert journey.state == "needs_attention"
    assert sweep() == 0
    info = retry_journey(journey_id=journey.id)
    assert info.state == "done"
    with pytest.raises(JourneyFinished):
        close_journey(journey_id=journey.id, reason="too late")


def test_failing_undo_needs_attention_then_goes_on_undoing(platform: Any, world: World) -> None:
    world.answers["call"] = [{"refuse": "no"}]
    world.answers["undo_first"] = [Refused("stuck")]
    journey = begin()
    assert journey.state == "needs_attention"
    info = retry_journey(journey_id=journey.id)
    assert info.state == "undone"
    # Its record shared the transaction that failed, so the repeatable call is made again.
    assert world.done[-3:] == ["undo_call", "undo_record", "undo_first"]


def test_after_a_step_without_undo_there_is_no_way_back(platform: Any) -> None:
    world = World(answers={"last": [Refused()]})
    make(world, last_without_undo=True)
    try:
        journey = begin()
        assert journey.state == "undone", "the last step itself never happened"
    finally:
        DEFINITIONS.pop("toy", None)


def test_waiting_resumes_by_recheck(platform: Any, world: World) -> None:
    world.answers["call"] = [{"wait": True, "until": clock.business() + timedelta(hours=1)}]
    world.answers["recheck"] = [{"wait": True}, {}]
    journey = begin()
    assert journey.state == "waiting"
    assert resume(journey.id).state == "waiting"
    assert resume(journey.id).state == "done"
    assert world.calls["call"] == 1


def test_deadline_of_waiting_undoes(platform: Any, world: World) -> None:
    world.answers["call"] = [{"wait": True, "until": clock.business() - timedelta(seconds=1)}]
    world.answers["recheck"] = [{"wait": True, "until": clock.business()}]
    journey = begin()
    assert sweep() == 1
    journey.refresh_from_db()
    assert journey.state == "undone"
    assert journey.error is not None
    assert journey.error["code"] == "journeys.deadline_passed"


def test_crash_between_call_and_record_calls_again_under_the_same_journey(
    platform: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import journeys.engine.run as engine

    class Crash(BaseException):
        pass

    def crash(name: str) -> None:
        if name == "toy.call.after_call":
            raise Crash

    monkeypatch.setattr(engine, "hit", crash)
    with pytest.raises(Crash):
        begin()
    monkeypatch.undo()
    journey = Journey.objects.get()
    assert (journey.state, journey.called, journey.position) == ("running", True, 1)
    assert advance(journey.id).state == "running", "the dead one's lease still holds"
    later(journey)
    assert advance(journey.id).state == "done"
    assert world.done == ["first", "prepare", "call", "call", "record", "last"]


def test_failpoints_name_every_commit_and_call(world: World) -> None:
    names = list(DEFINITIONS["toy"].failpoints())
    assert len(names) == len(set(names))
    for name in (
        "toy.call.prepare.before_commit",
        "toy.call.prepare.after_commit",
        "toy.call.before_call",
        "toy.call.after_call",
        "toy.last.before_commit",
        "toy.call.undo.before_call",
        "toy.first.undo.after_commit",
    ):
        assert name in names


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_ten_at_once_under_one_key_run_once(platform: Any, world: World) -> None:
    key, barrier = uuid4(), threading.Barrier(10)
    states: list[str] = []

    def one() -> None:
        with tenancy.scope(platform):
            barrier.wait()
            states.append(str(start("toy", key=key, data={}).state))
        connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(states) == 10
    assert Journey.objects.get().state == "done"
    assert world.calls["call"] == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_sweepers_racing_carry_on_once(platform: Any, world: World) -> None:
    world.answers["call"] = [Unavailable("down"), {}]
    journey = begin()
    later(journey)
    barrier = threading.Barrier(6)

    def one() -> None:
        with tenancy.scope(platform):
            barrier.wait()
            sweep()
        connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journey.refresh_from_db()
    assert journey.state == "done"
    assert world.calls["call"] == 2


def test_failures_are_told_in_the_readers_language(platform: Any, world: World) -> None:
    world.answers["call"] = [{"refuse": "said there"}]
    with translation.override("zh-hans"):
        journey = begin()
    assert journey.error is not None
    assert "title" not in journey.error  # what the code says isn't kept
    for tongue, title in (
        ("en", "The request doesn't fit the present state"),
        ("zh-hans", "该请求与当前状态不符"),
    ):
        with translation.override(tongue):
            told = selectors.journey(journey_id=journey.id)
            assert told.error is not None
            assert told.error["title"] == title
            assert told.error["detail"] == "said there"
            assert told.error["type"] == "/api/v1/errors#toy_refused"
            failed = [step.detail for step in told.steps if step.what == "failed"]
            assert failed == [f"{title}: said there"]


def test_a_usual_failure_has_its_detail_in_the_readers_language(
    platform: Any, world: World
) -> None:
    world.answers["last"] = [DeadlinePassed()]
    journey = begin()
    assert journey.error is not None
    assert "detail" not in journey.error
    titles = set()
    for tongue in ("en", "zh-hans"):
        with translation.override(tongue):
            told = selectors.journey(journey_id=journey.id)
            assert told.error is not None
            assert told.error["detail"] == told.error["title"] == str(DeadlinePassed.title)
            titles.add(told.error["title"])
    assert len(titles) == 2


def test_what_nobody_expected_is_told_as_it_was(platform: Any) -> None:
    assert failure.told({"detail": "OSError: gone"}) == {"detail": "OSError: gone"}
    assert failure.note_told("OSError: gone") == "OSError: gone"
