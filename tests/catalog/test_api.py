"""The catalogue's routes: who sees what, and what a bad request gets."""

from typing import Any
from uuid import UUID

import pytest
import responses

from catalog import facade
from catalog.gateways import fetch
from kernel import jobs, tenancy
from kernel.ids import parse_public_id, public_id
from tests.factories.catalog import make_category, make_product, picture_bytes
from tests.factories.platforms import api_client, make_key, make_merchant, make_platform

pytestmark = pytest.mark.django_db
BODY = {
    "titles": {"zh-Hans": "龙井", "en": "Longjing"},
    "options": [{"code": "size", "titles": {"en": "Size"}}],
    "variants": [{"sku": "LJ-1", "options": {"size": "1 kg"}, "weight_grams": 1100}],
}


@pytest.fixture(autouse=True)
def media_root(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def merchant(platform: Any) -> Any:
    return make_merchant()


@pytest.fixture
def seller(merchant: Any) -> Any:
    return api_client(make_key(merchant_id=merchant.id))


@pytest.fixture
def operator(platform: Any) -> Any:
    return api_client(make_key(kind="operator"))


@pytest.fixture
def guest(platform: Any) -> Any:
    return api_client()


def names(answer: Any) -> list[str]:
    return [problem["field"] for problem in answer.json()["errors"]]


def test_a_products_life(seller: Any, guest: Any) -> None:
    answer = seller.post("/products", {**BODY, "external_id": "A-1", "metadata": {"erp": "7"}})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["state"], made["external_id"], made["metadata"]) == ("draft", "A-1", {"erp": "7"})
    assert answer["ETag"] == '"v1"'
    path = f"/products/{made['id']}"
    assert guest.get(path).status_code == 404
    assert guest.get("/products").json()["data"] == []
    assert seller.post(f"{path}/publish").json()["state"] == "published"
    shown = guest.get(path).json()
    assert shown["variants"][0]["sku"] == "LJ-1"
    assert (shown["external_id"], shown["metadata"]) == (None, {})
    assert [p["id"] for p in guest.get("/products").json()["data"]] == [made["id"]]
    withdrawn = seller.post(f"{path}/withdraw", {"reason": "season"})
    assert withdrawn.json()["state"] == "withdrawn"
    again = seller.post(f"{path}/withdraw", {})
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert seller.post(f"{path}/redraft").json()["state"] == "draft"


def test_the_answer_to_a_new_product_is_what_a_get_gives(seller: Any) -> None:
    """It is put together from what was written, without reading it."""
    body = {
        **BODY,
        "titles": {"en": " Longjing ", "zh-Hans": " 龙井"},
        "descriptions": {"en": "Green\n"},
        "category": public_id("cat", make_category("tea").id),
        "external_id": "A-1",
        "slug": "longjing",
        "unit": "KGM",
        "metadata": {"zz": "1", "a": ""},
        "variants": [
            {
                "sku": "LJ-2",
                "options": {"size": {"zh-Hans": "两公斤", "en": " 2 kg "}},
                "barcode": " 4006381333931 ",
                "external_id": "V-2",
                "metadata": {"b": "2", "a": "1"},
            },
            {"sku": "LJ-1", "options": {"size": " 1 kg"}, "weight_grams": 1100, "active": False},
        ],
    }
    made = seller.post("/products", body)
    assert made.status_code == 201, made.json()
    for path in (f"/products/{made.json()['id']}", "/products/by-external-id/A-1"):
        read = seller.get(path)
        assert (read.json(), read["ETag"]) == (made.json(), made["ETag"])
    put = seller.put("/products/by-external-id/A-2", {**BODY, "variants": [{"sku": "LJ-3",
                     "options": {"size": "3 kg"}}]})  # fmt: skip
    assert seller.get("/products/by-external-id/A-2").json() == put.json()


