"""From an address to a platform: path, host, key; what stands alone; what is refused."""

import pytest
from django.test import Client
from django.urls import get_script_prefix

from kernel import tenancy
from kernel.tenancy import Tenant
from platforms import facade
from tests.factories.platforms import (
    PASSWORD,
    make_key,
    make_merchant,
    make_person,
    make_platform,
    unique,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.platforms.urls")]


@pytest.fixture
def shop() -> Tenant:
    return make_platform()


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept-Language": "en"})


def test_platform_by_path(client: Client, shop: Tenant) -> None:
    seen = client.get(f"/p/{shop.code}/show/").json()
    assert seen["platform"] == shop.code
    assert seen["path"] == "/show/"
    assert seen["address"] == f"/p/{shop.code}/show/"
    assert seen["actor"] == "guest"


def test_nothing_of_the_platform_is_left_behind(client: Client, shop: Tenant) -> None:
    client.get(f"/p/{shop.code}/show/")
    assert tenancy.current_or_none() is None
    assert get_script_prefix() == "/"
    assert client.get("/").json()["platform"] is None
    assert client.get("/").json()["address"] == "/show/"


def test_platform_without_its_slash(client: Client, shop: Tenant) -> None:
    answer = client.get(f"/p/{shop.code}")
    assert answer.status_code == 302
    assert answer["Location"] == f"/p/{shop.code}/"


def test_platform_by_host(client: Client) -> None:
    host = f"{unique('shop')}.example"
    shop = make_platform(hosts=(host.upper(),))
    seen = client.get("/show/", headers={"Host": f"{host}:8000"}).json()
    assert (seen["platform"], seen["address"]) == (shop.code, "/show/")


def test_platform_by_key(client: Client, shop: Tenant) -> None:
    with tenancy.scope(shop):
        issued = make_key()
    seen = client.get("/show/", headers={"Authorization": f"Bearer {issued.raw}"}).json()
    assert seen["platform"] == shop.code


@pytest.mark.parametrize("path", ["/p/nowhere/show/", "/p//show/", "/p/", "/show/"])
def test_unknown_platform_is_a_page(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is no platform at this address" in answer.content.decode()


def test_unknown_platform_is_a_problem_below_the_api(client: Client, db: None) -> None:
    for path in ("/p/nowhere/api/v1/platform", "/api/v1/platform"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "platforms.unknown"


def test_key_and_address_of_two_platforms(client: Client, shop: Tenant) -> None:
    other = make_platform()
    with tenancy.scope(other):
        issued = make_key()
    answer = client.get(
        f"/p/{shop.code}/api/v1/platform", headers={"Authorization": f"Bearer {issued.raw}"}
    )
    assert answer.status_code == 401


def test_suspension_acts_and_ends(client: Client, shop: Tenant) -> None:
    facade.suspend_platform(code=shop.code, reason="unpaid")
    page = client.get(f"/p/{shop.code}/show/")
    assert page.status_code == 503
    assert "This platform is suspended" in page.content.decode()
    problem = client.get(f"/p/{shop.code}/api/v1/platform")
    assert problem.status_code == 503
    assert problem.json()["code"] == "platforms.suspended"
    facade.reopen_platform(code=shop.code)
    assert client.get(f"/p/{shop.code}/show/").status_code == 200


def test_closed_for_good(client: Client, shop: Tenant) -> None:
    facade.close_platform(code=shop.code, reason="ended")
    assert client.get(f"/p/{shop.code}/show/").status_code == 410
    with pytest.raises(facade.PlatformUnknown):
        facade.reopen_platform(code="nowhere")


def test_streams_stay_in_scope(client: Client, shop: Tenant) -> None:
    answer = client.get(f"/p/{shop.code}/stream/")
    assert tenancy.current_or_none() is None
    chunks = []
    for chunk in answer.streaming_content:  # type: ignore[attr-defined]
        assert tenancy.current_or_none() is None
        chunks.append(chunk)
    assert b"".join(chunks).decode().split() == [shop.code] * 3


def test_a_broken_off_stream_leaves_nothing(client: Client, shop: Tenant) -> None:
    answer = client.get(f"/p/{shop.code}/stream/")
    next(iter(answer.streaming_content))  # type: ignore[attr-defined]
    answer.close()
    assert tenancy.current_or_none() is None


@pytest.mark.parametrize(
    ("accepts", "chosen", "answer"),
    [
        ("en-GB,en;q=0.9", "", "en"),
        ("zh-CN,zh;q=0.9", "", "zh-hans"),
        ("fr", "", "zh-hans"),
        ("en", "zh-hans", "zh-hans"),
        ("zh-CN", "en", "en"),
        ("en", "nonsense", "en"),
    ],
)
def test_language(shop: Tenant, accepts: str, chosen: str, answer: str) -> None:
    client = Client(headers={"Accept-Language": accepts})
    if chosen:
        client.cookies["django_language"] = chosen
    assert client.get(f"/p/{shop.code}/show/").json()["language"] == answer


def test_language_among_those_offered(db: None) -> None:
    shop = make_platform(blueprint={"locales": ["en"]})
    client = Client(headers={"Accept-Language": "zh-CN"})
    assert client.get(f"/p/{shop.code}/show/").json()["language"] == "en"


@pytest.mark.django_db(transaction=True)
def test_session_belongs_to_one_platform(client: Client) -> None:
    shop, other = make_platform(), make_platform()
    email = f"{unique('w')}@people.example"
    with tenancy.scope(shop):
        person = make_person(email=email, password=PASSWORD, role="buyer", language="en")
    answer = client.post(f"/p/{shop.code}/in/", {"email": email, "password": PASSWORD})
    cookie = answer.cookies[f"qc_session_{shop.code}"]
    assert cookie["path"] == f"/p/{shop.code}/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    seen = client.get(f"/p/{shop.code}/show/").json()
    assert (seen["person"], seen["actor"]) == (str(person.id), "buyer")
    # The same token under the other platform's name opens nothing.
    client.cookies[f"qc_session_{other.code}"] = cookie.value
    assert client.get(f"/p/{other.code}/show/").json()["person"] is None
    client.post(f"/p/{shop.code}/out/")
    client.cookies[f"qc_session_{shop.code}"] = cookie.value
    assert client.get(f"/p/{shop.code}/show/").json()["person"] is None


@pytest.mark.django_db(transaction=True)
def test_a_fresh_sign_in_ends_the_old_session(client: Client) -> None:
    shop = make_platform()
    email = f"{unique('w')}@people.example"
    with tenancy.scope(shop):
        make_person(email=email, password=PASSWORD)
    form = {"email": email, "password": PASSWORD}
    first = client.post(f"/p/{shop.code}/in/", form).cookies[f"qc_session_{shop.code}"].value
    second = client.post(f"/p/{shop.code}/in/", form).cookies[f"qc_session_{shop.code}"].value
    assert first != second
    client.cookies[f"qc_session_{shop.code}"] = first
    assert client.get(f"/p/{shop.code}/show/").json()["person"] is None
    client.cookies[f"qc_session_{shop.code}"] = second
    assert client.get(f"/p/{shop.code}/show/").json()["person"] is not None


@pytest.mark.django_db(transaction=True)
def test_people_of_a_suspended_merchant(client: Client) -> None:
    shop = make_platform()
    with tenancy.scope(shop):
        merchant = make_merchant()
        person = make_person(
            password=PASSWORD, role="merchant_owner", merchant_id=merchant.id, language="en"
        )
    client.post(f"/p/{shop.code}/in/", {"email": person.email, "password": PASSWORD})
    path = f"/p/{shop.code}/api/v1/merchant"
    assert client.get(path).status_code == 200
    with tenancy.scope(shop):
        facade.suspend_merchant(merchant_id=merchant.id, reason="counterfeit")
    assert client.get(path).json()["code"] == "platforms.merchant_not_approved"
    assert client.get(f"/p/{shop.code}/show/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_pages_are_not_for_shared_caches(client: Client) -> None:
    shop = make_platform()
    guest = client.get(f"/p/{shop.code}/show/")
    assert "Cookie" in guest["Vary"]
    with tenancy.scope(shop):
        person = make_person(password=PASSWORD)
    client.post(f"/p/{shop.code}/in/", {"email": person.email, "password": PASSWORD})
    assert "private" in client.get(f"/p/{shop.code}/show/")["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_api_by_session_needs_a_csrf_token() -> None:
    shop = make_platform()
    email = f"{unique('w')}@people.example"
    with tenancy.scope(shop):
        make_person(email=email, password=PASSWORD, role="operator")
    client = Client(enforce_csrf_checks=False)
    client.post(f"/p/{shop.code}/in/", {"email": email, "password": PASSWORD})
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    path = f"/p/{shop.code}/api/v1/merchants"
    assert strict.get(path).status_code == 200
    body = {"names": {"en": "Tea"}, "contact_email": "tea@merchants.example"}
    refused = strict.post(path, body, content_type="application/json")
    assert refused.status_code == 403
    token = "a" * 32
    strict.cookies["csrftoken"] = token
    made = strict.post(path, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert made.status_code == 201, made.content
