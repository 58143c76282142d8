"""Tables of moves are checked when they are defined."""

from typing import Any, ClassVar

import pytest
from django.db import models
from django.test.utils import isolate_apps

from kernel.errors import InvalidTransition
from kernel.records.audit import AuditRecord
from kernel.sealed_text import opened
from kernel.states import BadTransitions, StatefulModel, Transitions
from kernel.tenancy import Tenant


class Light(models.TextChoices):
    RED = "red"
    GREEN = "green"
    OFF = "off"


MOVES = {Light.RED: {Light.GREEN, Light.OFF}, Light.GREEN: {Light.RED}}


def test_all_pairs() -> None:
    table = Transitions(Light, initial=Light.RED, moves=MOVES)
    allowed = {(a, b) for a, b, yes in table.all_pairs() if yes}
    assert allowed == {(Light.RED, Light.GREEN), (Light.RED, Light.OFF), (Light.GREEN, Light.RED)}
    assert len(list(table.all_pairs())) == 9
    assert table.final == {Light.OFF}
    for state, to, yes in table.all_pairs():
        if yes:
            table.check(state, to)
        else:
            with pytest.raises(InvalidTransition):
                table.check(state, to)


def test_the_refusal_says_what_would_be_possible() -> None:
    table = Transitions(Light, initial=Light.RED, moves=MOVES)
    with pytest.raises(InvalidTransition) as caught:
        table.check("green", "off")
    assert caught.value.params == {"state": "green", "allowed": ["red"]}


def test_unreachable_states_are_refused() -> None:
    with pytest.raises(BadTransitions, match="off can't be reached"):
        Transitions(
            Light, initial=Light.RED, moves={Light.RED: {Light.GREEN}, Light.GREEN: {Light.RED}}
        )


def test_states_that_never_end_are_refused_unless_meant() -> None:
    moves = {
        Light.RED: {Light.GREEN},
        Light.GREEN: {Light.RED, Light.OFF},
        Light.OFF: {Light.RED},
    }
    with pytest.raises(BadTransitions, match="never end"):
        Transitions(Light, initial=Light.RED, moves=moves)
    Transitions(Light, initial=Light.RED, moves=moves, endless=True)


def test_a_move_to_itself_is_refused() -> None:
    with pytest.raises(BadTransitions, match="follows itself"):
        Transitions(Light, initial=Light.RED, moves={Light.RED: {Light.RED, *Light}})


def test_several_initial_states() -> None:
    table = Transitions(Light, initial={Light.RED, Light.GREEN}, moves={Light.RED: {Light.OFF},
                        Light.GREEN: {Light.OFF}})  # fmt: skip
    assert table.initial == {Light.RED, Light.GREEN}


@isolate_apps("kernel")
def test_move_checks_sets_and_writes_the_audit_row(tenant: Tenant) -> None:
    class Lamp(StatefulModel):
        TRANSITIONS: ClassVar[Transitions[Any]] = Transitions(Light, initial=Light.RED, moves=MOVES)
        state = models.CharField(max_length=10, choices=Light, default=Light.RED)

        class Meta(StatefulModel.Meta):
            app_label = "kernel"

    lamp = Lamp()
    lamp.move(Light.GREEN, action="testing.lamp.switched", reason="the road is free")
    assert lamp.state == Light.GREEN
    record = AuditRecord.objects.get(target_id=lamp.id)
    assert (record.action, record.target_type) == ("testing.lamp.switched", "kernel.lamp")
    assert record.before == {"state": "red"}
    assert record.after["state"] == "green"
    assert record.after["reason"] != opened(record.after["reason"]) == "the road is free"
    with pytest.raises(InvalidTransition):
        lamp.move(Light.OFF, action="testing.lamp.switched")
    assert lamp.state == Light.GREEN
    assert AuditRecord.objects.count() == 1
    with pytest.raises(BadTransitions):

        class Broken(StatefulModel):
            TRANSITIONS = {"red": {"green"}}  # type: ignore[assignment]

            class Meta(StatefulModel.Meta):
                app_label = "kernel"