def test_if_match(seller: Any) -> None:
    made = seller.post("/products", BODY)
    path = f"/products/{made.json()['id']}"
    changed = seller.patch(path, {"unit": "KGM"}, headers={"If-Match": made["ETag"]})
    assert (changed.status_code, changed["ETag"]) == (200, '"v2"')
    late = seller.patch(path, {"unit": "TNE"}, headers={"If-Match": made["ETag"]})
    assert late.status_code == 412
    assert seller.get(path).json()["unit"] == "KGM"


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"colour": "red"}, 422, "colour"),
        ({"titles": {"fr": "Thé"}}, 422, "titles.fr"),
        ({"unit": "PIECE"}, 422, "unit"),
        ({"category": "cat_01k00000000000000000000000"}, 422, "category"),
        ({"category": "prd_01k00000000000000000000000"}, 422, "category"),
        ({"slug": "Not a slug"}, 422, "slug"),
        ({"variants": [{"sku": "A", "options": {"size": "1"}, "weight_grams": "x"}]}, 422, None),
        ({"variants": [{"sku": "A"}]}, 422, "variants.0.options"),
        ({"metadata": {"k": 1}}, 422, None),
        ({"titles": "tea"}, 422, "titles"),
    ],
)
def test_bad_bodies(seller: Any, change: Any, status: int, field: str | None) -> None:
    answer = seller.post("/products", {**BODY, **change})
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    if field:
        assert field in names(answer)
    assert seller.get("/products").json()["data"] == []


def test_upsert_by_external_id(seller: Any) -> None:
    first = seller.put("/products/by-external-id/A-1", {**BODY, "publish": True})
    assert (first.status_code, first.json()["state"]) == (200, "published")
    again = seller.put("/products/by-external-id/A-1", {**BODY, "unit": "KGM"})
    assert (again.json()["id"], again.json()["unit"]) == (first.json()["id"], "KGM")
    assert again.json()["slug"] == first.json()["slug"]
    assert seller.get("/products/by-external-id/A-1").json()["id"] == first.json()["id"]
    assert seller.get("/products/by-external-id/A-2").status_code == 404


def test_batch_rows_stand_or_fall_alone(seller: Any) -> None:
    def row(number: int, **changes: Any) -> dict[str, Any]:
        variants = [{"sku": f"S-{number}", "options": {"size": "1"}}]
        return {**BODY, "variants": variants, "external_id": f"E-{number}", **changes}

    rows = [row(3), row(1, colour="red"), row(2), row(4, titles={"fr": "x"}), {"x": 1}]
    answer = seller.post("/products/batch", {"products": rows})
    assert answer.status_code == 200
    body = answer.json()
    assert [(r["index"], r["status"]) for r in body["data"]] == [
        (0, 200), (1, 422), (2, 200), (3, 422), (4, 422),
    ]  # fmt: skip
    assert (body["succeeded"], body["failed"]) == (2, 3)
    assert body["data"][0]["object"]["external_id"] == "E-3"
    assert body["data"][1]["error"]["errors"][0]["field"] == "colour"
    assert len(seller.get("/products").json()["data"]) == 2
    many = seller.post("/products/batch", {"products": [{}] * 501})
    assert many.status_code == 413


def test_a_copy_is_kept_in_step_by_updated_since(seller: Any, merchant: Any) -> None:
    products = [make_product(merchant_id=merchant.id) for _ in range(3)]
    facade.withdraw_product(product_id=products[0].id)
    first = seller.get("/products", query={"updated_since": "2020-01-01T00:00:00Z", "limit": 2})
    page = first.json()
    assert [p["id"] for p in page["data"]] == [
        public_id("prd", products[1].id), public_id("prd", products[2].id),
    ]  # fmt: skip
    rest = seller.get(
        "/products",
        query={"updated_since": "2020-01-01T00:00:00Z", "cursor": page["next_cursor"]},
    ).json()
    assert [(p["id"], p["state"]) for p in rest["data"]] == [
        (public_id("prd", products[0].id), "withdrawn")
    ]
    since = rest["data"][0]["updated_at"]
    assert len(seller.get("/products", query={"updated_since": since}).json()["data"]) == 1


def test_lists_filter_expand_and_sort(seller: Any, guest: Any, merchant: Any) -> None:
    category = make_category()
    product = make_product(merchant_id=merchant.id, category_id=category.id)
    make_product()
    query = {"category": public_id("cat", category.id), "expand": "variants,pictures,category"}
    [found] = guest.get("/products", query=query).json()["data"]
    assert found["id"] == public_id("prd", product.id)
    assert found["category"]["slug"] == category.slug
    assert len(found["variants"]) == 1
    assert found["pictures"] == []
    assert len(guest.get("/products", query={"sort": "title"}).json()["data"]) == 2
    assert guest.get("/products", query={"sort": "price"}).status_code == 422
    assert guest.get("/products", query={"expand": "prices"}).status_code == 422
    sku = product.variants[0].sku
    assert len(seller.get("/products", query={"sku": sku}).json()["data"]) == 1
    assert len(guest.get("/products", query={"q": "tea"}).json()["data"]) == 2
    only = guest.get("/products", query={"fields": "slug", "limit": 1}).json()["data"][0]
    assert set(only) == {"id", "slug"}


