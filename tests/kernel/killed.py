"""A process of its own that does what is due on one platform; ``test_kill`` has it killed.

``python killed.py <platform id> <minutes ahead>``
"""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import ClassVar
from uuid import UUID

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()

from kernel import clock, outbox, tenancy, worker
from kernel.jobs.registry import KINDS, JobContext, Kind
from kernel.outbox import AggregateRef, Event, EventMeta, subscribe
from kernel.outbox.events import HANDLERS
from kernel.tenancy import Tenant
from kernel.transactions import atomic

HANDLER, KIND = "testing.killed", "testing.killed"


@dataclass(frozen=True)
class Asked(Event):
    NAME: ClassVar[str] = "testing.killed.asked.v1"
    number: int


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


def main(platform: str, minutes: str) -> None:
    for registry in (KINDS, HANDLERS):
        registry.clear()
    subscribe(Asked, handler=HANDLER)(on_asked)
    KINDS[KIND] = Kind(KIND, run)
    tenancy.register_directory(One(UUID(platform)))
    with clock.frozen(clock.system() + timedelta(minutes=int(minutes))):
        worker.drain()


if __name__ == "__main__":
    main(*sys.argv[1:])
