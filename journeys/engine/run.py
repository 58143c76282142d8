"""Carrying a journey on, from wherever it stands."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from journeys.engine.definition import (
    DEFINITIONS,
    Again,
    Done,
    Failed,
    LocalStep,
    Outcome,
    OutsideStep,
    Result,
    Run,
    Wait,
    WaitStep,
)
from journeys.engine.failure import kept, noted
from journeys.errors import DeadlinePassed, JourneyFinished
from journeys.models import JOURNEYS, STEPS, Journey, JourneyStep
from kernel import clock, jobs, transactions
from kernel.errors import DomainError, NotFound, Unavailable
from kernel.failpoints import hit
from kernel.gathered import gathering
from kernel.ids import uuid7

log = logging.getLogger("quancheng.journeys")
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
State = Journey.State


def start(
    kind: str,
    *,
    key: UUID,
    data: dict[str, Any],
    merchant_id: UUID | None = None,
    fresh: dict[str, Any] | None = None,
) -> Journey:
    """Begin a journey, or carry on the one begun under the same key. ``fresh``: what its first
    steps need and nobody keeps.

    A DomainError before the first commit leaves nothing behind and is raised as it is; in a
    transaction of the caller's it takes that along.
    """
    existing = JOURNEYS.one("kind = %s AND key = %s", [kind, key])
    if existing is not None:
        return advance(existing.id)
    lease = uuid7()
    journey = JOURNEYS.new(kind=kind, key=key, data=data, merchant_id=merchant_id)
    shared = transactions.in_transaction()
    try:
        with transactions.together(), gathering():
            _take_lease(journey, lease)
            point = _forward(Run(journey, fresh or {}), journey)
            _save(journey, first=True)
            hit(f"{point}.before_commit")
    except IntegrityError:
        other = None if shared else JOURNEYS.one("kind = %s AND key = %s", [kind, key])
        if other is None:
            raise
        return advance(other.id)  # the same request came twice; the other one was first
    hit(f"{point}.after_commit")
    return _carry_on(journey, lease)


def plan(
    kind: str, *, key: UUID, data: dict[str, Any], subject: str, merchant_id: UUID | None = None
) -> None:
    """Begin a journey with the caller's commit: a job carries it on then, or the sweep."""
    journey = JOURNEYS.new(kind=kind, key=key, data=data, subject=subject, merchant_id=merchant_id)
    journey.save(force_insert=True)
    jobs.enqueue("journeys.resume", {"journey_id": str(journey.id)})


def advance(journey_id: UUID) -> Journey:
    """Carry an interrupted journey on; at once returns one that is held, waiting or ended."""
    lease = uuid7()
    with transactions.atomic():
        journey = locked(journey_id)
        now = clock.system()
        if journey.state not in (State.RUNNING, State.UNDOING):
            return journey
        if journey.lease_until and journey.lease_until > now:
            return journey
        _take_lease(journey, lease)
        _save(journey)
    return _carry_on(journey, lease)


def resume(journey_id: UUID) -> Journey:
    """Look again at what a waiting journey waits for."""
    with transactions.atomic():
        journey = locked(journey_id)
        if journey.state == State.WAITING:
            journey.move(State.RUNNING, action="journeys.resumed")
            journey.lease_until = None
            _save(journey)
    return advance(journey_id)


def give_up(journey_id: UUID, error: DomainError) -> Journey:
    """Turn a waiting or troubled journey round and undo what it did."""
    with transactions.atomic():
        journey = locked(journey_id)
        if journey.state == State.UNDOING:
            return journey
        if journey.state not in (State.WAITING, State.NEEDS_ATTENTION):
            raise JourneyFinished(state=journey.state)
        _turn_round(journey, error)
        journey.lease_until = None
        _save(journey)
    return advance(journey_id)


def locked(journey_id: UUID) -> Journey:
    """The journey's row, locked. Raises NotFound."""
    journey = JOURNEYS.one("id = %s", [journey_id], lock=True)
    if journey is None:
        raise NotFound
    return journey


def _carry_on(journey: Journey, lease: UUID) -> Journey:
    """Run under our lease until the journey ends, waits, or has to be tried again later."""
    while journey.state in (State.RUNNING, State.UNDOING) and journey.lease_id == lease:
        try:
            journey = _one_round(journey, lease)
        except Unavailable as error:
            return _later(journey.id, lease, error)
        except DomainError as error:
            journey = _failed(journey.id, lease, error)
        except Exception as error:
            log.exception("journey step failed", extra={"journey": str(journey.id)})
            return _later(journey.id, lease, error)
    return journey


