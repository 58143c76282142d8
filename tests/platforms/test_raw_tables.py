"""The raw tables: operators look, nobody changes, other platforms' rows aren't there."""

import pytest
from django.test import Client

from kernel import tenancy
from kernel.tenancy import Tenant
from platforms import facade
from platforms.admin import site
from tests.factories.platforms import PASSWORD, make_key, make_merchant, make_person, make_platform

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.platforms.urls")]


def client_of(shop: Tenant, role: str | None) -> Client:
    with tenancy.scope(shop):
        person = make_person(password=PASSWORD, role=role)
    client = Client()
    client.post(f"/p/{shop.code}/in/", {"email": person.email, "password": PASSWORD})
    return client


def test_operators_only() -> None:
    shop = make_platform()
    path = f"/p/{shop.code}/admin/"
    assert Client().get(path).status_code == 403
    assert client_of(shop, "buyer").get(path).status_code == 403
    assert client_of(shop, "operator").get(path).status_code == 200
    assert Client().get("/admin/").status_code == 404


def test_rows_of_this_platform_without_secrets() -> None:
    shop, other = make_platform(), make_platform()
    with tenancy.scope(other):
        foreign = make_merchant(name="Foreign Tea")
    with tenancy.scope(shop):
        own = make_merchant(name="Own Tea")
        key = make_key(merchant_id=own.id)
    client = client_of(shop, "operator")
    page = client.get(f"/p/{shop.code}/admin/platforms/merchant/").content.decode()
    assert own.slug in page
    assert foreign.slug not in page
    assert f"/p/{shop.code}/admin/platforms/merchant/{own.id}/change/" in page
    one = f"/p/{shop.code}/admin/platforms/apikey/{key.info.id}/change/"
    shown = client.get(one).content.decode()
    assert key.info.key_id in shown
    assert "secret" not in shown.lower()
    history = client.get(one.replace("/change/", "/history/"), follow=True)
    assert "platforms.key.issued" in history.content.decode()
    stranger = client.get(f"/p/{shop.code}/admin/platforms/merchant/{foreign.id}/change/")
    assert stranger.status_code in (302, 404)


def test_every_table_has_a_page() -> None:
    shop = make_platform()
    client = client_of(shop, "operator")
    for model in site._registry:
        path = f"/p/{shop.code}/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(path).status_code == 200, path


def test_nothing_can_be_changed() -> None:
    shop = make_platform()
    with tenancy.scope(shop):
        merchant = make_merchant()
        before = facade.merchant(merchant.id)
    client = client_of(shop, "operator")
    row = f"/p/{shop.code}/admin/platforms/merchant/{merchant.id}"
    assert client.post(f"{row}/change/", {"slug": "stolen"}).status_code == 403
    assert client.post(f"{row}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"/p/{shop.code}/admin/platforms/merchant/add/").status_code == 403
    with tenancy.scope(shop):
        assert facade.merchant(merchant.id) == before
