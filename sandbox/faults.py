"""Planned faults (故障注入): the next calls of an operation go wrong in a chosen way.

So a client's behaviour at a lost answer, a crash or an early webhook can be tested on purpose.
A fault is used up in a transaction of its own, so it is used up also when the call fails.
"""

import time
from typing import Any

from sandbox import database
from sandbox.models import Account, Fault, FaultKind
from sandbox.transport.call import NO_FAULTS, Plan

MAX_SECONDS = 120.0
DEFAULT_SECONDS = {
    FaultKind.TIMEOUT_BEFORE: 30.0,
    FaultKind.TIMEOUT_AFTER: 30.0,
    FaultKind.WEBHOOK_DELAY: 5.0,
}


def plan(
    account: Account, *, operation: str, kind: str, times: int = 1, seconds: float | None = None
) -> Fault:
    """Let the next ``times`` calls of ``operation`` (``*``: any) show the fault ``kind``."""
    if seconds is None:
        seconds = DEFAULT_SECONDS.get(FaultKind(kind), 0.0)
    return Fault.objects.create(
        account=account,
        operation=operation,
        kind=kind,
        remaining=times,
        seconds=min(seconds, MAX_SECONDS),
    )


def clear(account: Account) -> int:
    """Drop all planned faults of the account; returns how many."""
    return Fault.objects.filter(account=account).delete()[0]


def show(fault: Fault) -> dict[str, Any]:
    return {
        "operation": fault.operation,
        "kind": fault.kind,
        "times": fault.remaining,
        "seconds": fault.seconds,
    }


def take(account: Account, operation: str) -> Plan:
    """Use up one of each kind planned for this operation."""
    if not getattr(account, "planned", True):
        return NO_FAULTS
    wanted = Fault.objects.filter(account=account, operation__in=[operation, "*"])
    if not wanted.exists():
        return NO_FAULTS
    seconds: dict[str, float] = {}
    with database.atomic():
        for fault in wanted.select_for_update().order_by("pk"):
            if fault.kind in seconds:
                continue
            seconds[fault.kind] = fault.seconds
            fault.remaining -= 1
            if fault.remaining:
                fault.save(update_fields=["remaining"])
            else:
                fault.delete()
    return Plan(
        error_before=FaultKind.ERROR_BEFORE in seconds,
        error_after=FaultKind.ERROR_AFTER in seconds,
        wait_before=seconds.get(FaultKind.TIMEOUT_BEFORE, 0),
        wait_after=seconds.get(FaultKind.TIMEOUT_AFTER, 0),
        webhook_duplicate=FaultKind.WEBHOOK_DUPLICATE in seconds,
        webhook_first=FaultKind.WEBHOOK_FIRST in seconds,
        webhook_delay=seconds.get(FaultKind.WEBHOOK_DELAY, 0),
    )


def wait(seconds: float) -> None:
    """Let the caller run into its timeout. No transaction is open here."""
    if seconds > 0:
        time.sleep(seconds)
