"""Appending in a transaction of its own, as a service would in its change's."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from kernel import outbox
from kernel.outbox import AggregateRef, Event
from kernel.transactions import atomic


def append(event: Event, *, aggregate: AggregateRef, merchant_id: UUID | None = None) -> UUID:
    with atomic():
        return outbox.append(event, aggregate=aggregate, merchant_id=merchant_id)


def append_many(items: Iterable[Any]) -> list[UUID]:
    with atomic():
        return outbox.append_many(items)
