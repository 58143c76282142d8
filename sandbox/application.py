"""The sandbox as a WSGI application of its own, whatever settings the process runs under.

It has its own addresses and no middleware, so a test can run it beside the product's.
"""

from collections.abc import Callable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse


class Application(WSGIHandler):
    """Django's handler bound to ``sandbox.urls``."""

    def load_middleware(self, is_async: bool = False) -> None:
        """No middleware: only the address table."""
        self._view_middleware: list[Callable[..., Any]] = []
        self._template_response_middleware: list[Callable[..., Any]] = []
        self._exception_middleware: list[Callable[..., Any]] = []
        self._middleware_chain = convert_exception_to_response(self._bound)

    def _bound(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            # no id or name has one, and PostgreSQL would refuse it
            message = {"error": {"message": "Null characters are not allowed in addresses."}}
            return JsonResponse(message, status=400)
        request.urlconf = "sandbox.urls"
        response = self._get_response(request)  # type: ignore[attr-defined]
        return response  # type: ignore[no-any-return]
