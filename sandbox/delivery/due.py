"""Things that happen by themselves later: rows with a time, carried out once."""

import logging
import math
from collections.abc import Callable
from datetime import timedelta

from django.db.models import F, Q

from sandbox import clock, database
from sandbox.models import Account, Due
from sandbox.transport.call import Call

from . import queue

log = logging.getLogger("sandbox")
Action = Callable[[Call, str], None]
_actions: dict[str, Action] = {}


def action(name: str) -> Callable[[Action], Action]:
    """Register what happens under this name; it runs in the transaction that removes the row."""

    def register(function: Action) -> Action:
        _actions[name] = function
        return function

    return register


def later(account: Account, name: str, subject: str, seconds: float) -> None:
    """Let ``name`` happen to ``subject`` in ``seconds``; part of the caller's transaction."""
    if name not in _actions:
        raise LookupError(name)
    Due.objects.create(account=account, action=name, subject=subject, at=clock.after(seconds))
    database.on_commit(queue.wake.set)


def drop(account: Account, name: str, subject: str) -> None:
    """It no longer happens; call it in a transaction.

    A row that the worker holds is left alone: the worker waits for the subject we hold, and will
    find that nothing is left to do. Waiting for it here would be a deadlock.
    """
    rows = Due.objects.filter(account=account, action=name, subject=subject)
    free = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    Due.objects.filter(pk__in=free).delete()


def advance(account: Account, seconds: int) -> None:
    """Put the account's clock forward and carry out, in order, what falls due on the way.

    Connected accounts go with their platform. Part of the caller's transaction.
    """
    accounts = Account.objects.filter(Q(pk=account.pk) | Q(platform=account))
    until = clock.after(seconds)
    left = seconds
    while True:
        # what the worker holds, it carries out itself: waiting for it could be a deadlock
        free = Due.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            account__in=accounts
        )
        row = free.filter(at__lte=until).order_by("at", "pk").first()
        step = left if row is None else min(left, max(0, _whole(row.at - clock.now())))
        accounts.update(clock_ahead=F("clock_ahead") + step)
        sooner = list(free.values_list("pk", flat=True))
        Due.objects.filter(pk__in=sooner).update(at=F("at") - timedelta(seconds=step))
        left -= step
        until -= timedelta(seconds=step)
        if row is None:
            break
        row.delete()
        owner = Account.objects.select_related("platform").get(pk=row.account_id)
        _actions[row.action](Call(account=owner), row.subject)
    account.refresh_from_db()


def _whole(span: timedelta) -> int:
    return math.ceil(span.total_seconds())


def run_one(*, until_seconds: float = 0) -> bool:
    """Carry out the next thing that is due; False when there is none.

    What fails is tried again a minute later, so that it doesn't hold up the rest.
    """
    failed: int | None = None
    try:
        with database.atomic():
            row = (
                Due.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("account")
                .filter(at__lte=clock.after(until_seconds))
                .order_by("at", "pk")
                .first()
            )
            if row is None:
                return False
            failed, name, subject = row.pk, row.action, row.subject
            row.delete()
            _actions[name](Call(account=row.account), subject)
    except Exception:
        if failed is None:
            raise
        log.exception("Something due failed and is tried again later")
        Due.objects.filter(pk=failed).update(at=clock.after(until_seconds + 60))
    return True
