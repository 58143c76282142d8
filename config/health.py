"""``/healthz``: this process lives. ``/readyz``: what it needs is there, or what is wrong.

Answered before a platform is looked for, so that they work on any host name and without any.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from config import metrics
from kernel import clock, maintenance
from kernel.queues import OUTBOX_LATE_AFTER, SEAL_LATE_AFTER, WORKER_SILENT_AFTER

_ALARMS = "SELECT kind, count(*) FROM ledger_alarm WHERE ended_at IS NULL GROUP BY kind"
_SEALS = (
    "SELECT count(*) FROM (SELECT FROM journeys_chainseal GROUP BY platform_id "
    "HAVING max(sealed_at) < %s::timestamptz) late"
)
_migrated: set[str] = set()
access = logging.getLogger("quancheng.access")

Check = dict[str, Any]
OK: Check = {"ok": True}


class HealthMiddleware:
    """Answers the two addresses and /metrics; counts and logs (level INFO) every other request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return JsonResponse({"status": "ok"})
        if request.path_info == "/readyz":
            return readiness()
        if request.path_info == "/metrics":
            return metrics.answer(request)
        began = time.perf_counter()
        response = self.get_response(request)
        took = time.perf_counter() - began
        metrics.note(request, response.status_code, took)
        if access.isEnabledFor(logging.INFO):
            fields = {
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "ms": round(took * 1000, 1),
            }
            access.info("request", extra={"fields": fields})
        return response


def readiness() -> JsonResponse:
    """200 with ``ok`` or ``degraded``, or 503 with ``failing``; each check says what is wrong.

    A missing worker, a late outbox, parked events, alarms of the ledger, a business day without its
    statements, a search server, a store of pictures or a payment provider that is away degrade:
    pages and API still answer, browsing instead of searching, other ways to pay. A database that is
    away or not migrated, or a cache that is away, fails.
    """
    vital = {"database": _guard(_databases), "migrations": _guard(_migrations)}
    if settings.REDIS_URL:
        vital["redis"] = _guard(_redis)
    other = {
        "worker": _guard(_worker),
        "outbox": _guard(_outbox),
        "parked": _guard(_parked),
        "search": _guard(_search),
        "ledger": _guard(_ledger),
        "reconciliation": _guard(_reconciliation),
        "providers": _guard(_providers),
        "media": _guard(_media),
        "maintenance": _guard(_maintenance),
    }
    status = "ok" if all(c["ok"] for c in other.values()) else "degraded"
    if not all(c["ok"] for c in vital.values()):
        status = "failing"
    body = {"status": status, "checks": vital | other}
    return JsonResponse(body, status=503 if status == "failing" else 200)


def _guard(check: Callable[[], Check]) -> Check:
    """A failing check tells the kind of failure; addresses and names stay in the log."""
    try:
        return check()
    except Exception as error:
        logging.getLogger(__name__).warning("Health check failed", exc_info=error)
        return {"ok": False, "problem": type(error).__name__}


def _rows(alias: str, query: str, *values: str) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _system_aliases() -> list[str]:
    return ["system" if s == "default" else f"{s}_system" for s in settings.SHARDS]


def _databases() -> Check:
    for alias in settings.SHARDS:
        try:
            _rows(alias, "SELECT 1")
        except Exception:
            connections[alias].close()  # a connection that the server dropped isn't tried again
            _rows(alias, "SELECT 1")
    return {"ok": True}


def _migrations() -> Check:
    from config.preparing import pending_migrations

    sandbox = ["sandbox"] if "sandbox" in settings.DATABASES else []
    pending = []
    for alias in [*settings.SHARDS, *sandbox]:
        if alias not in _migrated:
            found = pending_migrations(alias)
            pending += found
            if not found:
                _migrated.add(alias)
    if pending:
        return {"ok": False, "problem": "pending", "pending": pending[:20]}
    return {"ok": True}


def _redis() -> Check:
    from django.core.cache import cache

    cache.get("readyz")
    return {"ok": True}


