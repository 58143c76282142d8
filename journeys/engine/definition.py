"""What a journey consists of.

A *local* step runs inside a transaction; neighbours share one. A *waiting* step is a local one
that looks at how something in the house stands, and may have to wait for it. An *outside* step
commits its intent (``prepare``), calls without a transaction (``call``, repeatable under the same
key), and commits what came of it (``record``). ``undo=None`` marks a step after which there is no
way back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeys.models import Journey
from kernel.errors import DomainError

Result = dict[str, Any]


@dataclass
class Run:
    """One journey being carried on: what its steps read and write. ``fresh`` is what a step has
    just read or written, for those that follow in the same transaction."""

    journey: Journey
    fresh: dict[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, Any]:
        """What the journey knows; kept with every commit. JSON only, nothing personal."""
        data: dict[str, Any] = self.journey.data
        return data


@dataclass(frozen=True)
class Done:
    """The step is finished."""


@dataclass(frozen=True)
class Wait:
    """The step waits for something outside; ``until`` (business time) it gives up."""

    until: datetime | None = None


@dataclass(frozen=True)
class Again:
    """An undo found something else to call for; its intent is committed, call at once."""


@dataclass(frozen=True)
class Failed:
    """The step failed for good; everything before it is undone."""

    error: DomainError


Outcome = Done | Wait | Again | Failed


def _never(run: Run) -> bool:
    return False


@dataclass(frozen=True)
class LocalStep:
    name: str
    do: Callable[[Run], None]
    undo: Callable[[Run], None] | None


def _nothing(run: Run) -> None:
    """Nothing was done that would have to be undone."""


@dataclass(frozen=True)
class WaitStep:
    """``look`` answers ``Done``, ``Wait`` or ``Failed``; it is asked again whenever the journey is
    resumed. It changes nothing that would have to be undone."""

    name: str
    look: Callable[[Run], Outcome]
    undo: Callable[[Run], None] = _nothing


@dataclass(frozen=True)
class OutsideUndo:
    """``prepare`` answers whether there is anything to call for."""

    prepare: Callable[[Run], bool]
    call: Callable[[Run], Result]
    record: Callable[[Run, Result], Outcome]


@dataclass(frozen=True)
class OutsideStep:
    """``inline`` says that this run's call stays inside the house (no commit needed around it);
    ``recheck`` asks how a waiting step stands, instead of calling again."""

    name: str
    prepare: Callable[[Run], None]
    call: Callable[[Run], Result]
    record: Callable[[Run, Result], Outcome]
    undo: OutsideUndo | None
    recheck: Callable[[Run], Result] | None = None
    inline: Callable[[Run], bool] = _never


Step = LocalStep | WaitStep | OutsideStep
DEFINITIONS: dict[str, "Definition"] = {}


@dataclass(frozen=True)
class Definition:
    """A kind of journey; making one registers it."""

    kind: str
    steps: tuple[Step, ...]
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(step.name for step in self.steps)
        if len(set(names)) != len(names):
            raise ValueError(f"{self.kind}: step names must differ.")
        object.__setattr__(self, "names", names)
        DEFINITIONS[self.kind] = self

    def failpoints(self) -> Iterator[str]:
        """Every point before and after each commit and each outside call, forward and back."""
        for index, step in enumerate(self.steps):
            if isinstance(step, OutsideStep):
                yield from _around(f"{self.kind}.{step.name}.prepare", "commit")
                yield from _around(f"{self.kind}.{step.name}", "call")
                if index + 1 == len(self.steps) or isinstance(self.steps[index + 1], OutsideStep):
                    yield from _around(f"{self.kind}.{step.name}", "commit")
                if step.undo:
                    yield from _around(f"{self.kind}.{step.name}.undo.prepare", "commit")
                    yield from _around(f"{self.kind}.{step.name}.undo", "call")
            elif isinstance(step, WaitStep) or index + 1 == len(self.steps):
                yield from _around(f"{self.kind}.{step.name}", "commit")
        outside = next((step for step in self.steps if isinstance(step, OutsideStep)), None)
        if outside is not None and outside.undo is not None and self.steps[0].undo is not None:
            yield from _around(f"{self.kind}.turn", "commit")
            yield from _around(f"{self.kind}.{self.steps[0].name}.undo", "commit")


def _around(name: str, what: str) -> Iterator[str]:
    yield f"{name}.before_{what}"
    yield f"{name}.after_{what}"
