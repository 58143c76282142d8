"""Events and a listener for the tests of the outbox."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from kernel.ids import uuid7
from kernel.money import Money
from kernel.outbox import AggregateRef, Event, EventMeta
from kernel.quantity import Quantity
from kernel.records.outbox import Delivery, OutboxEvent

HANDLER = "testing.listens"


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Part:
    sku: str
    amount: Money


@dataclass(frozen=True)
class Changed(Event):
    NAME: ClassVar[str] = "testing.thing.changed.v1"
    number: int


@dataclass(frozen=True)
class Rich(Event):
    NAME: ClassVar[str] = "testing.thing.rich.v1"
    id: UUID
    price: Money
    weight: Quantity
    rate: Decimal
    day: date
    at: datetime
    colour: Colour
    parts: list[Part]
    by_sku: dict[str, Decimal]
    note: str | None = None
    added_later: int = 7


def thing() -> AggregateRef:
    return AggregateRef("testing.thing", uuid7())


@dataclass
class Heard:
    """What the handler was given; ``fail`` decides whether it raises."""

    numbers: list[tuple[UUID, int]] = field(default_factory=list)
    fail: Callable[[Any, EventMeta], bool] = lambda event, meta: False

    def of(self, aggregate: AggregateRef) -> list[int]:
        return [number for found, number in self.numbers if found == aggregate.id]


def versions(aggregate: AggregateRef) -> list[int]:
    rows = OutboxEvent.objects.filter(aggregate_id=aggregate.id).order_by("version")
    return list(rows.values_list("version", flat=True))


def state_of(number: int) -> str:
    event = OutboxEvent.objects.get(payload__number=number)
    return Delivery.objects.get(event_id=event.id, handler=HANDLER).state
