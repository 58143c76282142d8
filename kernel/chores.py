"""What a worker does each second and more seldom, beside what becomes due."""

import time
from uuid import UUID

from kernel import partitions, retention, statistics, tenancy
from kernel.jobs import claimer, schedule
from kernel.outbox import deliveries
from kernel.system_role import shards, system_cursor
from kernel.tenancy import Tenant

SWEEP, LEARN, ENSURE, RETAIN = 1.0, 10.0, 30.0, 3600.0


class Every:
    """True at first, then once in each ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.next = seconds, 0.0

    def due(self) -> bool:
        """Whether it is time; if so, the next time is set."""
        here = time.monotonic()
        if here < self.next:
            return False
        self.next = here + self.seconds
        return True


class Chores:
    """What is done each second and more seldom, on every database."""

    def __init__(self) -> None:
        self.sweep_due, self.ensure_due = Every(SWEEP), Every(ENSURE)
        self.learn_due, self.retain_due = Every(LEARN), Every(RETAIN)
        self.known: dict[str, frozenset[UUID]] = {}
        self.tenants: dict[str, list[Tenant]] = {}

    def run(self) -> None:
        """Do what is due of it."""
        if not self.sweep_due.due():
            return
        everyone = list(tenancy.directory().all())
        ensure = self.ensure_due.due()
        for shard in shards():
            here = [tenant for tenant in everyone if tenant.database == shard]
            self.tenants[shard] = here
            ids = frozenset(tenant.id for tenant in here)
            with system_cursor(shard) as sql:
                if ensure or ids != self.known.get(shard):
                    schedule.ensure_schedule(sql, here)
                    self.known[shard] = ids
                claimer.resume_lost(sql)
                schedule.tick(sql, here)
                deliveries.defer_blocked(sql)

    def learn(self) -> None:
        """Look at tables that have grown, if it is time."""
        if self.learn_due.due():
            for shard in shards():
                statistics.keep_up(shard)

    def retain(self) -> None:
        """Make the partitions to come and remove what is too old, if the hour has come."""
        if self.retain_due.due():
            for shard in shards():
                partitions.make(shard)
                retention.sweep(shard)
