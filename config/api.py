"""The HTTP API: every context's routes below /api/v1."""

from importlib import import_module

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import module_has_submodule

from kernel.api.encoding import encode
from kernel.api.parser import JsonParser
from kernel.api.problems import install
from kernel.api.spec import EXTRA, QuanchengAPI, error_catalogue

api = QuanchengAPI(
    title="Quancheng",
    version="v1",
    description="Trade, payment, logistics and more on one timeline. See docs/api-conventions.md.",
    urls_namespace="api",
    parser=JsonParser(),
    openapi_extra=EXTRA,
)
install(api)
for context in settings.CONTEXTS:
    if module_has_submodule(import_module(context), "api"):
        module = import_module(f"{context}.api")
        if hasattr(module, "routes"):
            api.add_router("", module.routes.router)


def errors(request: HttpRequest) -> HttpResponse:
    """The error catalogue as JSON."""
    return HttpResponse(encode({"data": error_catalogue()}), content_type="application/json")
