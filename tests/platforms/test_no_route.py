"""Where the API has no route, or not for this method: a problem document, never a page."""

import pytest
from django.test import Client

from tests.factories.platforms import make_platform

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nothing", 404, "no_such_route"),
        ("post", "/api/v1/nothing/at/all", 404, "no_such_route"),
        ("get", "/api/v1/platform/", 404, "no_such_route"),
        ("delete", "/api/v1/platform", 405, "method_not_allowed"),
    ],
)
def test_no_route_is_a_problem(method: str, path: str, status: int, code: str) -> None:
    client = Client(enforce_csrf_checks=True)
    for language, said in (("zh-hans", "接口"), ("en", "route")):
        answer = getattr(client, method)(
            f"/p/{make_platform().code}{path}", headers={"Accept-Language": language}
        )
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == code
        assert said in answer.json()["title"]
        assert answer.json()["request_id"] == answer["Request-Id"]
    assert status != 405 or answer["Allow"] == "GET"


def test_a_page_that_is_not_there_stays_a_page() -> None:
    answer = Client().get(f"/p/{make_platform().code}/nothing/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
