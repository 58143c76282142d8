"""The worker: one process and a few threads that do all durable work as it becomes due.

The main thread looks (one cheap question a database: is there anything?), publishes events and
claims; threads run handlers, jobs and webhooks. It looks every 20 ms while there is work and
every 150 ms when there is none, so nothing waits for a message; a second's sweep does the rest.
With a broker, ``drain`` is what a wake-up message calls instead.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from threading import Event
from typing import Any
from uuid import UUID

from kernel import clock, maintenance, memory, tenancy
from kernel.chores import Chores, Every
from kernel.ids import uuid7
from kernel.jobs import claimer
from kernel.jobs.registry import JobContext
from kernel.outbox import deliveries, relay
from kernel.residents import Residents
from kernel.system_role import (
    asking_cursor,
    close_connections,
    mend_connections,
    shards,
    system_cursor,
)
from kernel.tenancy import Tenant
from kernel.webhooks import sender

log = logging.getLogger("kernel.worker")
ACTIVE, IDLE = 0.02, 0.15  # seconds between two looks
RENEW, BEAT, TIDY = 15.0, 5.0, 15.0
PAUSE = 0.01  # seconds between two looks at least, however much has ended meanwhile
BACKLOG = 8  # pieces of work that wait for a thread, so that one look serves many
TOGETHER = 25  # deliveries in one piece, at most
GRACE = 25.0  # seconds that running work gets to end when the process is asked to

_PEEK = """
SELECT
  EXISTS (SELECT FROM kernel_outboxevent WHERE published_at IS NULL),
  EXISTS (SELECT FROM kernel_delivery
          WHERE state = 'pending' AND next_attempt_at <= %(now)s AND id <> ALL(%(running)s)),
  EXISTS (SELECT FROM kernel_job WHERE state = 'queued' AND run_at <= %(latest)s),
  EXISTS (SELECT FROM kernel_webhookdelivery
          WHERE state = 'pending' AND next_attempt_at <= %(now)s)
"""
_BEAT = """
INSERT INTO kernel_workerbeat (id, host, pid, started_at, beat_at)
VALUES (%(id)s, %(host)s, %(pid)s, %(started)s, %(now)s)
ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at
"""


class Beat:
    """This process's sign of life."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {
            "id": uuid7(),
            "host": socket.gethostname()[:200],
            "pid": os.getpid(),
            "started": clock.system(),
        }

    def strike(self) -> None:
        """Say that the process lives."""
        with system_cursor("default") as sql:
            sql.execute(_BEAT, self.values | {"now": clock.system()})

    def stop(self) -> None:
        """Say that it has ended."""
        with system_cursor("default") as sql:
            sql.execute("DELETE FROM kernel_workerbeat WHERE id = %s", [self.values["id"]])


class Leases:
    """The jobs that run in this process, whose leases a thread lengthens."""

    def __init__(self) -> None:
        self.running: dict[UUID, tuple[str, JobContext]] = {}
        self.lock = threading.Lock()
        self.ended = Event()
        self.thread = threading.Thread(target=self._renew, name="leases", daemon=True)
        self.thread.start()

    def add(self, shard: str, context: JobContext) -> None:
        with self.lock:
            self.running[context.id] = (shard, context)

    def remove(self, context: JobContext) -> None:
        with self.lock:
            self.running.pop(context.id, None)

    def of(self, shard: str) -> list[JobContext]:
        """The contexts of one database's running jobs."""
        with self.lock:
            return [context for here, context in self.running.values() if here == shard]

    def tell_stop(self) -> None:
        """Let the running jobs know that the process should end."""
        for shard in shards():
            for context in self.of(shard):
                context.stopping.set()

    def release(self) -> None:
        """Let other workers take what still runs."""
        for shard in shards():
            if left := self.of(shard):
                with system_cursor(shard) as sql:
                    claimer.release(sql, left)

    def close(self) -> None:
        self.ended.set()

    def _renew(self) -> None:
        while not self.ended.wait(RENEW):
            for shard in shards():
                running = self.of(shard)
                if not running:
                    continue
                try:
                    mend_connections()
                    with system_cursor(shard) as sql:
                        claimer.renew(sql, running)
                except Exception:
                    log.exception("leases could not be renewed")
        close_connections()


