"""How goods are taxed: by article, by category, by the platform; on invoices, and by the API."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from kernel import clock
from kernel.errors import NotFound
from payments import facade
from payments.facade import TaxClass
from tests.factories.invoices import CORN, make_line, make_request, make_tax_profile
from tests.factories.platforms import api_client, make_key, make_merchant

pytestmark = pytest.mark.usefixtures("books")
TEA = TaxClass("1030307010000000000", "茶", Decimal(13))
FRUIT = TaxClass("1010112000000000000", "水果", Decimal(9))
BOOKS = TaxClass("1060202000000000000", "图书", Decimal(9), "taxed")


def test_the_closest_word_holds_and_the_invoice_says_it() -> None:
    merchant = uuid4()
    make_tax_profile(merchant)
    facade.set_goods_tax(merchant_id=None, category="fresh", tax=FRUIT)
    facade.set_goods_tax(merchant_id=None, category="fresh/tea/green", tax=BOOKS)
    facade.set_goods_tax(merchant_id=merchant, category="/fresh/tea/", tax=TEA)
    facade.set_goods_tax(merchant_id=merchant, sku="T-1", tax=BOOKS)
    facade.set_goods_tax(merchant_id=uuid_with_profile(), category="fresh/fruit", tax=TEA)
    request = make_request(
        6_000, profile=False, merchant_id=merchant,
        lines=[
            make_line(1_000, sku="T-1", goods_category="fresh/tea"),
            make_line(1_000, sku="T-2", goods_category="fresh/tea/green"),
            make_line(1_000, sku="F-1", goods_category="fresh/fruit"),
            make_line(1_000, sku="C-1", goods_category="freshly"),
            make_line(1_000, sku="C-2"),
            make_line(1_000, sku="T-1", rate=Decimal(6)),
        ],
    )  # fmt: skip
    made = facade.issue_invoice(request_id=request.id)
    assert [(line.category_name, int(line.rate)) for line in made.lines] == [
        ("图书", 9), ("茶", 13), ("水果", 9), ("谷物", 9), ("谷物", 9), ("图书", 6),
    ]  # fmt: skip
    profile = facade.tax_profile(merchant_id=merchant)
    assert profile is not None
    goods = [("T-1", ""), ("T-2", "fresh/tea"), ("F-1", "fresh/fruit"), ("C-1", "")]
    levels = [one.level for one in facade.tax_classes(profile, goods)]
    assert levels == ["article", "category", "platform_category", "default"]


def uuid_with_profile() -> UUID:
    other = uuid4()
    make_tax_profile(other)
    return other


def test_small_taxpayers_take_the_platforms_code_with_their_own_rate() -> None:
    merchant = uuid4()
    make_tax_profile(merchant, taxpayer="small", default=replace(CORN, rate=Decimal(1)))
    facade.set_goods_tax(merchant_id=None, category="tea", tax=TEA)
    request = make_request(
        1_000, profile=False, merchant_id=merchant, lines=[make_line(1_000, goods_category="tea")]
    )
    [line] = facade.issue_invoice(request_id=request.id).lines
    assert (line.category, int(line.rate)) == (TEA.category, 1)


def test_a_rate_that_has_ended_is_told_with_its_last_day() -> None:
    merchant = uuid4()
    one = replace(CORN, rate=Decimal(1))
    make_tax_profile(merchant, taxpayer="small", default=replace(CORN, rate=Decimal(3)))
    facade.set_goods_tax(merchant_id=merchant, sku="C", tax=one)
    request = make_request(
        1_000, profile=False, merchant_id=merchant, lines=[make_line(1_000, sku="C")]
    )
    assert facade.tax_usable(one, "small")
    later = datetime(2028, 1, 2, tzinfo=UTC) - clock.business()
    with clock.offset(later):
        assert not facade.tax_usable(one, "small")
        with pytest.raises(facade.RateNotAllowed) as caught:
            facade.issue_invoice(request_id=request.id)
        [problem] = caught.value.problems
        assert problem.field == "lines.0.rate"
        assert "2027-12-31" in problem.problem
        assert caught.value.params["allowed"] == ["3", "0"]
        with pytest.raises(facade.RateNotAllowed):
            facade.set_goods_tax(merchant_id=merchant, sku="C", tax=one)


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({}, "sku"),
        ({"sku": "A", "category": "b"}, "sku"),
        ({"sku": "a" * 65}, "sku"),
        ({"category": "a/" * 30}, "goods_category"),
        ({"category": "a\x00"}, "goods_category"),
        ({"sku": "A", "tax": replace(TEA, category="12")}, "category"),
        ({"sku": "A", "tax": replace(TEA, category_name="")}, "category_name"),
        ({"sku": "A", "tax": replace(TEA, rate=Decimal(17))}, "rate"),
    ],
)
def test_bad_classes_are_told_why(named: dict[str, object], field: str) -> None:
    merchant = uuid4()
    make_tax_profile(merchant)
    with pytest.raises((facade.InvalidInvoice, facade.RateNotAllowed)) as caught:
        facade.set_goods_tax(**{"merchant_id": merchant, "tax": TEA, **named})  # type: ignore[arg-type]
    assert caught.value.problems[0].field == field


def test_set_changed_and_removed_only_by_whose_it_is() -> None:
    merchant = make_merchant()
    shop = api_client(make_key(merchant_id=merchant.id))
    operator, stranger = api_client(make_key(kind="operator")), api_client(make_key())
    body = {
        "sku": "T/1", "category": TEA.category, "category_name": "茶", "rate": "13",
    }  # fmt: skip
    assert shop.put("/tax-classes", body).json()["code"] == "payments.tax_profile_missing"
    make_tax_profile(merchant.id)
    first = shop.put("/tax-classes", body)
    assert first.status_code == 200, first.content
    again = shop.put("/tax-classes", {**body, "rate": "9"}).json()
    assert (again["id"], again["rate"]) == (first.json()["id"], "9")
    refused = shop.put("/tax-classes", {**body, "rate": "17"})
    assert (refused.status_code, refused.json()["allowed"]) == (422, ["13", "9", "6", "3", "0"])
    platforms = operator.put(
        "/tax-classes", {**body, "sku": "", "goods_category": "tea", "rate": "13"}
    )
    assert platforms.json()["merchant"] is None
    assert operator.put("/tax-classes", body).status_code == 422, "only a merchant has articles"
    seen = shop.get("/tax-classes").json()["data"]
    assert {one["goods_category"] or one["sku"] for one in seen} == {"T/1", "tea"}
    articles = shop.get("/tax-classes", query={"of": "articles"}).json()["data"]
    assert [one["sku"] for one in articles] == ["T/1"]
    now = shop.get("/tax-class", query={"sku": "T/1", "goods_category": "tea"}).json()
    assert (now["level"], now["rate"], now["usable"]) == ("article", "9", True)
    now = shop.get("/tax-class", query={"sku": "T-2", "goods_category": "tea/green"}).json()
    assert now["level"] == "platform_category"
    for one in (stranger, operator):
        assert one.delete(f"/tax-classes/{again['id']}").status_code == 404
    assert shop.delete(f"/tax-classes/{platforms.json()['id']}").status_code == 404
    assert shop.delete(f"/tax-classes/{again['id']}").status_code == 204
    assert facade.goods_tax(merchant_id=merchant.id, sku="T/1") is None
    with pytest.raises(NotFound):
        facade.remove_goods_tax(merchant_id=merchant.id, goods_tax_id=uuid4())
