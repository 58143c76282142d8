"""Answers below the API are never pages."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from kernel.api.problems import problem_response
from kernel.errors import DomainError

BELOW_THE_API = re.compile(r"^(/p/[^/]+)?/api/v\d+/")


class NoSuchRoute(DomainError):
    code = "no_such_route"
    status = 404
    title = _("No route has this address")
    remedy = _("Compare it with the routes in the API's documentation; mind a slash at the end.")


class NoSuchMethod(DomainError):
    code = "method_not_allowed"
    status = 405
    title = _("This route doesn't take this method")
    remedy = _("Use one of the methods in the header Allow.")


class ProblemMiddleware:
    """Where no route answered, Django did, with a page: a problem document takes its place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.path
        response = self.get_response(request)
        error = {404: NoSuchRoute, 405: NoSuchMethod}.get(response.status_code)
        page = response.get("Content-Type", "").startswith("text/html")
        if error is None or not page or not BELOW_THE_API.match(asked):
            return response
        answer: HttpResponse = problem_response(error())
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer
