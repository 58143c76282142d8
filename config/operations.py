"""How the deployment runs: what ``manage.py operations`` tells, each figure with a verdict.

These are the figures of all platforms and of the machine, so no page shows them. Each part stands
alone: what can't be read is said to be not known, and the rest is told.
"""

import logging
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError

from catalog import facade as catalog
from config import database_figures, recent
from config.backup.last import last_backup
from journeys import facade as journeys
from kernel import clock, maintenance, partitions, queues, tenancy
from kernel.queues import Queue, Verdict, worst
from kernel.system_role import system_cursor

log = logging.getLogger(__name__)
BACKUP_LOOK, BACKUP_ACT = timedelta(hours=26), timedelta(days=7)
FEW = 8  # rows of a list that the text shows
FAILED_MANY, FAILED_SHARE = 5, 0.01  # from so many 5xx and such a share on of an hour's requests
SLOW, OFTEN = 1.0, 5  # seconds on average over at least so many requests
FREE_LOOK, FREE_ACT = 0.2, 0.1


@dataclass(frozen=True)
class Figure:
    """One line: what it is, what it says in words, the verdict, and what to do then.

    ``data`` is the same for programs; ``rows`` stand below the line.
    """

    name: str
    told: str
    verdict: Verdict
    remedy: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    rows: tuple[str, ...] = ()


Part = Callable[[], Iterable[Figure]]


def report() -> list[Figure]:
    """Every figure. A part that can't be read is a figure too: to be acted on if it is the database
    that doesn't answer."""
    found: list[Figure] = []
    for name, part in PARTS.items():
        try:
            found += part()
        except Exception as error:
            log.warning("%s can't be read", name, exc_info=True)
            remedy = "The log of this command says why: is the database up and migrated?"
            told = f"can't be read ({type(error).__name__})"
            away = isinstance(error, OperationalError | InterfaceError)
            found.append(Figure(name, told, Verdict.ACT if away else Verdict.LOOK, remedy))
    return found


def overall(figures: Iterable[Figure]) -> Verdict:
    """The worst verdict of all."""
    return worst(figure.verdict for figure in figures)


