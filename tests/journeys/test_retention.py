"""What keeps steps and audit rows: journeys under way, and days that aren't sealed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from journeys import facade
from journeys.models import Journey, JourneyStep
from journeys.tasks import steps_kept
from kernel import audit, clock, partitions, tenancy
from kernel.audit import AuditTarget
from tests.factories.platforms import make_platform
from tests.kernel.past import Past, past_of

STEPS, AUDIT = "journeys_journeystep", "kernel_auditrecord"


@pytest.fixture
def past(transactional_db: None, owner_cursor: Any) -> Iterator[Past]:
    with tenancy.scope(make_platform()):
        partitions.make("default")
        with past_of(owner_cursor) as found:
            yield found


def ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def dropped() -> dict[str, str]:
    return {one.partition: one.held for one in partitions.drop("default")}


def make_journey(state: str, at: datetime) -> Journey:
    with clock.frozen(at):
        journey = Journey(kind="checkout", key=uuid4(), state=state, data={})
        journey.save(force_insert=True)
        JourneyStep.objects.create(
            journey=journey, name="place", what="done", attempt=1, detail="", at=at
        )
    return journey


@pytest.mark.race
def test_steps_go_when_their_journeys_have_ended_long_ago(past: Past) -> None:
    old, lately = past.cut(STEPS, ago(230), ago(200)), past.cut(STEPS, ago(200), ago(170))
    ended = make_journey("done", ago(210))
    make_journey("undone", ago(190))
    stuck = make_journey("needs_attention", ago(215))
    assert dropped() == {old: "their journeys are still under way"}
    Journey.objects.filter(id=stuck.id).update(state="undone")
    assert dropped() == {old: ""}
    assert lately in past.partitions(STEPS), "not half a year yet"
    assert JourneyStep.objects.count() == 1
    told = facade.journey(journey_id=ended.id)
    assert (told.state, told.steps) == ("done", ())


def test_how_long_steps_are_kept_is_a_setting(settings: Any) -> None:
    assert steps_kept() == timedelta(days=180)
    settings.JOURNEY_STEPS_KEPT_DAYS = 0
    assert steps_kept() is None


@pytest.mark.race
def test_audit_rows_go_when_their_days_are_sealed_and_seals_still_hold(
    past: Past, settings: Any, settle: Callable[[], None]
) -> None:
    settings.AUDIT_KEPT_YEARS = 3
    child = past.cut(AUDIT, ago(1500), ago(1400))
    with clock.frozen(ago(1450)):
        for _number in range(3):
            audit.record("testing.old", target=AuditTarget("testing.thing", uuid4()))
    settle()
    audit.extend_chain()
    assert dropped() == {child: "days are not sealed yet"}
    settle()
    assert facade.seal_chains() is not None
    before = facade.verify_chains()
    assert dropped() == {child: ""}
    after = facade.verify_chains()
    assert after.problems == before.problems == ()
    assert after.links["audit"] >= 3
    assert audit.verify_chain().dropped == 3