def test_list_statements_do_not_grow_with_the_rows(
    guest: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        make_product(variants=2)
    guest.get("/products")
    with django_assert_max_num_queries(8):
        answer = guest.get("/products", query={"expand": "variants,pictures"})
    assert len(answer.json()["data"]) == 6


def test_variants(seller: Any) -> None:
    product = seller.post("/products", {**BODY, "publish": True}).json()
    path = f"/products/{product['id']}/variants"
    made = seller.post(path, {"sku": "LJ-2", "options": {"size": "2 kg"}})
    assert made.status_code == 201
    assert seller.post(path, {"sku": "LJ-2", "options": {"size": "3 kg"}}).status_code == 409
    assert seller.post(path, {"sku": "LJ-3", "options": {"size": "2 kg"}}).status_code == 409
    one = f"{path}/{made.json()['id']}"
    changed = seller.patch(one, {"weight_grams": 7, "sku": "LJ-2B"}, headers={"If-Match": '"v1"'})
    assert (changed.json()["weight_grams"], changed.json()["sku"]) == (7, "LJ-2B")
    assert seller.patch(one, {"weight_grams": 8}, headers={"If-Match": '"v1"'}).status_code == 412
    assert seller.patch(one, {"active": False}).json()["active"] is False
    last = f"{path}/{product['variants'][0]['id']}"
    refused = seller.patch(last, {"active": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.last_variant")


def test_staged_upload_then_attach(seller: Any) -> None:
    product = seller.post("/products", BODY).json()
    headers = {"Authorization": f"Bearer {seller.raw_key}"}
    sent = seller.client.generic(
        "POST", f"/p/{seller.code}/api/v1/media", picture_bytes(),
        content_type="image/jpeg", headers=headers,
    )  # fmt: skip
    assert sent.status_code == 201
    media = sent.json()
    assert media["image"]["sizes"][0]["url"].startswith(f"http://testserver/p/{seller.code}/media/")
    picture = seller.post(f"/products/{product['id']}/pictures", {"media": media["id"]})
    assert picture.status_code == 201
    assert seller.get(f"/media/{media['id']}").json()["id"] == media["id"]
    one = f"/products/{product['id']}/pictures/{picture.json()['id']}"
    assert seller.patch(one, {"alts": {"en": "A leaf"}}).json()["alts"] == {"en": "A leaf"}
    order = seller.put(f"/products/{product['id']}/pictures", {"pictures": [picture.json()["id"]]})
    assert order.status_code == 200
    assert seller.delete(one).status_code == 204
    assert seller.delete(one).status_code == 404
    url = media["image"]["sizes"][0]["url"].removeprefix("http://testserver")
    assert seller.client.get(url).status_code == 200


def test_uploads_that_are_refused(seller: Any) -> None:
    def send(data: bytes, kind: str) -> Any:
        return seller.client.generic(
            "POST", f"/p/{seller.code}/api/v1/media", data, content_type=kind,
            headers={"Authorization": f"Bearer {seller.raw_key}"},
        )  # fmt: skip

    answer = send(b"not a picture", "image/png")
    assert (answer.status_code, answer.json()["code"]) == (422, "catalog.picture_unreadable")
    assert send(picture_bytes(), "application/json").status_code == 422
    assert send(b"\0" * (10 * 1024 * 1024 + 1), "image/png").status_code == 413


def test_pictures_by_address(seller: Any, merchant: Any) -> None:
    product = make_product(merchant_id=merchant.id)
    answer = seller.post(
        "/media/by-url",
        {"url": "https://pictures.example/a/tea.jpg", "product": public_id("prd", product.id)},
    )
    assert answer.status_code == 202
    with responses.RequestsMock() as outside:
        outside.get("https://pictures.example/a/tea.jpg", body=picture_bytes(), status=200)
        jobs.drain(quiet=True)
    info = jobs.job_info(parse_public_id("job", answer.json()["job"]), merchant_id=merchant.id)
    assert info.state == "done"
    assert len(facade.product(product.id).pictures) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 404}, "catalog.fetch_failed"),
        ({"status": 302, "headers": {"Location": "http://10.0.0.8/x"}}, "catalog.address_refused"),
        ({"status": 302, "headers": {"Location": "/a/tea.jpg"}}, "catalog.fetch_failed"),
        ({"status": 200, "body": b"<html>"}, "catalog.picture_unreadable"),
        ({"status": 200, "body": b"x" * 10_485_761}, "catalog.picture_too_large"),
    ],
    ids=["missing", "leads inside", "in a circle", "no picture", "too large"],
)
def test_fetches_that_end_badly(seller: Any, answer: Any, code: str) -> None:
    job = seller.post("/media/by-url", {"url": "https://pictures.example/a/tea.jpg"}).json()["job"]
    with responses.RequestsMock() as outside:
        outside.get("https://pictures.example/a/tea.jpg", **answer)
        jobs.drain(quiet=True)
    found = seller.get(f"/jobs/{job}").json()
    assert found["state"] == "failed"
    assert code in str(found["error"])