class Worker:
    """Runs until ``stop``."""

    def __init__(self, *, handlers: int = 3, jobs: int = 3, hooks: int = 4) -> None:
        self.sizes = {"handlers": handlers, "jobs": jobs, "hooks": hooks, "chores": 1}
        self.pools = {
            name: ThreadPoolExecutor(size, thread_name_prefix=name)
            for name, size in self.sizes.items()
        }
        self.busy: dict[str, set[Any]] = {name: set() for name in self.pools}
        self.futures: set[Future[None]] = set()
        self.stopping, self.wakeup, self.lock = Event(), Event(), threading.Lock()
        self.leases, self.residents = Leases(), Residents()
        self.chores, self.beat = Chores(), Beat()

    def stop(self) -> None:
        """Ask the worker to end; what runs may finish."""
        self.stopping.set()
        self.wakeup.set()

    def run(self) -> bool:
        """Work until stopped; whether everything that ran has ended."""
        beat_due, tidy_due, failures = Every(BEAT), Every(TIDY), 0
        quiet_since = 0.0
        self.residents.start()
        while not self.stopping.is_set():
            try:
                if beat_due.due():
                    self.beat.strike()
                if tidy_due.due():
                    memory.give_back()
                if maintenance.current() is not None:
                    self.stopping.wait(IDLE)
                    continue
                self.chores.run()
                for due, chore in (
                    (self.chores.retain_due, self.chores.retain),
                    (self.chores.learn_due, self.chores.learn),
                ):
                    if due.next <= time.monotonic():
                        self._submit("chores", chore.__name__, chore)
                found = sum(self._look(shard) for shard in shards()) > 0  # every one, not any one
                failures = 0
            except Exception as error:
                failures += 1
                log.error("the worker can't work", exc_info=error)
                mend_connections()
                self.stopping.wait(min(5.0, 0.2 * 2**failures))
                continue
            here = time.monotonic()
            quiet_since = here if found else quiet_since
            self.stopping.wait(PAUSE)
            self.wakeup.wait(ACTIVE - PAUSE if here - quiet_since < 0.5 else IDLE)
            self.wakeup.clear()
        return self._end()

    def _look(self, shard: str) -> bool:
        tenants = self.chores.tenants.get(shard, [])
        with self.lock:  # deliveries that a thread has or waits to have
            running = [delivery for piece in self.busy["handlers"] for delivery in piece]
        with asking_cursor(shard) as sql:
            events, due, jobs, hooks = _peek(sql, tenants, running)
        if events:
            with system_cursor(shard) as sql:
                events = bool(relay.fan_out(sql))
            due = due or events
            hooks = hooks or events
        if due and self._free("handlers") > -BACKLOG // 2:
            due = self._deliver(shard, set(running))
        if jobs and (free := self._free("jobs")):
            jobs = self._start_jobs(shard, tenants, free)
        if hooks and (free := self._free("hooks")):
            hooks = self._send(shard, tenants, free)
        return bool(events or due or jobs or hooks)

    def _deliver(self, shard: str, running: set[UUID]) -> bool:
        with asking_cursor(shard) as sql:
            found = deliveries.due_deliveries(sql, limit=200)
        started = False
        for piece in _pieces(one for one in found if one.id not in running):
            if self._free("handlers") <= -BACKLOG:
                break
            tenant = tenancy.directory().by_id(piece[0].platform_id)
            if tenant is not None:
                key = tuple(one.id for one in piece)
                started |= self._submit("handlers", key, self._run_deliveries, tenant, piece)
        return started

    @staticmethod
    def _run_deliveries(tenant: Tenant, piece: list[deliveries.DueDelivery]) -> None:
        with tenancy.scope(tenant):
            deliveries.run_deliveries(piece)

    def _start_jobs(self, shard: str, tenants: list[Tenant], free: int) -> bool:
        with system_cursor(shard) as sql:
            found = claimer.claim(sql, tenants, limit=free)
        by_id = {tenant.id: tenant for tenant in tenants}
        for one in found:
            context = JobContext(one.id, one.kind, one.attempt, one.merchant_id)
            self.leases.add(shard, context)
            self._submit("jobs", one.id, self._run_job, by_id[one.platform_id], one, context)
        return bool(found)

    def _run_job(self, tenant: Tenant, job: claimer.ClaimedJob, context: JobContext) -> None:
        try:
            with tenancy.scope(tenant):
                claimer.run_job(job, context)
        finally:
            self.leases.remove(context)

    def _send(self, shard: str, tenants: list[Tenant], free: int) -> bool:
        with system_cursor(shard) as sql:
            found = sender.claim_webhooks(sql, limit=free)
        by_id = {tenant.id: tenant for tenant in tenants}
        for one in found:
            if one.platform_id in by_id:
                self._submit("hooks", one.id, sender.send, one, by_id[one.platform_id])
        return bool(found)

    def _free(self, pool: str) -> int:
        with self.lock:
            return self.sizes[pool] - len(self.busy[pool])

    def _submit(self, pool: str, key: Any, call: Callable[..., None], *args: Any) -> bool:
        with self.lock:
            if key in self.busy[pool]:
                return False
            self.busy[pool].add(key)
        future = self.pools[pool].submit(self._guarded, pool, key, call, *args)
        with self.lock:
            self.futures.add(future)
        future.add_done_callback(self._forget)
        return True

    def _guarded(self, pool: str, key: Any, call: Callable[..., None], *args: Any) -> None:
        try:
            mend_connections()
            call(*args)
        except Exception:
            log.exception("%s: %s", pool, key)
        finally:
            with self.lock:
                self.busy[pool].discard(key)
            self.wakeup.set()

    def _forget(self, future: "Future[None]") -> None:
        with self.lock:
            self.futures.discard(future)

    def _end(self) -> bool:
        self.leases.tell_stop()
        for pool in self.pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        with self.lock:
            left = set(self.futures)
        self.residents.stop()
        unfinished = wait(left, timeout=GRACE).not_done
        with suppress(Exception):
            self.leases.release()
            self.beat.stop()
        self.leases.close()
        close_connections()
        return not unfinished


