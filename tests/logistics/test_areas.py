"""Cities and districts of the provinces, and what the routes and pages make of them."""

import pytest

from logistics import facade
from logistics.facade import REGIONS, UnknownArea
from storefront.forms.checkout import CheckoutForm
from tests.factories.platforms import api_client


def names(code: str) -> list[str]:
    return [one.name for one in facade.areas_of(code)]


def test_every_province_but_three_is_divided() -> None:
    assert {code for code in REGIONS if not facade.areas_of(code)} == {"71", "81", "82"}
    for code in REGIONS:
        for city in facade.areas_of(code):
            assert city.code[:2] == code
            assert all(one.code[:2] == code for one in facade.areas_of(city.code))


def test_cities_municipalities_and_what_a_province_governs_itself() -> None:
    assert names("22")[0] == "长春市"
    assert "公主岭市" in names("220100")
    assert names("11") == ["北京市"]
    assert "朝阳区" in names("110000")
    assert {"城口县", "渝中区"} <= set(names("500000"))
    assert "仙桃市" in names("42")
    assert names("429004") == []


@pytest.mark.parametrize("code", ["99", "220102", "", "长春"])
def test_what_is_neither_is_told(code: str) -> None:
    with pytest.raises(UnknownArea):
        facade.areas_of(code)


def test_by_api(platform: None) -> None:
    guest = api_client()
    found = guest.get("/shipping/regions", query={"of": "22"}).json()["data"]
    assert {"code": "220100", "name": {"zh-Hans": "长春市"}} in found
    found = guest.get("/shipping/regions", query={"of": "220100"}).json()["data"]
    assert {"code": "220104", "name": {"zh-Hans": "朝阳区"}} in found
    assert len(guest.get("/shipping/regions").json()["data"]) == 34
    for wrong in ("9", "99", "220104", "2201001"):
        refused = guest.get("/shipping/regions", query={"of": wrong})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"].endswith("of")


def form(region: str, city: str) -> CheckoutForm:
    whom = {"name": "王芳", "phone": "13844445678", "line1": "人民大街 1 号"}
    return CheckoutForm(whom | {"region": region, "city": city}, language="zh-hans")


@pytest.mark.parametrize(
    ("region", "city", "taken"),
    [
        ("22", "长春市", True), ("22", "新城", True), ("11", "长春市", False),
        ("11", "北京市", True), ("81", "香港", True), ("42", "仙桃市", True),
    ],
)  # fmt: skip
def test_a_city_of_another_province_is_refused_at_its_field(
    region: str, city: str, taken: bool
) -> None:
    found = form(region, city)
    assert found.is_valid() == taken
    if not taken:
        assert list(found.errors) == ["city"]
        assert "吉林省" in str(found.errors["city"])
