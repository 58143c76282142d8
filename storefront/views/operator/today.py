"""The operator's first page: what needs me now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certification import facade as certification
from journeys import facade as journeys
from kernel import outbox
from kernel.audit.selectors import recent_entries
from payments import facade as payments
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
        "applications": journeys.waiting_applications(),
        "merchants": [*in_review.items, *applied.items],
        "identities": certification.identities_page(queue=True, limit=SHOWN).items,
        "parked": outbox.parked_count(),
        "failed_jobs": reads.failed_jobs(),
        "alarms": payments.open_alarms(),
        "entries": payments.entries_page(state="proposed", limit=SHOWN).items,
        "providers": [one for one in payments.health() if one.open],
        "exceptions": payments.open_exceptions(),
        "credits": payments.open_credits(),
        "late_charges": payments.stuck_late_charges(),
        "latest": recent_entries(limit=8).items,
    }
    return render(request, "storefront/operator/today.html", context)