def _one_round(journey: Journey, lease: UUID) -> Journey:
    """One outside call, if one is due, then one transaction."""
    run = Run(journey)
    steps = DEFINITIONS[journey.kind].steps
    result: Result | None = None
    if journey.called:
        step = steps[journey.position]
        assert isinstance(step, OutsideStep)  # only these set ``called``
        name = f"{journey.kind}.{step.name}"
        call: Callable[[Run], Result]
        if journey.state == State.UNDOING:
            assert step.undo is not None
            call, name = step.undo.call, f"{name}.undo"
        else:
            again = step.recheck if journey.data.get("_waited") == step.name else None
            call = again or step.call
        hit(f"{name}.before_call")
        result = call(run)
        hit(f"{name}.after_call")
    with transactions.atomic(), gathering():
        journey = locked(journey.id)
        if journey.lease_id != lease:
            return journey
        run = Run(journey)
        _take_lease(journey, lease)
        journey.attempts = 0
        walk = _back if journey.state == State.UNDOING else _forward
        point = walk(run, journey, result)
        _save(journey)
        hit(f"{point}.before_commit")
    hit(f"{point}.after_commit")
    return journey


def _forward(run: Run, journey: Journey, result: Result | None = None) -> str:
    """Do steps until a call must be made, or the journey waits, ends or turns round."""
    steps = DEFINITIONS[journey.kind].steps
    point = journey.kind
    while journey.position < len(steps):
        step = steps[journey.position]
        point = f"{journey.kind}.{step.name}"
        if isinstance(step, LocalStep):
            step.do(run)
        elif isinstance(step, WaitStep):
            outcome = step.look(run)
            if not isinstance(outcome, Done):
                return _stop(journey, step.name, outcome, point)
            journey.data.pop("_waited", None)
        else:
            if not journey.called:
                step.prepare(run)
                journey.called = True  # one that has to wait isn't prepared once more
                if not step.inline(run):
                    _note(journey, step.name, "prepared")
                    return f"{point}.prepare"
                result = step.call(run)
            outcome = step.record(run, result or {})
            result = None
            if not isinstance(outcome, Done):
                return _stop(journey, step.name, outcome, point)
            journey.called = False
            journey.data.pop("_waited", None)
        _note(journey, step.name, "done")
        journey.position += 1
    journey.move(State.DONE, action="journeys.done")
    return point


def _stop(journey: Journey, name: str, outcome: Outcome, point: str) -> str:
    if isinstance(outcome, Wait):
        journey.move(State.WAITING, action="journeys.waiting")
        journey.deadline = outcome.until
        journey.data["_waited"] = name
        journey.lease_until = None
        _note(journey, name, "waiting")
    elif isinstance(outcome, Failed):
        _note(journey, name, "failed", noted(outcome.error))
        _turn_round(journey, outcome.error)
    return point


def _turn_round(journey: Journey, error: DomainError) -> None:
    """From here on, undo. A step that was begun is undone too."""
    steps = DEFINITIONS[journey.kind].steps
    journey.error = kept(error)
    last = journey.position if journey.called else journey.position - 1
    if any(step.undo is None for step in steps[: last + 1]):
        if journey.state == State.RUNNING:
            journey.move(State.NEEDS_ATTENTION, action="journeys.stuck", reason=noted(error))
            journey.lease_until = None
        return
    if last < 0:
        journey.position = 0
        journey.move(State.UNDOING, action="journeys.turned", reason=noted(error))
        journey.move(State.UNDONE, action="journeys.undone")
        return
    journey.position = last
    journey.called = False
    journey.attempts = 0
    journey.move(State.UNDOING, action="journeys.turned", reason=noted(error))


