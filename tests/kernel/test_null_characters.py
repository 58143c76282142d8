"""A null character in an address is odd text like any other: refused, or it finds nothing."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from kernel.middleware import NoNullMiddleware
from kernel.tenancy import Tenant
from platforms import facade
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.factories.storefront import Browser, operator


def test_it_is_taken_out_before_anything_reads_it() -> None:
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    NoNullMiddleware(answer)(RequestFactory().get("/a%00b/?q=x%00y&%00=1&plain=%2500"))
    [request] = seen
    assert request.path_info == request.path == "/a\ufffdb/"
    assert request.GET.dict() == {"q": "x\ufffdy", "\ufffd": "1", "plain": "%00"}


@pytest.mark.django_db
def test_a_form_that_brings_one_changes_nothing(platform: Tenant) -> None:
    merchant, desk = make_merchant(), operator()
    where = f"/operator/merchants/{merchant.public_id}/"
    page = desk.send(f"{where}act/", where, do="suspend", reason="a\x00b")
    assert "A null character stands in the text" in page.content.decode()
    assert facade.merchant(merchant.id).state == "approved"
    desk.send(f"{where}act/", where, do="suspend", reason="ab")
    assert facade.merchant(merchant.id).state == "suspended"


@pytest.mark.django_db
def test_no_route_or_page_breaks(platform: Tenant) -> None:
    client = api_client(make_key(kind="operator"))
    for path in (
        "/merchants/by-external-id/%00",
        "/audit?action=%00",
        "/products?external_id=%00",
        "/categories/by-external-id/%00",
        "/contract-templates?code=%00",
        "/people?cursor=%00",
    ):
        assert client.get(path).status_code < 500, path
    browser = Browser("en")
    for path in ("/categories/%00/", "/products/?brand=%00", "/verify/%00/", "/orders/%00/"):
        assert browser.get(f"{browser.prefix}{path}").status_code < 500, path
