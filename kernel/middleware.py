"""Gives every request an id, which every answer carries; and text that a database can take."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from kernel import logs
from kernel.ids import public_id, uuid7

NULL, UNKNOWN = "\x00", "\ufffd"


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


class NoNullMiddleware:
    """Null characters in the address become U+FFFD, as Django makes it of bytes that are no text:
    PostgreSQL can't take them, and no name, number or filter has any. So a route refuses them, or
    finds nothing, as with any other odd text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query or NULL in query:
            request.META["QUERY_STRING"] = query.replace("%00", "%EF%BF%BD").replace(
                NULL, "%EF%BF%BD"
            )
        if NULL in request.path_info:
            request.path = request.path.replace(NULL, UNKNOWN)
            request.path_info = request.path_info.replace(NULL, UNKNOWN)
            request.META["PATH_INFO"] = request.path_info
        return self.get_response(request)