def _worker() -> Check:
    seen: list[datetime] = []
    for alias in _system_aliases():
        seen += [r[0] for r in _rows(alias, "SELECT max(beat_at) FROM kernel_workerbeat") if r[0]]
    if not seen:
        return {"ok": False, "problem": "no worker was ever seen"}
    silent = clock.system() - max(seen)
    ok = silent <= WORKER_SILENT_AFTER
    found = {"ok": ok, "seen_seconds_ago": round(silent.total_seconds(), 1)}
    return found if ok else found | {"problem": "no worker is running"}


def _outbox() -> Check:
    oldest = [
        row[0]
        for alias in _system_aliases()
        for row in _rows(
            alias, "SELECT min(created_at) FROM kernel_outboxevent WHERE published_at IS NULL"
        )
        if row[0]
    ]
    lag = clock.system() - min(oldest) if oldest else timedelta(0)
    ok = lag <= OUTBOX_LATE_AFTER
    found = {"ok": ok, "lag_seconds": round(lag.total_seconds(), 1)}
    return found if ok else found | {"problem": "events wait to be delivered"}


def _parked() -> Check:
    query = "SELECT count(*) FROM (SELECT FROM kernel_delivery WHERE state = %s LIMIT 1000) few"
    count = sum(_rows(alias, query, "parked")[0][0] for alias in _system_aliases())
    if count:
        return {"ok": False, "parked": count, "problem": "events are parked; an operator decides"}
    return {"ok": True, "parked": 0}


def _ledger() -> Check:
    """Open alarms by kind over all platforms, and platforms whose latest seal is too old."""
    alarms: Counter[str] = Counter()
    for alias in _system_aliases():
        alarms.update(dict(_rows(alias, _ALARMS)))
        late = clock.system() - SEAL_LATE_AFTER
        missing = _rows(alias, _SEALS, late.isoformat())[0][0]
        if missing:
            alarms["seal_missing"] = max(alarms["seal_missing"], missing)
    if alarms:
        problem = "the ledger needs an operator; its page says why"
        return {"ok": False, "alarms": dict(alarms), "problem": problem}
    return {"ok": True}


def _reconciliation() -> Check:
    """Days of the last two weeks that lack a gateway's or bank's statement, a day after their
    end."""
    query = (
        "SELECT count(*) FROM payments_reconday WHERE state = %s"
        " AND day >= %s::date AND created_at < %s::timestamptz"
    )
    now = clock.system()
    values = ("incomplete", str(now.date() - timedelta(days=14)), str(now - timedelta(hours=12)))
    count = sum(_rows(alias, query, *values)[0][0] for alias in _system_aliases())
    if count:
        return {"ok": False, "days": count, "problem": "days lack a statement of gateway or bank"}
    return {"ok": True}


def _providers() -> Check:
    """Payment providers that nobody calls because they don't answer, on any platform."""
    query = (
        "SELECT name, count(*) FROM payments_providerhealth WHERE opened_at IS NOT NULL "
        "GROUP BY name ORDER BY name"
    )
    away: dict[str, int] = {}
    for alias in _system_aliases():
        for name, count in _rows(alias, query):
            away[name] = away.get(name, 0) + count
    if away:
        problem = "payment providers don't answer; the number of platforms for each"
        return {"ok": False, "away": away, "problem": problem}
    return {"ok": True}


def _maintenance() -> Check:
    found = maintenance.current()
    if found is None:
        return {"ok": True}
    problem = "closed for maintenance" if found.closed else "changes are refused: maintenance"
    return {"ok": False, "since": found.since.isoformat(), "problem": problem}


def _media() -> Check:
    """Why the store of pictures is away stands in the log."""
    from catalog.facade import media_problem

    return {"ok": False, "problem": "the store of pictures is away"} if media_problem() else OK


def _search() -> Check:
    """Why it is down stands in the log of the engine."""
    from search.services.engines import engine

    status = engine().status()
    found = {"ok": status.up, "engine": status.engine}
    return found if status.up else found | {"problem": "search doesn't answer"}