def _back(run: Run, journey: Journey, result: Result | None = None) -> str:
    """Undo steps until a call must be made or all is undone."""
    steps = DEFINITIONS[journey.kind].steps
    point = journey.kind
    while True:
        step = steps[journey.position]
        point = f"{journey.kind}.{step.name}.undo"
        if isinstance(step, LocalStep | WaitStep):
            assert step.undo is not None
            step.undo(run)
        elif step.undo is not None:
            if not journey.called:
                if step.undo.prepare(run):
                    journey.called = True
                    _note(journey, step.name, "undo prepared")
                    return f"{point}.prepare"
            else:
                outcome = step.undo.record(run, result or {})
                if isinstance(outcome, Again):
                    _note(journey, step.name, "undo changed")
                    return f"{point}.prepare"
                if isinstance(outcome, Wait):
                    return _undo_waits(journey, step.name, point)
                if isinstance(outcome, Failed):
                    raise outcome.error
                journey.called = False
        _note(journey, step.name, "undone")
        if journey.position == 0:
            journey.move(State.UNDONE, action="journeys.undone")
            return point
        journey.position -= 1


def _undo_waits(journey: Journey, name: str, point: str) -> str:
    """The undo isn't finished outside yet: call again after a while; at last a person looks."""
    journey.data["_undo_waits"] = waits = int(journey.data.get("_undo_waits", 0)) + 1
    journey.lease_until = journey.lease_id = None
    journey.next_run_at = clock.system() + timedelta(seconds=min(2**waits, 300))
    _note(journey, name, "undo waiting")
    if waits >= MAX_ATTEMPTS:
        journey.move(State.NEEDS_ATTENTION, action="journeys.stuck", reason="undo unfinished")
    return point


def _failed(journey_id: UUID, lease: UUID, error: DomainError) -> Journey:
    """A step refused for good: turn round; a refusing undo needs a person."""
    with transactions.atomic():
        journey = locked(journey_id)
        if journey.lease_id != lease:
            return journey
        name = _step_name(journey)
        _note(journey, name, "failed", noted(error))
        if journey.state == State.UNDOING:
            journey.error = kept(error)
            journey.lease_until = None
            journey.move(State.NEEDS_ATTENTION, action="journeys.stuck", reason=noted(error))
        else:
            _turn_round(journey, error)
        _save(journey)
        hit(f"{journey.kind}.turn.before_commit")
    hit(f"{journey.kind}.turn.after_commit")
    return journey


def _later(journey_id: UUID, lease: UUID, error: Exception) -> Journey:
    """Try again after a while; after eight tries a person has to look."""
    with transactions.atomic():
        journey = locked(journey_id)
        if journey.lease_id != lease:
            return journey
        journey.attempts += 1
        if isinstance(error, DomainError):
            note, failure = noted(error), kept(error)
        else:
            note = f"{type(error).__name__}: {error}"
            failure = {"detail": note[:1000]}
        _note(journey, _step_name(journey), "trouble", note[:1000])
        journey.lease_until = None
        journey.next_run_at = clock.system() + timedelta(seconds=min(2**journey.attempts, 300))
        if journey.attempts >= MAX_ATTEMPTS and journey.state in (State.RUNNING, State.UNDOING):
            journey.error = failure
            journey.move(State.NEEDS_ATTENTION, action="journeys.stuck", reason=note[:200])
        _save(journey)
    return journey


def expire_waiting(journey_id: UUID) -> Journey:
    """The deadline of a waiting journey has passed: look once more, then give up."""
    journey = resume(journey_id)
    if journey.state != State.WAITING:
        return journey
    return give_up(journey_id, DeadlinePassed())


def _step_name(journey: Journey) -> str:
    names = DEFINITIONS[journey.kind].names
    return names[min(journey.position, len(names) - 1)]


def _take_lease(journey: Journey, lease: UUID) -> None:
    journey.lease_id = lease
    journey.lease_until = clock.system() + LEASE
    journey.next_run_at = journey.lease_until


def _save(journey: Journey, *, first: bool = False) -> None:
    if journey.state in (State.DONE, State.UNDONE, State.WAITING, State.NEEDS_ATTENTION):
        journey.lease_until = None
    if first:
        JOURNEYS.insert([journey])
    else:
        JOURNEYS.save(journey)
    STEPS.insert(journey.__dict__.pop("_notes", []))


def _note(journey: Journey, name: str, what: str, detail: str = "") -> None:
    notes: list[JourneyStep] = journey.__dict__.setdefault("_notes", [])
    notes.append(
        STEPS.new(
            journey=journey,
            name=name,
            what=what,
            attempt=journey.attempts,
            detail=detail,
            at=clock.system(),
        )
    )
