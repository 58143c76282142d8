"""Languages and messages are told as Django's own middleware would."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import translation
from django.utils.functional import empty

from kernel.middleware import LanguageMiddleware, MessagesMiddleware


def _asked(*, cookie: str = "") -> HttpRequest:
    request = RequestFactory().get("/", headers={"accept-language": "en"})
    if cookie:
        request.COOKIES["messages"] = cookie
    return request


def test_messages_are_looked_at_when_somebody_asks() -> None:
    silent = _asked(cookie="kept")
    answer: Any = MessagesMiddleware(lambda request: HttpResponse())(silent)
    assert silent._messages._wrapped is empty  # type: ignore[attr-defined]
    assert "messages" not in answer.cookies

    def tell(request: HttpRequest) -> HttpResponse:
        messages.success(request, "Saved.")
        return HttpResponse()

    answer = MessagesMiddleware(tell)(_asked())
    shown = _asked(cookie=answer.cookies["messages"].value)

    def show(request: HttpRequest) -> HttpResponse:
        return HttpResponse(" ".join(str(one) for one in messages.get_messages(request)))

    answer = MessagesMiddleware(show)(shown)
    assert answer.content == b"Saved."
    assert answer.cookies["messages"].value == ""  # shown once


def test_the_language_is_the_visitor_s_and_answers_say_so() -> None:
    def speak(request: HttpRequest) -> HttpResponse:
        return HttpResponse(translation.get_language())

    with translation.override("zh-hans"):
        answer: Any = LanguageMiddleware(speak)(_asked())
    assert answer.content == b"en"
    assert answer["Content-Language"] == "en"
    assert answer["Vary"] == "Accept-Language"
