"""How the platform runs: what waits, whether that is fine, and what to do.

The deployment's figures (database, routes, backups) are no platform's: ``manage.py operations``.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from journeys import facade as journeys
from kernel import clock
from kernel.actors import current_actor
from kernel.queues import Queue, Verdict
from storefront.pages import operator_desk
from storefront.words import operations as words

COMMANDS = {
    "worker": "manage.py worker",
    "open": "manage.py maintenance off",
    "operations": "manage.py operations",
    "retention": "manage.py retention status",
}


@dataclass(frozen=True)
class Row:
    """One queue with what to do about it; ``command`` is for whoever runs the machine."""

    queue: Queue
    name: str | Promise
    stuck: str | Promise
    remedy: str | Promise = ""
    href: str = ""
    command: str = ""


@require_safe
@operator_desk("jobs")
def overview(request: HttpRequest) -> HttpResponse:
    """The platform's own queues, its latest seal, and what it shares: worker, maintenance, and the
    tables that are cut by time."""
    found = journeys.standing()
    context = {
        "rows": [_row(queue) for queue in found.queues],
        "found": found,
        "kept_names": words.KEPT,
        "now": clock.system(),
        "commands": COMMANDS,
    }
    return render(request, "storefront/operator/operations.html", context)


def _row(queue: Queue) -> Row:
    name, stuck = words.QUEUES[queue.name], words.STUCK.get(queue.name, "")
    if queue.stuck:
        remedy, page = words.REMEDIES[queue.name]
        return Row(queue, name, stuck, remedy, _address(page))
    if queue.verdict != Verdict.FINE:
        return Row(queue, name, stuck, words.LATE, command=COMMANDS["operations"])
    return Row(queue, name, stuck)


def _address(page: str) -> str:
    """Where to do it, if the role in use may go there."""
    if not page or (page == "operator_attention" and not current_actor().holds("orders")):
        return ""
    more = "?state=failed" if page == "operator_jobs" else ""
    return reverse(f"storefront:{page}") + more
