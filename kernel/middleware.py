"""Gives every request an id, which every answer carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from kernel import logs
from kernel.ids import public_id, uuid7


class RequestIdMiddleware:
    """Sets ``Request-Id`` on the answer and the same id in the log context."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = public_id("req", uuid7())
        token = logs.set_request_id(name)
        try:
            response = self.get_response(request)
        finally:
            logs.reset_request_id(token)
        response["Request-Id"] = name
        return response
