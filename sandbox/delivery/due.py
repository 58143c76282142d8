"""Things that happen by themselves later: rows with a time, carried out once."""

import logging
from collections.abc import Callable

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
