"""Somebody types 玉米, takes a suggestion, filters by grade and moisture, shares the address; it is
opened on a phone. With a real index on disk, in Chinese and English."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.demo.corn import lots
from kernel import tenancy
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True,
         "has_touch": True, "locale": "zh-CN"}  # fmt: skip
SECOND = ".chips li:nth-child(2) .chip.active"
DESKTOP = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN"}


@pytest.fixture
def market(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Any]:
    """A corn market like the demo's, with its index."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from search.engines.embedded.engine import EmbeddedEngine
    from search.models import PopularQuery
    from search.services import engines, offering
    from tests.factories.catalog import make_category
    from tests.factories.platforms import make_platform
    from tests.factories.storefront import make_goods
    from tests.search.fill import index_all

    tenant = make_platform(blueprint="corn_wholesale")
    engine = EmbeddedEngine(tmp_path / "search")
    with tenancy.scope(tenant):
        category = make_category(names={"zh-Hans": "玉米", "en": "Corn"}, slug="corn")
        other = make_category(names={"zh-Hans": "豆粕", "en": "Soybean meal"}, slug="meal")
        seller = make_goods(title="Soybean meal", category_id=other.id).merchant
        for lot in lots():
            make_goods(
                seller,
                titles={"zh-Hans": lot.zh, "en": lot.en}, price=str(lot.price), stock=300,
                category_id=category.id, unit="TNE", metadata=lot.facts,
            )  # fmt: skip
        PopularQuery.objects.create(
            language="zh", query="玉米 二等", pinyin="yumierdeng", initials="ymed", searches=40
        )
        index_all(engine)
    engines.use(engine)
    offering.forget()
    yield tenant
    engines.use(None)
    engine.close()


def test_corn_is_found_filtered_and_shared(market: Any, live_server: Any, chromium: Any) -> None:
    base = f"{live_server.url}/p/{market.code}"
    visitor = Visitor(chromium, base, "search-desktop", **DESKTOP)
    page = visitor.page
    visitor.goto("/")
    box = page.locator("#q")
    box.click()
    box.press_sequentially("玉米", delay=30)
    page.wait_for_selector("#suggest [data-text='玉米']")
    assert box.get_attribute("aria-expanded") == "true"
    kinds = page.locator("#suggest li").all_inner_texts()
    assert len(kinds) >= 3
    page.screenshot(path="test-artifacts/search-desktop-1-suggestions.png")
    # By keyboard: down marks, escape takes it back, enter goes.
    box.focus()
    page.wait_for_selector("#suggest:not([hidden]) [role=option]")
    box.press("ArrowDown")
    first = page.locator("#suggest [aria-selected=true]")
    assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
    assert box.input_value() == first.get_attribute("data-text")
    box.press("Escape")
    assert box.input_value() == "玉米"
    assert page.locator("#suggest").is_hidden()
    box.press("Enter")
    page.wait_for_url("**/search/?q=*")
    page.wait_for_selector("#results .product mark")
    visitor.shot("2-results")
    before = page.locator("#count").inner_text()
    page.locator("#filters input[name='attributes.grade'][value='二等']").check()
    page.wait_for_url("**attributes.grade=*")
    page.wait_for_selector("#results:not(.htmx-request) .chip.active")
    page.fill("[name='attributes.moisture.max']", "14")
    page.locator("[name='attributes.moisture.max']").press("Enter")
    page.wait_for_url("**attributes.moisture.max=14*")
    page.wait_for_selector(SECOND)
    after = page.locator("#count").inner_text()
    assert before != after
    titles = page.locator(".product h3").all_inner_texts()
    assert titles
    # The chosen grade keeps its siblings: others can be added.
    assert page.locator("#filters input[name='attributes.grade']").count() > 1
    visitor.shot("3-filtered")
    address = page.url
    assert ".min=" not in address, "empty parameters stay out of the address"
    page.go_back()
    page.wait_for_selector(SECOND, state="detached")
    visitor.close()

    phone = Visitor(chromium, base, "search-phone", **PHONE)
    page = phone.page
    page.goto(address)
    page.wait_for_selector(".chip.active")
    assert page.locator(".product h3").all_inner_texts() == titles
    phone.shot("1-shared")
    page.locator("[data-filters]").click()
    page.wait_for_selector("html.filters-open")
    page.wait_for_timeout(300)
    page.screenshot(path="test-artifacts/search-phone-2-drawer.png")
    page.locator("#filters input[name='attributes.grade'][value='二等']").uncheck()
    page.wait_for_selector(SECOND, state="detached")
    assert page.locator("#filters").is_visible(), "the drawer stays open while choosing"
    page.locator(".filters-done").click()
    page.wait_for_selector("html:not(.filters-open)")
    assert "attributes.grade" not in page.url
    phone.close()


def test_without_a_script_and_in_english(market: Any, live_server: Any, chromium: Any) -> None:
    base = f"{live_server.url}/p/{market.code}"
    options = {**DESKTOP, "locale": "en-GB", "java_script_enabled": False}
    visitor = Visitor(chromium, base, "search-plain", **options)
    page = visitor.page
    visitor.goto("/")
    page.fill("#q", "corn grade 2")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/search/?q=corn+grade+2*")
    page.locator("#filters input[name='attributes.grade'][value='二等']").check()
    page.locator("#filters button[type=submit]").click()
    page.wait_for_url("**attributes.grade=*")
    assert page.locator(".chip.active").count() == 1
    page.screenshot(path="test-artifacts/search-plain-1-filtered.png", full_page=True)
    page.locator(".chip.active").click()
    assert "attributes.grade" not in page.url
    visitor.close()
