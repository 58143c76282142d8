"""A journey of its own for the engine's tests: steps that count, an outside that misbehaves."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from journeys.engine import (
    DEFINITIONS,
    Definition,
    Done,
    Failed,
    LocalStep,
    Outcome,
    OutsideStep,
    OutsideUndo,
    Run,
    Wait,
)
from kernel import transactions
from kernel.errors import Conflict


@dataclass
class World:
    """What the steps did, and what they are told to do."""

    done: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    answers: dict[str, list[Any]] = field(default_factory=dict)

    def act(self, name: str) -> dict[str, Any]:
        self.done.append(name)
        queue = self.answers.get(name)
        answer = queue.pop(0) if queue else {}
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] = answer
        return found


class Refused(Conflict):
    code = "toy_refused"


def make(world: World, *, last_without_undo: bool = False) -> Definition:
    """first (local) → call (outside) → last (local), registered as ``toy``."""

    def call(run: Run) -> dict[str, Any]:
        transactions.assert_outside_transaction("the toy's call")
        world.calls["call"] += 1
        return world.act("call")

    def record(run: Run, result: dict[str, Any]) -> Outcome:
        world.act("record")
        if result.get("wait"):
            return Wait(result.get("until"))
        return Failed(Refused(str(result["refuse"]))) if "refuse" in result else Done()

    def undo_call(run: Run) -> dict[str, Any]:
        transactions.assert_outside_transaction("the toy's undo")
        return world.act("undo_call")

    def local(name: str) -> Any:
        return lambda run: world.act(name) and None

    DEFINITIONS.pop("toy", None)
    return Definition(
        "toy",
        (
            LocalStep("first", local("first"), local("undo_first")),
            OutsideStep(
                "call",
                local("prepare"),
                call,
                record,
                OutsideUndo(
                    lambda run: world.act("undo_prepare") is not None,
                    undo_call,
                    lambda run, result: (world.act("undo_record") is not None and Done()) or Done(),
                ),
                recheck=lambda run: world.act("recheck"),
            ),
            LocalStep("last", local("last"), None if last_without_undo else local("undo_last")),
        ),
    )
