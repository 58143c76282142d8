"""Gives every request an id, which every answer carries; and text that a database can take; and
what Django's own do for languages and messages, at less cost."""

from collections.abc import Callable
from typing import Any

from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.messages.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject, empty

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


class LanguageMiddleware:
    """Django's LocaleMiddleware for addresses that have no language in them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        translation.activate(translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


class MessagesMiddleware(MessageMiddleware):
    """Django's, whose cookie is read and checked when somebody has something to tell or to show."""

    def process_request(self, request: HttpRequest) -> None:
        """See Django's."""
        request._messages = SimpleLazyObject(lambda: default_storage(request))  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> Any:
        """See Django's."""
        kept = getattr(request, "_messages", None)
        if getattr(kept, "_wrapped", None) is empty:
            return response
        return super().process_response(request, response)
