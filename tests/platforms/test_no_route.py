"""Where the API has no route, or not for this method: a problem document, never a page."""

import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, URLResolver, resolve, reverse
from django.utils import translation

from config.resolving import Apart, Remembering
from config.urls import urlpatterns
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


@pytest.mark.parametrize("prefix", ["api/v1/", ""])
def test_each_address_leads_where_trying_all_patterns_would(prefix: str) -> None:
    kinds = {str(one.pattern): one for one in urlpatterns if isinstance(one, Remembering)}
    found = kinds[prefix]
    plain = URLResolver(
        found.pattern, found.url_patterns, app_name=found.app_name, namespace=found.namespace
    )
    routes = [str(pattern.pattern) for pattern in found.url_patterns]
    for path in {sample for route in routes for sample in _samples(route)}:
        for _turn in (1, 2):  # the second may be remembered
            assert _led(found, f"{prefix}{path}") == _led(plain, f"{prefix}{path}"), path


@pytest.mark.parametrize("namespace", ["api", "admin", "storefront"])
def test_each_name_leads_where_it_would_in_a_plain_table(namespace: str) -> None:
    (found,) = (one for one in urlpatterns if getattr(one, "namespace", "") == namespace)
    assert isinstance(found, Apart)
    plain = URLResolver(found.pattern, found.url_patterns, found.default_kwargs)
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert len(plain.reverse_dict) > 20
            assert found.reverse_dict == plain.reverse_dict
            assert (found.namespace_dict, found.app_dict) == (plain.namespace_dict, plain.app_dict)


def test_the_raw_tables_are_found_by_their_names() -> None:
    address = reverse("admin:kernel_auditrecord_changelist")
    assert address == "/admin/kernel/auditrecord/"
    assert resolve(address).view_name == "admin:kernel_auditrecord_changelist"


def test_a_start_loads_no_raw_tables_and_what_pages_need() -> None:
    """Names of other addresses don't load them either."""
    code = (
        "import sys, config.wsgi\n"
        "from django.urls import reverse\n"
        "print(reverse('storefront:home'), 'platforms.admin' in sys.modules,"
        " 'storefront.views.shop.home' in sys.modules)\n"
        "print(reverse('admin:index'), 'platforms.admin' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["/", "False", "True", "/admin/", "True"]


def _samples(route: str) -> list[str]:
    """An address of the route, one with a part of another's, and some that are none's."""
    path = re.sub(r"<(\w+:)?\w+>", "x1", route)
    longer = re.sub(r"<path:\w+>", "a/b/c", route)
    return [path, longer, f"{path}/", f"{path}/export", path.rpartition("/")[0], f"x{path}"]


def _led(resolver: URLResolver, path: str) -> object:
    try:
        found = resolver.resolve(path)
    except Resolver404:
        return None
    return found.func, found.kwargs, found.url_name, found.route, found.namespaces
