"""A filled shop behind a real server, and Debian's Chromium before it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from config.demo.goods import CATEGORIES, PARENTS, SHOPS, retail_goods
from config.demo.pictures import picture

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artifacts"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""


@pytest.fixture
def shop(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A platform with three merchants and goods like the demo's.

    Playwright keeps an event loop in this thread, in which Django uses another connection: tests
    open the platform's scope anew for their own queries.
    """
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from kernel import tenancy
    from tests.factories.platforms import make_platform

    tenant = make_platform()
    with tenancy.scope(tenant):
        with monkeypatch.context() as patch:
            patch.setattr("catalog.gateways.pictures.render", _copies())
            merchants = _fill(12)
        yield {"tenant": tenant, "merchants": merchants}


@cache
def _copies() -> Any:
    """The pictures of the goods are the same in every shop: each is made small once."""
    from catalog.gateways import pictures

    return cache(pictures.render)


def _fill(each: int) -> dict[str, Any]:
    from catalog import facade as catalog
    from marketplace import facade as marketplace
    from platforms import facade as platforms
    from tests.factories.inventory import make_stock, make_warehouse

    categories: dict[str, Any] = {}
    for code, zh, en in CATEGORIES:
        parent = categories.get(PARENTS.get(code, ""))
        categories[code] = catalog.create_category(
            names={"zh-Hans": zh, "en": en}, slug=code, parent_id=parent.id if parent else None
        )
    merchants = {}
    for one in SHOPS:
        made = platforms.create_merchant(
            names={"zh-Hans": one.zh, "en": one.en}, contact_email=one.email, slug=one.code
        )
        merchants[one.code] = platforms.approve_merchant(merchant_id=made.id)
    places = {code: make_warehouse(merchant_id=m.id) for code, m in merchants.items()}
    counts: dict[str, int] = {}
    for number, goods in enumerate(retail_goods(200)):
        counts[goods.shop] = counts.get(goods.shop, 0) + 1
        if counts[goods.shop] > each or (number % 3 and counts[goods.shop] > 2):
            continue
        info = catalog.create_product(
            merchant_id=merchants[goods.shop].id,
            category_id=categories[goods.category].id,
            titles={"zh-Hans": goods.zh, "en": goods.en},
            descriptions={"zh-Hans": goods.about_zh, "en": goods.about_en},
            options=[catalog.OptionAxis("pack", {"zh-Hans": "包装", "en": "Pack"})],
            variants=[
                catalog.VariantInput(
                    sku=f"{goods.sku}-{place}",
                    options={"pack": {"zh-Hans": zh, "en": en}},
                    weight_grams=grams,
                )
                for place, (zh, en, _price, grams) in enumerate(goods.packs)
            ],
        )
        catalog.add_picture(product_id=info.id, data=picture(goods.motif, number))
        for variant, (_zh, _en, price, _grams) in zip(info.variants, goods.packs, strict=True):
            marketplace.set_price(
                merchant_id=info.merchant_id, variant_id=variant.id,
                unit_price=Decimal(price), currency="CNY",
            )  # fmt: skip
            make_stock(8 + number % 40, variant_id=variant.id,
                       warehouse_id=places[goods.shop].id)  # fmt: skip
        catalog.publish_product(product_id=info.id)
    return merchants


@pytest.fixture
def chromium() -> Iterator[Any]:
    """A running browser."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            yield browser
        finally:
            with suppress(Exception):
                browser.close()


# A click returns when the next page begins, which has no body yet. Pictures below the fold load
# when they come near.
READY = """async () => {
  while (document.readyState !== "complete") await new Promise((done) => setTimeout(done, 20));
  document.activeElement?.blur();
  for (let y = 0; y < document.body.scrollHeight; y += 600) {
    scrollTo(0, y);
    await new Promise((done) => setTimeout(done, 40));
  }
  scrollTo(0, 0);
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
}"""
# What a machine can see of accessibility: names, labels, one heading, sizes, contrast.
PROBLEMS = """() => {
  const found = [];
  const visible = (el) => el.checkVisibility({ visibilityProperty: true });
  const shown = (el) => el.getClientRects().length && visible(el)
    && !el.closest(".sr, .skip, [hidden]") && !el.matches(".sr");
  const name = (el) => (el.getAttribute("aria-label") || el.innerText || el.title
    || el.querySelector("img")?.alt || "").trim();
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => found.push(`id twice: ${id}`));
  document.querySelectorAll("img:not([alt])").forEach((el) => found.push(`no alt: ${el.src}`));
  document.querySelectorAll("img:not([width])").forEach((el) => found.push(`no size: ${el.src}`));
  document.querySelectorAll("input:not([type=hidden]), select, textarea").forEach((el) => {
    if (!el.labels?.length && !el.getAttribute("aria-label")) found.push(`no label: ${el.name}`);
  });
  document.querySelectorAll("a[href], button, summary").forEach((el) => {
    if (!shown(el) || el.getAttribute("aria-hidden") === "true") return;
    if (!name(el)) found.push(`no name: ${el.outerHTML.slice(0, 90)}`);
    const box = el.getBoundingClientRect();
    const inText = getComputedStyle(el).display === "inline";
    if (!inText && (box.height < 24 || box.width < 24)) found.push(`small: ${name(el)}`);
  });
  const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const el = node.parentElement;
    if (!node.textContent.trim() || !shown(el) || el.closest("svg, [disabled], option")) continue;
    const layers = [];
    for (let up = el; up; up = up.parentElement)
      layers.unshift(getComputedStyle(up).backgroundColor);
    const ground = paint(["#fff", ...layers]);
    const ink = paint([`rgb(${ground[0]} ${ground[1]} ${ground[2]})`, getComputedStyle(el).color]);
    const [a, b] = [light(ground), light(ink)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const words = node.textContent.trim().slice(0, 40);
    if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)}: ${words}`);
  }
  return [...new Set(found)];
}"""


class Visitor:
    """One browser window; keeps screenshots and complains of what the console says."""

    def __init__(self, browser: Any, base: str, name: str, **options: Any) -> None:
        self.context = browser.new_context(timezone_id="Asia/Shanghai", **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.base = base
        self.name = name
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type == "error" and self.own(message.location.get("url", ""))
                else None
            ),
        )

    def own(self, url: str) -> bool:
        """Whether an address is the product's own (the bank's pages are not)."""
        return url.startswith(self.base.split("/p/")[0])

    def goto(self, path: str) -> None:
        self.page.goto(self.base + path)

    def shot(self, what: str) -> None:
        """Keep a picture of the page; nothing may stick out sideways."""
        ARTEFACTS.mkdir(exist_ok=True)
        self.page.evaluate(READY)
        self.page.screenshot(path=ARTEFACTS / f"{self.name}-{what}.png", full_page=True)
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self.complaints.append(f"{what} is {wide} px too wide")
        self.complaints.extend(f"{what}: {found}" for found in self.page.evaluate(PROBLEMS))

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []
