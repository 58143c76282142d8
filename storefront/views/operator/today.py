"""The operator's first page: what needs me now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from journeys import facade as journeys
from kernel import outbox
from kernel.audit.selectors import recent_entries
from platforms import facade as platforms
from storefront import reads
from storefront.pages import operator_desk

SHOWN = 100


@require_safe
@operator_desk
def today(request: HttpRequest) -> HttpResponse:
    """Everything that waits for an operator, with the latest changes."""
    stuck = journeys.journeys(state="needs_attention", limit=SHOWN)
    applied = platforms.merchants_page(state="applied", limit=SHOWN)
    in_review = platforms.merchants_page(state="in_review", limit=SHOWN)
    context = {
        "stuck": stuck,
        "merchants": [*in_review.items, *applied.items],
        "parked": outbox.parked_count(),
        "failed_jobs": reads.failed_jobs(),
        "latest": recent_entries(limit=8).items,
    }
    return render(request, "storefront/operator/today.html", context)
