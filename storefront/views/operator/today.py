"""The operator's first page: what needs me now."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certification import facade as certification
from journeys import facade as journeys
from kernel import outbox
from kernel.actors import current_actor
from kernel.audit import entries
from kernel.pagination import PageOf
from payments import facade as payments
from platforms import facade as platforms
from storefront import reads
from storefront.pages import operator_desk

SHOWN = 100
NOTHING: PageOf[Any] = PageOf([], has_more=False, next_cursor=None)


@require_safe
@operator_desk("own")
def today(request: HttpRequest) -> HttpResponse:
    """What waits for an operator of this role, with the latest changes."""
    may = current_actor().holds
    stuck = journeys.journeys(state="needs_attention", limit=SHOWN) if may("orders") else NOTHING
    context = {
        "stuck": stuck,
        "applications": journeys.waiting_applications() if may("merchants") else 0,
        "merchants": _to_review() if may("merchants") else [],
        "identities": certification.identities_page(queue=True, limit=SHOWN).items
        if may("identities")
        else [],
        "parked": outbox.parked_count() if may("jobs") else 0,
        "failed_jobs": reads.failed_jobs() if may("jobs") else 0,
        "providers": [one for one in payments.health() if one.open],
        "latest": entries(limit=8).items if may("audit") else [],
        **(_money() if may("money.see") else {}),
    }
    return render(request, "storefront/operator/today.html", context)


def _to_review() -> list[platforms.MerchantInfo]:
    applied = platforms.merchants_page(state="applied", limit=SHOWN)
    in_review = platforms.merchants_page(state="in_review", limit=SHOWN)
    return [*in_review.items, *applied.items]


def _money() -> dict[str, Any]:
    return {
        "alarms": payments.open_alarms(),
        "entries": payments.entries_page(state="proposed", limit=SHOWN).items,
        "exceptions": payments.open_exceptions(),
        "credits": payments.open_credits(),
        "late_charges": payments.stuck_late_charges(),
    }
