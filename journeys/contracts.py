"""What crosses the border of journeys."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class CheckoutInfo:
    """How a checkout stands. ``redirect_url`` is set while the buyer has to confirm elsewhere."""

    id: UUID
    state: str
    group_id: UUID | None
    order_ids: tuple[UUID, ...]
    redirect_url: str
    error: dict[str, Any] | None


@dataclass(frozen=True)
class JourneyInfo:
    """One journey as an operator sees it."""

    id: UUID
    kind: str
    state: str
    step: str
    subject: UUID | None
    attempts: int
    error: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    steps: tuple["StepInfo", ...] = ()


@dataclass(frozen=True)
class StepInfo:
    """One thing that happened to a step."""

    name: str
    what: str
    detail: str
    at: datetime


@dataclass(frozen=True)
class TimelineLine:
    """One line of an order's timeline; ``kind`` is the event's name."""

    kind: str
    title: str
    actor: str
    at: datetime
    params: dict[str, Any] = field(default_factory=dict)
    document: str = ""
