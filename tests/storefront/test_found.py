"""What search engines read: sitemaps, canonical addresses, languages, structured data."""

import json
import re
from contextvars import Context
from html import unescape
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from catalog import facade as catalog
from kernel.ids import public_id, uuid7
from platforms import facade as platforms
from storefront.views.shop import sitemaps
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, make_goods

pytestmark = pytest.mark.usefixtures("platform")
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def read(browser: Browser, address: str) -> ET.Element:
    path = urlsplit(address).path.removeprefix(browser.prefix)
    answer = browser.see(path)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/xml")
    return ET.fromstring(answer.content)


def locations(root: ET.Element) -> list[str]:
    return [str(one.text) for one in root.iterfind(".//s:loc", SITEMAP)]


def head(browser: Browser, path: str, **query: str) -> str:
    text = str(browser.see(path, **query).content.decode())
    return text[: text.index("</head>")]


def blocks(text: str) -> list[dict[str, object]]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    return [json.loads(one) for one in found]


def test_the_sitemap_names_what_is_public_once_a_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "PORTION", 2)
    goods = [make_goods(title=f"Tea {n}") for n in range(5)]
    shelf = catalog.create_shop_category(merchant_id=goods[0].merchant.id, names={"zh-Hans": "茶"})
    closed = make_merchant()
    catalog.create_shop_category(merchant_id=closed.id, names={"zh-Hans": "酒"})
    platforms.suspend_merchant(merchant_id=closed.id, reason="For a while.")
    hidden = make_goods(title="Taken back")
    catalog.withdraw_product(product_id=hidden.product.id)
    browser = Browser()
    files = locations(read(browser, "/sitemap.xml"))
    assert len(files) == 1 + 3 + 1
    named = [one for file in files for one in locations(read(browser, file))]
    for one in goods:
        address = f"http://testserver{browser.prefix}/products/{one.product.slug}/"
        assert address in named
        assert f"{address}?hl=en" in named or f"{address}?hl=zh-hans" in named
        assert f"http://testserver{browser.prefix}/shops/{one.merchant.slug}/" in named
    address = f"/shops/{goods[0].merchant.slug}/{public_id('shc', shelf.id)}/"
    assert f"http://testserver{browser.prefix}{address}" in named
    assert not [one for one in named if hidden.product.slug in one or closed.slug in one]
    url = read(browser, files[1]).find("s:url", SITEMAP)
    assert url is not None
    assert {one.get("hreflang") for one in url.iterfind("x:link", SITEMAP)} == {
        "zh-Hans", "en", "x-default",
    }  # fmt: skip
    for address in named:
        parts = urlsplit(address)
        language = dict([parts.query.split("=")]) if parts.query else {}
        seen = browser.see(parts.path.removeprefix(browser.prefix), **language)
        assert seen.status_code == 200, address
        canonical = re.search(r'rel="canonical" href="([^"]*)"', seen.content.decode())
        assert canonical, address
        if parts.query:
            assert unescape(canonical[1]) == address


def test_unknown_portions_are_not_found() -> None:
    browser = Browser()
    for kind, name in (("shelves", "shc_nothing"), ("shelves", public_id("shc", uuid7()))):
        assert browser.see(f"/sitemaps/{kind}/{name}.xml").status_code == 404
    for name in ("prd_nothing", public_id("prd", make_goods().merchant.id)[:-1], "x"):
        assert browser.see(f"/sitemaps/products/{name}.xml").status_code == 404


def test_an_empty_platform_has_a_sitemap() -> None:
    files = locations(read(Browser(), "/sitemap.xml"))
    assert [urlsplit(file).path.rsplit("/", 1)[-1] for file in files] == ["pages.xml"]


def test_the_address_chooses_the_language() -> None:
    goods = make_goods()
    browser = Browser("zh-hans")
    path = f"/products/{goods.product.slug}/"
    assert 'lang="zh-Hans"' in browser.see(path).content.decode()
    assert 'lang="en"' in browser.see(path, hl="en").content.decode()
    assert 'lang="zh-Hans"' in browser.see(path, hl="tlh").content.decode()
    assert 'lang="zh-Hans"' in browser.see(path).content.decode(), "for this page only"


def test_a_product_says_what_it_costs_and_cannot_break_out() -> None:
    goods = make_goods(title="Tea </script><script>alert(1)</script>", picture=True, variants=2)
    text = head(Browser("en"), f"/products/{goods.product.slug}/", picture="0")
    product = next(one for one in blocks(text) if one["@type"] == "Product")
    assert product["name"] == "Tea </script><script>alert(1)</script>"
    assert "<script>alert" not in text
    offers = product["offers"]
    assert isinstance(offers, list)
    assert {(o["price"], o["priceCurrency"]) for o in offers} == {("12.50", "CNY")}
    assert {o["availability"] for o in offers} == {"https://schema.org/InStock"}
    assert str(product["image"][0]).startswith("http://testserver/")  # type: ignore[index]
    assert 'rel="canonical"' in text


@pytest.mark.parametrize("query", [{"q": "tea"}, {"sort": "price"}, {"merchant": "mer_x"}])
def test_what_a_visitor_filtered_is_not_for_search_engines(query: dict[str, str]) -> None:
    make_goods()
    text = head(Browser(), "/products/", **query)
    assert 'name="robots" content="noindex,follow"' in text
    assert 'rel="canonical"' not in text


def test_robots_names_the_sitemap() -> None:
    browser = Browser()
    assert f"Sitemap: http://testserver{browser.prefix}/sitemap.xml" in (
        browser.see("/robots.txt").content.decode()
    )
    # Outside of a platform, as a search engine asks.
    text = Context().run(browser.get, "/robots.txt").content.decode()
    assert f"Sitemap: http://testserver{browser.prefix}/sitemap.xml" in text
