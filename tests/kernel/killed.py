"""What a process of its own does when it does all that is due; ``test_kill`` has it killed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel import outbox, tenancy, worker
from kernel.jobs.registry import KINDS, JobContext, Kind
from kernel.outbox import AggregateRef, Event, EventMeta, subscribe
from kernel.outbox.events import HANDLERS
from kernel.tenancy import Tenant
from kernel.transactions import atomic

HANDLER, SHARING, KIND = "testing.killed", "testing.killed_together", "testing.killed"


@dataclass(frozen=True)
class Asked(Event):
    NAME: ClassVar[str] = "testing.killed.asked.v1"
    number: int


@dataclass(frozen=True)
class AskedTogether(Asked):
    NAME: ClassVar[str] = "testing.killed.asked_together.v1"


@dataclass(frozen=True)
class EffectMade(Event):
    NAME: ClassVar[str] = "testing.killed.effect.v1"
    number: int


def on_asked(event: Asked, meta: EventMeta) -> None:
    outbox.append(EffectMade(event.number), aggregate=AggregateRef("testing.effect", meta.id))


def run(job: JobContext) -> None:
    with atomic():
        outbox.append(EffectMade(0), aggregate=AggregateRef("testing.effect", job.id))


class One:
    """A directory of one platform."""

    def __init__(self, platform: UUID) -> None:
        self.tenant = Tenant(id=platform, code="killed")

    def by_code(self, code: str) -> Tenant | None:
        return self.tenant

    def by_host(self, host: str) -> Tenant | None:
        return None

    def by_id(self, platform_id: UUID) -> Tenant | None:
        return self.tenant if platform_id == self.tenant.id else None

    def all(self) -> Iterable[Tenant]:
        return [self.tenant]


def work(*, platform: UUID) -> None:
    """Everything that is due on one platform, with the handler and the job of this test alone."""
    for registry in (KINDS, HANDLERS):
        registry.clear()
    subscribe(Asked, handler=HANDLER)(on_asked)
    subscribe(AskedTogether, handler=SHARING, together=True)(on_asked)
    KINDS[KIND] = Kind(KIND, run)
    tenancy.register_directory(One(platform))
    worker.drain()
