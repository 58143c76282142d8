"""How the platform runs, for those who look after it: the figures of the operator's page."""

from datetime import date
from typing import Any, Literal

from journeys import operations
from journeys.api.routes import routes
from kernel.api import ApiRequest, Schema, Timestamp
from kernel.queues import Queue

VerdictIn = Literal["unknown", "fine", "look", "act"]
MOMENT = "2026-05-01T08:00:00Z"


class QueueOut(Schema):
    """``oldest`` waits since then; since ``due`` one could have been taken; ``stuck`` go on by
    nobody's work but a person's, or have failed in the last day."""

    name: str
    waiting: int
    oldest: Timestamp | None
    due: Timestamp | None
    stuck: int
    stuck_since: Timestamp | None
    verdict: VerdictIn


class WorkerOut(Schema):
    seen_at: Timestamp | None
    verdict: VerdictIn


class ChainSealOut(Schema):
    day: date | None
    sealed_at: Timestamp | None
    ledger_head: str
    audit_head: str
    verdict: VerdictIn


class MaintenanceOut(Schema):
    since: Timestamp | None
    until: Timestamp | None
    verdict: VerdictIn


class KeptOut(Schema):
    """``kept_days`` is null for what is kept for good; ``oldest`` is this platform's."""

    name: str
    kept_days: int | None
    oldest: Timestamp | None
    verdict: VerdictIn


class OperationsOut(Schema):
    """``verdict`` is the worst of all: look at it, or act on it."""

    verdict: VerdictIn
    queues: list[QueueOut]
    worker: WorkerOut
    seal: ChainSealOut
    maintenance: MaintenanceOut
    kept: list[KeptOut]


@routes.get(
    "/operations",
    summary="How the platform runs: queues, worker, seal, maintenance, each with a verdict",
    audience={"operator"},
    scope="operations:read",
    permission="jobs",
    response=OperationsOut,
    example={
        "verdict": "fine",
        "queues": [
            {"name": "jobs", "waiting": 2, "oldest": MOMENT, "due": MOMENT, "stuck": 0,
             "stuck_since": None, "verdict": "fine"},
        ],
        "worker": {"seen_at": MOMENT, "verdict": "fine"},
        "seal": {"day": "2026-04-30", "sealed_at": MOMENT, "ledger_head": "5d01a6b7",
                 "audit_head": "9f27c0aa", "verdict": "fine"},
        "maintenance": {"since": None, "until": None, "verdict": "fine"},
        "kept": [
            {"name": "kernel_outboxevent", "kept_days": 90, "oldest": MOMENT, "verdict": "fine"},
        ],
    },
)  # fmt: skip
def get_operations(request: ApiRequest) -> dict[str, Any]:
    found = operations.standing()
    seal, closed = found.seal, found.closed
    return {
        "verdict": found.verdict,
        "queues": [_queue(one) for one in found.queues],
        "worker": {"seen_at": found.worker_seen, "verdict": found.on_worker},
        "seal": {
            "day": seal.day if seal else None,
            "sealed_at": seal.sealed_at if seal else None,
            "ledger_head": seal.ledger_head if seal else "",
            "audit_head": seal.audit_head if seal else "",
            "verdict": found.on_seal,
        },
        "maintenance": {
            "since": closed.since if closed else None,
            "until": closed.until if closed else None,
            "verdict": found.on_maintenance,
        },
        "kept": [
            {
                "name": one.table.name,
                "kept_days": one.table.kept.days if one.table.kept else None,
                "oldest": one.oldest,
                "verdict": one.table.verdict,
            }
            for one in found.kept
        ],
    }


def _queue(queue: Queue) -> dict[str, Any]:
    return {
        "name": queue.name,
        "waiting": queue.waiting,
        "oldest": queue.oldest,
        "due": queue.due,
        "stuck": queue.stuck,
        "stuck_since": queue.stuck_since,
        "verdict": queue.verdict,
    }