def drain(seconds: float = 20.0) -> int:
    """Do everything that is due on every platform, for at most about ``seconds``; how much.

    For a broker's wake-up and for commands; also does the second's sweep, and strikes the beat.
    """
    end, done = time.monotonic() + seconds, 0
    if maintenance.current() is not None:
        return 0
    mend_connections()
    _process().chores.run()
    if _process().beat_due.due():
        _process().beat.strike()
    _process().chores.retain()
    _process().chores.learn()
    while time.monotonic() < end:
        round_ = sum(_drain_once(shard) for shard in shards())
        done += round_
        if not round_:
            break
    return done


class _Process:
    """What ``drain`` keeps from call to call."""

    def __init__(self) -> None:
        self.chores, self.beat, self.leases = Chores(), Beat(), Leases()
        self.beat_due = Every(BEAT)


_processes: dict[int, _Process] = {}


def _process() -> _Process:
    found = _processes.get(os.getpid())
    if found is None:
        found = _processes[os.getpid()] = _Process()
    return found


def _drain_once(shard: str) -> int:
    here = _process()
    tenants = here.chores.tenants.get(shard, [])
    by_id = {tenant.id: tenant for tenant in tenants}
    with system_cursor(shard) as sql:
        done = relay.fan_out(sql)
        due = deliveries.due_deliveries(sql)
    for piece in _pieces(one for one in due if one.platform_id in by_id):
        with tenancy.scope(by_id[piece[0].platform_id]):
            deliveries.run_deliveries(piece)
        done += len(piece)
    with system_cursor(shard) as sql:
        jobs = claimer.claim(sql, tenants, limit=1)
    for job in jobs:
        context = JobContext(job.id, job.kind, job.attempt, job.merchant_id)
        here.leases.add(shard, context)
        try:
            with tenancy.scope(by_id[job.platform_id]):
                claimer.run_job(job, context)
        finally:
            here.leases.remove(context)
    with system_cursor(shard) as sql:
        hooks = sender.claim_webhooks(sql, limit=4)
    for hook in hooks:
        if hook.platform_id in by_id:
            sender.send(hook, by_id[hook.platform_id])
    return done + len(jobs) + len(hooks)


def _pieces(found: Iterable[deliveries.DueDelivery]) -> list[list[deliveries.DueDelivery]]:
    """What a thread does at a time: a delivery, or of one platform those that may share. Each has
    the place of its first, so that nobody waits behind those that were due later."""
    pieces: list[list[deliveries.DueDelivery]] = []
    shared: dict[UUID, list[deliveries.DueDelivery]] = {}
    for one in found:
        shares = deliveries.may_share(one)
        piece = shared.get(one.platform_id) if shares else None
        if piece is None or len(piece) == TOGETHER:
            pieces.append(piece := [])
            if shares:
                shared[one.platform_id] = piece
        piece.append(one)
    return pieces


def _peek(sql: Any, tenants: list[Tenant], running: list[UUID]) -> tuple[bool, bool, bool, bool]:
    now = clock.system()
    ahead = max((tenant.clock_offset for tenant in tenants), default=now - now)
    latest = now + max(ahead, now - now)
    sql.execute(_PEEK, {"now": now, "latest": latest, "running": running})
    found: tuple[bool, bool, bool, bool] = sql.fetchone()
    return found
