"""``/metrics``: what a Prometheus server reads.

Requests are counted by every web process in files that they share (``config.web``); what waits and
what is wrong is read from the database at each scrape.
"""

import hmac
import logging
import os
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config import recent

log = logging.getLogger(__name__)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OWN = CollectorRegistry()
REQUESTS = Counter(
    "quancheng_http_requests",
    "Requests answered, by the pattern of their address",
    ("method", "route", "status"),
    registry=OWN,
)
SECONDS = Histogram(
    "quancheng_http_request_seconds",
    "Seconds until the answer began",
    ("kind",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=OWN,
)
# Name, what it tells, its label ("" for none), and rows of (label, value) or of (value,).
GAUGES: tuple[tuple[str, str, str, str], ...] = (
    (
        "quancheng_outbox_waiting",
        "Events not yet handed to their subscribers",
        "",
        "SELECT count(*) FROM kernel_outboxevent WHERE published_at IS NULL",
    ),
    (
        "quancheng_outbox_lag_seconds",
        "Age of the oldest of them",
        "",
        "SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)"
        " FROM kernel_outboxevent WHERE published_at IS NULL",
    ),
    (
        "quancheng_deliveries",
        "Deliveries of events that wait or are parked",
        "state",
        "SELECT state, count(*) FROM kernel_delivery WHERE state IN ('pending', 'parked')"
        " GROUP BY state",
    ),
    (
        "quancheng_jobs",
        "Jobs that aren't done",
        "state",
        "SELECT state, count(*) FROM kernel_job WHERE state <> 'done' GROUP BY state",
    ),
    (
        "quancheng_webhooks_waiting",
        "Webhooks that wait to be sent",
        "",
        "SELECT count(*) FROM kernel_webhookdelivery WHERE state = 'pending'",
    ),
    (
        "quancheng_worker_silent_seconds",
        "Seconds since any worker was last seen",
        "",
        "SELECT extract(epoch FROM now() - max(beat_at)) FROM kernel_workerbeat"
        " HAVING max(beat_at) IS NOT NULL",
    ),
    (
        "quancheng_ledger_alarms",
        "Open alarms of the ledger",
        "kind",
        "SELECT kind, count(*) FROM ledger_alarm WHERE ended_at IS NULL GROUP BY kind",
    ),
    (
        "quancheng_providers_away",
        "Platforms whose payment provider of that name doesn't answer",
        "name",
        "SELECT name, count(*) FROM payments_providerhealth WHERE opened_at IS NOT NULL"
        " GROUP BY name",
    ),
    (
        "quancheng_database_bytes",
        "Size of the database",
        "database",
        "SELECT current_database(), pg_database_size(current_database())",
    ),
    (
        "quancheng_database_connections",
        "Connections to the database",
        "state",
        "SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() GROUP BY 1",
    ),
)


def note(request: HttpRequest, status: int, seconds: float) -> None:
    """Count an answer. Addresses that nothing matches share one label, so that labels stay few."""
    match = request.resolver_match
    route = match.route if match is not None else "(none)"
    method = request.method if request.method in METHODS else "OTHER"
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels("api" if "api/" in route else "page").observe(seconds)
    address = f"/{route}" if match is not None else route
    recent.OWN.note(f"{method} {address}", status, seconds)


def answer(request: HttpRequest) -> HttpResponse:
    """All figures as text, for whoever has the token; else there is nothing here."""
    token = settings.METRICS_TOKEN
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not token or not hmac.compare_digest(sent.encode(), token.encode()):
        return HttpResponse("Not found", status=404, content_type="text/plain")
    text = generate_latest(_requests()) + generate_latest(_state())
    return HttpResponse(text, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _requests() -> CollectorRegistry:
    """The counts of all web processes, or of this one where there are no others."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return OWN
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def _state() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(State())
    return registry


class State(Collector):
    """What the databases tell, summed over all of them."""

    def collect(self) -> Iterable[Metric]:
        problems = 0
        for name, told, label, query in GAUGES:
            try:
                values = _sums(query)
            except Exception:
                log.warning("%s can't be read", name, exc_info=True)
                problems += 1
                continue
            gauge = GaugeMetricFamily(name, told, labels=[label] if label else None)
            for key, value in values.items():
                gauge.add_metric([key] if label else [], value)
            yield gauge
        yield GaugeMetricFamily(
            "quancheng_scrape_problems", "Figures that could not be read", value=problems
        )


def _sums(query: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for *key, value in _rows(query):
        name = str(key[0]) if key else ""
        found[name] = found.get(name, 0.0) + float(value)
    return found


def _rows(query: str) -> Iterator[tuple[Any, ...]]:
    for shard in settings.SHARDS:
        alias = "system" if shard == "default" else f"{shard}_system"
        with connections[alias].cursor() as cursor:
            cursor.execute(query)
            yield from cursor.fetchall()