def test_a_name_that_leads_inside_is_refused_when_connecting(monkeypatch: Any) -> None:
    inside = [(2, 1, 6, "", ("192.168.1.1", 80))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **options: inside)
    with pytest.raises(facade.AddressRefused):
        fetch.fetch("http://pictures.example/tea.jpg")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.jpg",
        "http://localhost:8000/x.jpg",
        "https://[::1]/x.jpg",
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.8/x.jpg",
        "https://user:pass@pictures.example/x.jpg",
        "https://pictures.example:22/x.jpg",
        "file:///etc/passwd",
        "ftp://pictures.example/x.jpg",
        "nonsense",
    ],
)
def test_addresses_inside_are_refused(seller: Any, url: str) -> None:
    answer = seller.post("/media/by-url", {"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "catalog.address_refused")


def test_categories_are_the_operators(operator: Any, seller: Any, guest: Any) -> None:
    names = {"zh-Hans": "茶", "en": "Tea"}
    assert seller.post("/categories", {"names": names}).status_code == 403
    assert guest.post("/categories", {"names": names}).status_code == 401
    top = operator.post("/categories", {"names": names, "slug": "tea"})
    assert top.status_code == 201
    put = operator.put("/categories/by-external-id/G", {"names": names, "parent": top.json()["id"]})
    again = operator.put(
        "/categories/by-external-id/G", {"names": names, "parent": top.json()["id"], "position": 2}
    )
    assert (again.json()["id"], again.json()["position"]) == (put.json()["id"], 2)
    assert [c["path"].split("/")[0] for c in guest.get("/categories").json()["data"]] == ["tea"] * 2
    one = f"/categories/{put.json()['id']}"
    assert guest.get(one).json()["external_id"] is None
    moved = operator.patch(one, {"parent": None}, headers={"If-Match": again["ETag"]})
    assert moved.json()["parent"] is None
    assert operator.patch(one, {"slug": "x"}, headers={"If-Match": '"v1"'}).status_code == 412
    assert operator.delete(one).status_code == 204
    assert operator.delete(one).status_code == 404


def test_other_merchants_and_platforms_answer_as_absent(seller: Any, operator: Any) -> None:
    theirs = make_product(published=False)
    with tenancy.scope(make_platform()):
        foreign = make_product()
    absent = UUID(int=theirs.id.int ^ 1)
    answers = []
    for product_id in (theirs.id, foreign.id, absent):
        path = f"/products/{public_id('prd', product_id)}"
        calls = [
            seller.get(path),
            seller.patch(path, {"unit": "KGM"}),
            seller.post(f"{path}/publish"),
            seller.post(f"{path}/withdraw", {}),
            seller.post(f"{path}/variants", {"sku": "S", "options": {"size": "1"}}),
            seller.put(f"{path}/pictures", {"pictures": []}),
        ]
        bodies = [{k: v for k, v in c.json().items() if k != "request_id"} for c in calls]
        answers.append([(call.status_code, body) for call, body in zip(calls, bodies, strict=True)])
    assert answers[0] == answers[1] == answers[2]
    assert {status for status, _body in answers[0]} == {404}
    assert facade.product(theirs.id).version == theirs.version
    assert operator.get(f"/products/{public_id('prd', theirs.id)}").status_code == 200


def test_a_merchant_that_is_not_approved_writes_nothing(platform: Any) -> None:
    seller = api_client(make_key(merchant_id=make_merchant(approved=False).id))
    answer = seller.post("/products", BODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "platforms.merchant_not_approved")
