"""The step engine: persisted, resumable, with an undo for every do."""

from journeys.engine.definition import (
    DEFINITIONS,
    Again,
    Definition,
    Done,
    Failed,
    LocalStep,
    Outcome,
    OutsideStep,
    OutsideUndo,
    Run,
    Wait,
    WaitStep,
)
from journeys.engine.run import advance, resume, start

__all__ = [
    "DEFINITIONS",
    "Again",
    "Definition",
    "Done",
    "Failed",
    "LocalStep",
    "Outcome",
    "OutsideStep",
    "OutsideUndo",
    "Run",
    "Wait",
    "WaitStep",
    "advance",
    "resume",
    "start",
]
