"""Answers instead of the product while maintenance holds."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from kernel import maintenance
from kernel.maintenance import UnderMaintenance
from platforms.middleware import refusal

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class MaintenanceMiddleware:
    """503 with Retry-After for every change, and when closed for everything but static files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = maintenance.current()
        if found is None or (request.method in SAFE and not found.closed):
            return self.get_response(request)
        error = UnderMaintenance(found.note or None, retry_after=found.retry_after())
        response = refusal(request, error)
        response["Retry-After"] = str(found.retry_after())
        response["Cache-Control"] = "no-store"
        return response
