"""Tables of the journeys, one aggregate a file."""

from journeys.models.imports import ImportMapping, ImportProblem, ProductImport
from journeys.models.journey import ChainSeal, Journey, JourneyStep, TimelineEntry
from journeys.models.onboarding import (
    ApplicationDocument,
    ApplicationEntry,
    MerchantApplication,
)
from kernel.statements import Rows

ENTRIES = Rows(TimelineEntry)
JOURNEYS = Rows(Journey, later=True)
PROBLEMS = Rows(ImportProblem)
STEPS = Rows(JourneyStep, later=True)

__all__ = [
    "ENTRIES",
    "JOURNEYS",
    "PROBLEMS",
    "STEPS",
    "ApplicationDocument",
    "ApplicationEntry",
    "ChainSeal",
    "ImportMapping",
    "ImportProblem",
    "Journey",
    "JourneyStep",
    "MerchantApplication",
    "ProductImport",
    "TimelineEntry",
]