def span(since: datetime | timedelta | None) -> str:
    """How long ago, in its two largest units: ``3d 4h``, ``12m``, ``45s``."""
    if since is None:
        return "—"
    passed = since if isinstance(since, timedelta) else clock.system() - since
    seconds = max(0, int(passed.total_seconds()))
    parts = [
        (seconds // 86_400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "m"),
        (seconds % 60, "s"),
    ]
    first = next((n for n, (count, _unit) in enumerate(parts) if count), 3)
    return " ".join(f"{count}{unit}" for count, unit in parts[first : first + 2] if count) or "0s"


REMEDIES = {
    "outbox": "manage.py outbox status; is a worker running?",
    "deliveries": "manage.py outbox parked <platform>, or its page of parked events; "
    "mend the cause, then replay or skip",
    "jobs": "the page of jobs of the platforms named",
    "journeys": "the page of orders needing attention of the platforms named",
    "webhooks": "merchants see on their page of webhooks what came back",
}

PARTITIONS_REMEDY = (
    "manage.py retention status says what holds them; manage.py retention run does a worker's part"
)


def _queues() -> Iterable[Figure]:
    """Each queue over all platforms, with the platforms that add to its verdict."""
    found: defaultdict[str, dict[str, Queue]] = defaultdict(dict)
    for tenant in sorted(tenancy.directory().all(), key=lambda one: one.code):
        with tenancy.scope(tenant):
            for queue in [*queues.queues(), journeys.journey_queue()]:
                found[queue.name][tenant.code] = queue
    return [_queue(name, of_platform) for name, of_platform in found.items()]


def _queue(name: str, of_platform: dict[str, Queue]) -> Figure:
    all_ = list(of_platform.values())
    waiting, stuck = sum(one.waiting for one in all_), sum(one.stuck for one in all_)
    oldest = min((one.oldest for one in all_ if one.oldest), default=None)
    verdict = worst(one.verdict for one in all_)
    told = f"{waiting} waiting" + (f", the oldest for {span(oldest)}" if oldest else "")
    rows = tuple(
        f"{code}: {one.waiting} waiting, {one.stuck} stuck, due for {span(one.due)}"
        for code, one in of_platform.items()
        if one.verdict != Verdict.FINE
    )
    since = min((one.stuck_since for one in all_ if one.stuck_since), default=None)
    if stuck:
        told += f"; {stuck} stuck or failed, the first {span(since)} ago"
    data = {"waiting": waiting, "oldest": oldest, "stuck": stuck, "stuck_since": since}
    bad = [code for code, one in of_platform.items() if one.verdict != Verdict.FINE]
    remedy = REMEDIES[name] if bad else ""
    return Figure(name, told, verdict, remedy, data | {"platforms": bad}, rows)


def _worker() -> Iterable[Figure]:
    seen = queues.worker_seen()
    verdict = queues.verdict_on_worker(seen)
    told = f"last seen {span(seen)} ago" if seen else "none was ever seen"
    remedy = "" if verdict == Verdict.FINE else "start one: manage.py worker (or celery)"
    yield Figure("worker", told, verdict, remedy, {"seen": seen})


def _requests() -> Iterable[Figure]:
    for name, seconds in (("requests, last hour", recent.HOUR), ("requests, last day", recent.DAY)):
        found = recent.by_route(seconds)
        if found is None:
            yield Figure(
                name,
                "no web process of this machine has counted any yet",
                Verdict.UNKNOWN,
                "ask on the machine (or with the DATA_DIR) that serves pages",
            )
        else:
            yield _of_routes(name, found, strict=seconds == recent.HOUR)


def _of_routes(name: str, found: dict[str, recent.Figures], *, strict: bool) -> Figure:
    total = recent.Figures()
    for one in found.values():
        total.add(one)
    failing = sorted(
        ((route, one) for route, one in found.items() if one.failed),
        key=lambda pair: (-pair[1].failed, pair[0]),
    )
    many = total.failed >= FAILED_MANY and total.failed >= FAILED_SHARE * total.count
    verdict = Verdict.FINE
    if failing:
        verdict = Verdict.ACT if many and strict else Verdict.LOOK
    told = (
        f"{total.count} answered, {total.failed} failed (5xx), {total.refused} refused (4xx), "
        f"{total.mean * 1000:.0f} ms on average"
    )
    rows = tuple(
        f"{route}: {one.failed} of {one.count} failed ({one.failed / one.count:.1%})"
        for route, one in failing[:FEW]
    )
    remedy = "look for these addresses and status 5xx in the log of web" if failing else ""
    data = {"routes": {route: vars(one) for route, one in sorted(found.items())}}
    return Figure(name, told, verdict, remedy, data, rows)


def _slow_routes() -> Iterable[Figure]:
    name, found = "slowest addresses, last day", recent.by_route(recent.DAY)
    if found is None:
        yield Figure(name, "nothing was counted yet", Verdict.UNKNOWN)
        return
    ranked = sorted(found.items(), key=lambda pair: (-pair[1].mean, pair[0]))
    often = [(route, one) for route, one in ranked if one.count >= OFTEN]
    slow = [route for route, one in often if one.mean > SLOW]
    told = f"{len(slow)} take more than {SLOW:g} s on average"
    rows = tuple(
        f"{route}: {one.mean * 1000:.0f} ms on average, {one.longest:.1f} s at most, {one.count}×"
        for route, one in often[:FEW]
    )
    remedy = "see docs/performance.md; slow statements below" if slow else ""
    yield Figure(name, told, Verdict.LOOK if slow else Verdict.FINE, remedy, {"slow": slow}, rows)


def _databases() -> Iterable[Figure]:
    for shard in settings.SHARDS:
        size, tables = database_figures.sizes(shard)
        rows = tuple(f"{one.name}: {told_bytes(one.size)}, ~{one.rows} rows" for one in tables)
        data = {"bytes": size, "tables": [vars(one) for one in tables]}
        yield Figure(f"database {shard}", told_bytes(size), Verdict.FINE, "", data, rows)


def _kept() -> Iterable[Figure]:
    """The tables that are cut by time: how far ahead, the oldest row, what should be gone."""
    oldest: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
    for tenant in tenancy.directory().all():
        with tenancy.scope(tenant):
            for name, at in partitions.oldest().items():
                oldest[tenant.database, name] += [at] if at else []
    for shard in settings.SHARDS:
        with system_cursor(shard) as sql:
            tables = partitions.tables(sql)
        for one in tables:
            first = min(oldest[shard, one.name], default=None)
            kept = f"kept {one.kept.days} days" if one.kept else "kept for good"
            told = f"{one.partitions} partitions to {one.last_ends:%Y-%m-%d}, {kept}" + (
                f", the oldest row of {first:%Y-%m-%d}" if first else ""
            )
            if one.overdue:
                told += f"; {one.overdue} should be gone"
            data = vars(one) | {"oldest": first}
            remedy = "" if one.verdict == Verdict.FINE else PARTITIONS_REMEDY
            yield Figure(f"kept in {shard}: {one.name}", told, one.verdict, remedy, data)


def _statements() -> Iterable[Figure]:
    for shard in settings.SHARDS:
        name = f"slow statements of {shard}"
        found = database_figures.slow_statements(shard)
        if found is None:
            yield Figure(
                name,
                "pg_stat_statements isn't there",
                Verdict.UNKNOWN,
                "on a server of your own: shared_preload_libraries = 'pg_stat_statements', "
                "restart, CREATE EXTENSION pg_stat_statements, GRANT pg_read_all_stats to the role "
                "system",
            )
            continue
        slow = [one for one in found if one.mean > SLOW * 1000]
        rows = tuple(
            f"{one.mean:.0f} ms on average, {one.longest:.0f} ms at most, {one.calls}×: {one.text}"
            for one in found
        )
        remedy = "EXPLAIN them; pg_stat_statements_reset() begins anew" if slow else ""
        yield Figure(
            name,
            f"{len(slow)} take more than {SLOW:g} s on average",
            Verdict.LOOK if slow else Verdict.FINE,
            remedy,
            {"statements": [vars(one) for one in found]},
            rows,
        )


def _disk() -> Iterable[Figure]:
    usage = shutil.disk_usage(settings.DATA_DIR)
    free = usage.free / usage.total if usage.total else 0.0
    verdict = Verdict.FINE
    if free < FREE_LOOK:
        verdict = Verdict.ACT if free < FREE_ACT else Verdict.LOOK
    remedy = "" if verdict == Verdict.FINE else "make room: old backups, logs; or a larger disk"
    told = f"{told_bytes(usage.free)} free of {told_bytes(usage.total)} ({free:.0%})"
    yield Figure(
        "disk of DATA_DIR", told, verdict, remedy, {"free": usage.free, "total": usage.total}
    )


def _backup() -> Iterable[Figure]:
    found = last_backup()
    if found is None:
        told = "none is known on this machine"
        yield Figure("backup", told, Verdict.LOOK, "make backup TO=<folder>, and daily from now on")
        return
    age = clock.system() - found.at
    verdict = Verdict.FINE
    if age > BACKUP_LOOK:
        verdict = Verdict.ACT if age > BACKUP_ACT else Verdict.LOOK
    remedy = "" if verdict == Verdict.FINE else "make backup TO=<folder>; does the daily one run?"
    told = f"{span(age)} ago, into {found.folder}"
    yield Figure("backup", told, verdict, remedy, {"at": found.at, "folder": found.folder})


def _pictures() -> Iterable[Figure]:
    """Where they lie, and whether the store answers."""
    where = settings.MEDIA_STORAGE
    found = catalog.media_problem()
    told = f"in {where or 'DATA_DIR'}" + (f", which fails: {found}" if found else "")
    remedy = "manage.py media check says which step fails: address, key, bucket" if found else ""
    verdict = Verdict.ACT if found else Verdict.FINE
    yield Figure("pictures", told, verdict, remedy, {"storage": where, "problem": found})


def _seals() -> Iterable[Figure]:
    """The newest seal of each platform."""
    rows, verdicts, data = [], [], {}
    for tenant in sorted(tenancy.directory().all(), key=lambda one: one.code):
        with tenancy.scope(tenant):
            seal = journeys.latest_seal()
        verdict = queues.verdict_on_seal(seal.sealed_at if seal else None)
        verdicts.append(verdict)
        if seal is None:
            rows.append(f"{tenant.code}: not sealed yet")
            continue
        rows.append(
            f"{tenant.code}: {seal.day}, ledger {seal.ledger_seq} links {seal.ledger_head}, "
            f"audit {seal.audit_seq} links {seal.audit_head}"
        )
        data[tenant.code] = {
            "day": seal.day,
            "sealed_at": seal.sealed_at,
            "ledger": {"links": seal.ledger_seq, "head": seal.ledger_head},
            "audit": {"links": seal.audit_seq, "head": seal.audit_head},
        }
    late = sum(one == Verdict.ACT for one in verdicts)
    told = f"{len(data)} of {len(rows)} platforms are sealed" + (f", {late} late" if late else "")
    remedy = "the platform's page of the ledger says why; is a worker running?" if late else ""
    yield Figure("seals of the chains", told, worst(verdicts), remedy, data, tuple(rows))


def _maintenance() -> Iterable[Figure]:
    found = maintenance.current()
    if found is None:
        yield Figure("maintenance", "open", Verdict.FINE)
        return
    what = "everything is refused" if found.closed else "changes are refused"
    until = f", until {found.until:%Y-%m-%d %H:%M %Z}" if found.until else ""
    yield Figure(
        "maintenance",
        f"{what} for {span(found.since)}{until}",
        Verdict.LOOK,
        "manage.py maintenance off, when it is over",
        {"since": found.since, "until": found.until, "closed": found.closed},
    )


def told_bytes(size: float) -> str:
    """A size in the unit that keeps it short."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


PARTS: dict[str, Part] = {
    "maintenance": _maintenance,
    "worker": _worker,
    "queues": _queues,
    "seals of the chains": _seals,
    "requests": _requests,
    "slowest addresses": _slow_routes,
    "slow statements": _statements,
    "database": _databases,
    "what is kept": _kept,
    "disk of DATA_DIR": _disk,
    "backup": _backup,
    "pictures": _pictures,
}
