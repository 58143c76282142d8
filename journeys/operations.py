"""How the platform in scope runs: what waits, its latest seal, and what it shares with others.

The deployment's figures (errors, slow addresses, the database, backups) are no platform's:
``manage.py operations`` tells them to who runs the machine.
"""

from dataclasses import dataclass
from datetime import datetime

from journeys.engine.sweep import journey_queue
from journeys.services.seals import SealInfo, latest_seal
from kernel import maintenance, partitions, queues, transactions
from kernel.queues import Queue, Verdict


@dataclass(frozen=True)
class Kept:
    """One table that is cut by time, and this platform's oldest row in it."""

    table: partitions.Table
    oldest: datetime | None


@dataclass(frozen=True)
class Standing:
    """Each figure with its verdict; ``verdict`` is the worst of all."""

    queues: tuple[Queue, ...]
    worker_seen: datetime | None
    on_worker: Verdict
    seal: SealInfo | None
    on_seal: Verdict
    closed: maintenance.Maintenance | None
    on_maintenance: Verdict
    kept: tuple[Kept, ...]

    @property
    def verdict(self) -> Verdict:
        return queues.worst(
            [
                self.on_worker,
                self.on_seal,
                self.on_maintenance,
                *(queue.verdict for queue in self.queues),
                *(one.table.verdict for one in self.kept),
            ]
        )


def standing() -> Standing:
    """All of it, as it is now."""
    seen, seal, closed = queues.worker_seen(), latest_seal(), maintenance.current()
    with transactions.cursor() as sql:
        tables = partitions.tables(sql)
    oldest = partitions.oldest()
    return Standing(
        queues=(*queues.queues(), journey_queue()),
        worker_seen=seen,
        on_worker=queues.verdict_on_worker(seen),
        seal=seal,
        on_seal=queues.verdict_on_seal(seal.sealed_at if seal else None),
        closed=closed,
        on_maintenance=Verdict.LOOK if closed else Verdict.FINE,
        kept=tuple(Kept(one, oldest.get(one.name)) for one in tables),
    )
