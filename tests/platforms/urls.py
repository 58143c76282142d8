"""Addresses for the middleware's tests: small views that show what they are given."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import include, path, reverse
from django.utils import translation

from config.api import api
from kernel import tenancy
from kernel.actors import current_actor
from platforms import facade
from platforms.admin import site as raw_tables


def show(request: HttpRequest) -> JsonResponse:
    tenant = tenancy.current_or_none()
    person = request.person  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "platform": tenant.code if tenant else None,
            "address": reverse("show"),
            "path": request.path_info,
            "language": translation.get_language(),
            "person": str(person.id) if person else None,
            "actor": current_actor().kind,
        }
    )


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[bytes]:
        for _number in range(3):
            yield f"{facade.get_platform().code}\n".encode()

    return StreamingHttpResponse(lines())


def sign_in(request: HttpRequest) -> HttpResponse:
    session = facade.sign_in(
        email=request.POST["email"],
        password=request.POST["password"],
        address=request.META["REMOTE_ADDR"],
        replaces=facade.session_token(request) or None,
    )
    response = HttpResponse("in")
    facade.set_session_cookie(request, response, session)
    return response


def sign_out(request: HttpRequest) -> HttpResponse:
    facade.sign_out(token=facade.session_token(request))
    response = HttpResponse("out")
    facade.clear_session_cookie(request, response)
    return response


urlpatterns = [
    path("", show, name="home"),
    path("show/", show, name="show"),
    path("stream/", stream),
    path("in/", sign_in),
    path("out/", sign_out),
    path("api/v1/", api.urls),
    path("admin/", raw_tables.urls),
    path("", include("storefront.urls")),  # the error pages link to it
]
