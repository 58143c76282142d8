"""Tables of the journeys, one aggregate a file."""

from journeys.models.imports import ImportMapping, ImportProblem, ProductImport
from journeys.models.journey import ChainSeal, Journey, JourneyStep, TimelineEntry
from kernel.statements import Rows

PROBLEMS = Rows(ImportProblem)

__all__ = [
    "PROBLEMS",
    "ChainSeal",
    "ImportMapping",
    "ImportProblem",
    "Journey",
    "JourneyStep",
    "ProductImport",
    "TimelineEntry",
]
