"""Whatever is sent to search, by the API and on the pages, with a real engine: a clear problem or a
sensible result, never a server error, never another platform's goods or a private catalogue's."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from catalog import facade as catalog
from kernel import tenancy
from search.building import access
from search.engines.embedded.engine import EmbeddedEngine
from search.services import engines, offering, querylog
from tests.factories.catalog import make_product
from tests.factories.marketplace import make_goods
from tests.factories.platforms import ApiClient, make_key, make_person, make_platform
from tests.factories.storefront import PASSWORD, Browser, operator, sign_in
from tests.search.fill import index_all

pytestmark = pytest.mark.usefixtures("platform")
TEXTS: list[str | bytes] = [
    "", " ", "玉" * 3500, "x" * 201, "x" * 200, "!!! ??? ---", "a\x00\x01\x1b[31mb\r\n", "🌽🌽",
    b"\xed\xa0\x80corn\xff", "\ufffe\uffff\u202ecorn",
    '*:* OR title:"corn" AND NOT -a +b ~2 ^9 /.*/',
    '{"match_all":{}}', "'; DROP TABLE catalog_product; --", "<script>alert(1)</script>", "corn",
    "conr", "zyzzyva", "zyzzyvo", "kwyjibo", "玉米", "yumi", "1/0 kg", "9" * 190,
    "NaN inf -0 1e999",
    "½" * 60, "ﷺ" * 100, "e\u0301" * 90, "a " * 99, "-", "\\", "%s %(x)s {0}", "../../etc/passwd",
]  # fmt: skip
FILTERS = [
    "prices:1..2", "prices:2..1", "prices:NaN..", "prices:1e400..", "prices:..", "prices.3:1..2",
    "prices:99999999999999999999999..", "attributes.grade:二等", "attributes.grade:1..2",
    "attributes.moisture:14..", "attributes.:x", "attributes.a.b.c:x", "attributes:x", ":", "",
    "category:grain/corn", "category:../..", "category:" + "a/" * 90, "merchant:x",
    "stock:in_stock",
    "brand:" + "b" * 300, "brand:\x00", "published_at:2026-13-45..", "published_at:2026-05-01..",
    "published_at:0001-01-01..9999-12-31", "visible_to:public", "platform:x", "title:corn",
    "_id:1", "sku:x", "rating:..5", "in_stock:true", "region:22", "brand:a..b", "no-such:1",
    "published_at:..9999-12-31T12:00:00", "published_at:0001-01-01T00:00:00+14:00..", "rating:1..2",
]  # fmt: skip
FACETS = ["", "brand", "brand,brand", "no-such", "visible_to", "prices.3", ",".join("abc" * 30),
          "attributes.grade", "attributes.", "category,stock,prices", "title", "\x00"]  # fmt: skip


@pytest.fixture
def secrets(tmp_path: Path) -> Iterator[None]:
    """Goods of this platform, one of them private, and of another; a real engine has them all."""
    engine = EmbeddedEngine(tmp_path / "search")
    engines.use(engine)
    querylog.forget()
    offering.forget()
    with tenancy.scope(make_platform()):
        for _ in range(3):
            make_goods(title="Corn zyzzyva", metadata={"brand": "zyzzyva"})
        index_all(engine)
    private = make_product(title="Corn kwyjibo", metadata={"brand": "kwyjibo"}).id
    for number in range(3):
        brand = "plain" if number else "other"
        make_goods(f"{number + 1}.50", title=f"Corn {number}", metadata={"brand": brand})
    access.register_access(catalogues=lambda ids: {private: ("catalogue:7",)})
    index_all(engine, version=2)
    yield
    access.PROVIDERS.catalogues = None
    engines.use(None)


class Dice:
    """Odd requests from a printed seed."""

    def __init__(self) -> None:
        self.seed = random.randrange(10**6)
        self.random = random.Random(self.seed)
        self.cursors = ["x", "e30", "9" * 900, "\x00", "bm90IGEgY3Vyc29y"]

    def query(self) -> dict[str, Any]:
        one = self.random
        asked: dict[str, Any] = {"q": one.choice(TEXTS)}
        if one.random() < 0.6:
            asked["filter"] = one.choices(FILTERS, k=one.choice((1, 2, 3, 40, 400)))
        if one.random() < 0.3:
            asked["facets"] = one.choice(FACETS)
        if one.random() < 0.3:
            asked["sort"] = one.choice(("price", "-price", "-sales", "secret", "\x00", "title"))
        if one.random() < 0.3:
            asked["page"] = one.choice((-1, 0, 1, 2, 50, 51, 10**9, 10**30, "two", "1.5", ""))
        if one.random() < 0.3:
            asked["limit"] = one.choice((-1, 0, 1, 100, 101, 10**12, "x"))
        if one.random() < 0.3:
            asked["cursor"] = one.choice(self.cursors)
        if one.random() < 0.2:
            asked["group"] = one.choice(("merchant", "product", "brand", "visible_to"))
        if one.random() < 0.1:
            asked["type"] = one.choice(("merchant", "product", "person", "\x00"))
        return asked


def test_the_api_bears_anything(secrets: None) -> None:
    dice = Dice()
    print("seed", dice.seed)
    guest = ApiClient(code=tenancy.current().code)
    kinds = set()
    for _ in range(120):
        asked = dice.query()
        answer = guest.get("/search", query=asked)
        kinds.add(answer.status_code)
        check(answer, asked)
        if answer.status_code == 200 and answer.json()["next_cursor"]:
            dice.cursors.append(answer.json()["next_cursor"])
    assert {200, 422} <= kinds
    for text in TEXTS:
        for limit in (1, 20, 21, -1, "x"):
            check(guest.get("/suggest", query={"q": text, "limit": limit}), text)


def test_what_is_kept_bears_anything(secrets: None) -> None:
    dice = Dice()
    print("seed", dice.seed)
    owner = ApiClient(
        code=tenancy.current().code,
        raw_key=make_key(kind="buyer", person_id=make_person(role="buyer").id).raw,
    )
    for number in range(60):
        asked = dice.query()
        text = asked["q"] if isinstance(asked["q"], str) else "\ud800corn\udfff"
        body = {
            "q": text,
            "name": dice.random.choice(("", "\ud800", "x" * 101, "\x00", text[:100])),
            "filter": asked.get("filter", []),
            "sort": asked.get("sort", "relevance"),
            "alert": bool(number % 2),
        }
        answer = owner.post("/saved-searches", body)
        check(answer, body)
        if answer.status_code < 300:
            check(owner.delete(f"/saved-searches/{answer.json()['id']}"), body)
    for text in ("\ud800", "\x00", "q" * 300, ""):
        check(owner.post("/search/clicks", {"q": text, "product_id": "prd_x"}), text)


def test_the_pages_bear_anything(secrets: None) -> None:
    dice = Dice()
    print("seed", dice.seed)
    browser, desk = Browser(), operator()
    owner = sign_in(make_person(password=PASSWORD, role="buyer", language="en"))
    for _ in range(25):
        asked = dice.query()
        for text in asked.pop("filter", ()):
            name, _colon, value = text.partition(":")
            low, dots, high = value.partition("..")
            wanted = {f"{name}.min": low, f"{name}.max": high} if dots else {name: value}
            asked |= {key or "empty": [*asked.get(key, ()), one] for key, one in wanted.items()}
        address = urlencode(asked, doseq=True, errors="surrogatepass")
        for answer in (
            browser.get(f"{browser.prefix}/search/?{address}", follow=True),
            browser.get(f"{browser.prefix}/search/suggest/?{address}"),
            desk.see("/operator/search/weights/", q=asked["q"]),
        ):
            assert answer.status_code in (200, 404, 422), (asked, answer.status_code)
            leaks(answer, asked)
        assert owner.send("/search/keep/", query=address).status_code in (200, 422), asked
        assert owner.see("/account/searches/").status_code == 200, asked


def check(answer: Any, asked: Any) -> None:
    assert answer.status_code < 500, asked
    if answer.status_code >= 400:
        assert answer.json()["code"], asked
        assert answer.headers["Content-Type"].startswith("application/problem+json"), asked
    leaks(answer, asked)


def leaks(answer: Any, asked: Any) -> None:
    """Nothing of what others have, unless it was typed."""
    text = answer.content.decode()
    for word in ("zyzzyva", "kwyjibo"):
        assert word not in text or word in str(asked), asked
    assert "Corn zyzzyva" not in text
    assert "Corn kwyjibo" not in text


def test_words_of_others_are_no_words_here(secrets: None) -> None:
    """Neither corrected to, completed to, counted, nor found by a facet."""
    guest = ApiClient(code=tenancy.current().code)
    for word in ("zyzzyva", "kwyjibo"):
        for typed in (word[:-1] + "o", word, f"corn {word[:-1]}e", word[:4]):
            found = guest.get("/search", query={"q": typed, "facets": "brand,merchant"}).json()
            assert found["corrected"] is None, typed
            assert found["total"] == (3 if "corn" in typed else 0), typed
            assert guest.get("/suggest", query={"q": typed}).json()["data"] == [], typed
        found = guest.get("/search", query={"filter": f"brand:{word}"}).json()
        assert found["total"] == 0
    found = guest.get("/search", query={"facets": "brand"}).json()
    assert [(one["value"], one["count"]) for one in found["facets"][0]["values"]] == [
        ("plain", 2),
        ("other", 1),
    ]
    assert catalog.product_count() == 4
