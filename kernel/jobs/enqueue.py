"""Putting work on the list, in the transaction that makes it necessary."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from kernel import clock as clocks
from kernel import tenancy, wake
from kernel.actors import Actor, current_actor
from kernel.errors import Conflict, NotFound
from kernel.ids import uuid7
from kernel.logs import request_id
from kernel.plain import plain
from kernel.transactions import cursor


class JobNotCancellable(Conflict):
    code = "job_not_cancellable"
    title = _("This job has already ended")
    remedy = _("Only queued and running jobs can be cancelled.")


# A queued job with the same unique key takes the new arguments and the earlier time. A running
# one doesn't count: it may have read what has changed since, so one more run is queued.
_ENQUEUE = """
INSERT INTO kernel_job
  (platform_id, id, kind, args, state, clock, run_at, attempts, progress_done, progress_total,
   error, unique_key, periodic, merchant_id, actor, request_id, created_at)
VALUES (%s, %s, %s, %s::jsonb, 'queued', %s, %s, 0, 0, 0, '', %s, false, %s, %s::jsonb, %s, %s)
ON CONFLICT (platform_id, kind, unique_key) WHERE state = 'queued'
DO UPDATE SET args = excluded.args, run_at = least(kernel_job.run_at, excluded.run_at)
RETURNING id
"""


def enqueue(
    kind: str,
    args: dict[str, Any] | None = None,
    *,
    run_at: datetime | None = None,
    clock: Literal["system", "business"] = "system",
    unique: str | None = None,
    merchant_id: UUID | None = None,
) -> UUID:
    """Queue a job of ``kind``; it runs once the caller's transaction has committed.

    ``run_at`` (now) is a time on ``clock``: a test platform's own clock moves business ones.
    ``unique`` merges it with a queued job of the same kind and key. ``merchant_id`` lets that
    merchant see it under ``/jobs``. Returns the job's id.
    """
    now = clocks.system()
    when = run_at or (clocks.business() if clock == "business" else now)
    with cursor() as sql:
        sql.execute(
            _ENQUEUE,
            [
                tenancy.current_id(), uuid7(), kind, orjson.dumps(plain(args or {})).decode(),
                clock, when, unique, merchant_id, orjson.dumps(_kept(current_actor())).decode(),
                request_id()[:64], now,
            ],
        )  # fmt: skip
        row = sql.fetchone()
    wake.after_commit()
    found: UUID = row[0]
    return found


def cancel(job_id: UUID) -> None:
    """Cancel a queued or running job; a running one notices at its next progress."""
    with cursor() as sql:
        sql.execute(
            "UPDATE kernel_job SET state = 'cancelled', finished_at = %s, lease_until = NULL "
            "WHERE platform_id = %s AND id = %s AND state IN ('queued', 'running')",
            [clocks.system(), tenancy.current_id(), job_id],
        )
        if sql.rowcount:
            return
        sql.execute(
            "SELECT state FROM kernel_job WHERE platform_id = %s AND id = %s",
            [tenancy.current_id(), job_id],
        )
        row = sql.fetchone()
    if row is None:
        raise NotFound
    raise JobNotCancellable(_("It is %(state)s.") % {"state": row[0]}, state=row[0])


def _kept(actor: Actor) -> dict[str, Any]:
    """Who enqueued it, without a person's name."""
    return {
        "kind": actor.kind,
        "id": plain(actor.id),
        "merchant_id": plain(actor.merchant_id),
        "person_id": plain(actor.person_id),
        "scopes": sorted(actor.scopes),
        "permissions": sorted(actor.permissions),
        "label": "" if actor.person_id else actor.label,
        "live": actor.live,
    }


def restored_actor(kept: dict[str, Any]) -> Actor:
    """The actor a job runs as."""
    ids = {
        name: UUID(kept[name]) if kept.get(name) else None
        for name in ("id", "merchant_id", "person_id")
    }
    return Actor(
        kind=kept.get("kind", "system"),
        scopes=frozenset(kept.get("scopes", ["*"])),
        label=kept.get("label", "system"),
        live=bool(kept.get("live", False)),
        permissions=frozenset(kept.get("permissions", ["*"])),
        id=ids["id"],
        merchant_id=ids["merchant_id"],
        person_id=ids["person_id"],
    )
