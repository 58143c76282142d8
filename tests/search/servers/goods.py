"""Random products, and what filters, facets and field sorts must give, worked out in Python."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from search.contracts import (
    PUBLIC,
    Attribute,
    CategoryPath,
    Document,
    Filter,
    Query,
    Range,
    Sort,
    Terms,
)

_EN = """
yellow corn maize white rice wheat flour red apple organic fresh dried seed bag steel pipe valve
pump cable motor blue green small large heavy light cotton shirt shoe paper glass
"""
_ZH = (
    "黄玉米 白大米 小麦 面粉 红苹果 有机 新鲜 干燥 种子 钢管 阀门 水泵 电缆 电机 棉布 衬衫 纸 玻璃"
)
EN, ZH = _EN.split(), _ZH.split()
BRANDS = ("acme", "beta", "gamma", "丰收", "北大荒")
GRADES = ("一等", "二等", "三等")
PLACES = (("grain", "corn"), ("grain", "rice"), ("tools",), ("tools", "pumps", "small"))
START = datetime(2026, 1, 1, tzinfo=UTC)


def product(random: Random, number: int, *, version: int = 1, platform: str = "p1") -> Document:
    """A product with every kind of field, each missing now and then."""
    words = random.choices(EN, k=random.randint(1, 8))
    characters = random.choices(ZH, k=random.randint(1, 4))
    fields: dict[str, Any] = {
        "title": {"en": " ".join(words), "zh-hans": "".join(characters)},
        "sku": [f"SKU-{number:05}"],
        "merchant": f"mer_{random.randint(1, 9)}",
        "product": f"prd_{number // 3}",
        "category": [_place(random) for _ in range(random.randint(1, 2))],
        "attributes": [
            Attribute("moisture", random.randint(8, 20) / 2, "P1"),
            Attribute("grade", random.choice(GRADES)),
        ][: random.randint(0, 2)],
        "prices": [random.choice([None, random.randint(1, 40) * 50]) for _ in range(3)],
        "stock": random.choice(["in_stock", "out"]),
        "published_at": START + timedelta(hours=random.randint(0, 500)),
    }
    if random.random() < 0.8:
        fields["brand"] = random.choice(BRANDS)
    if random.random() < 0.7:
        fields["rating"] = random.randint(2, 10) / 2
        fields["sales"] = random.randint(0, 1500)
    visible = (PUBLIC,) if random.random() < 0.9 else (f"group:{random.randint(1, 2)}",)
    return Document(f"prd_{number:06}", platform, version, fields, visible)


def _place(random: Random) -> CategoryPath:
    path = random.choice(PLACES)
    return CategoryPath(path, tuple({"en": part} for part in path))


def values(document: Document, ref: str) -> list[Any]:
    """What a document has at a reference, as facets show it."""
    name, _, rest = ref.partition(".")
    found = document.fields.get(name)
    if found is None:
        return []
    if name == "prices":
        price = found[int(rest or 0)]
        return [] if price is None else [price]
    if name == "attributes":
        return [one.value for one in found if one.code == rest]
    if name == "category":
        paths = [place.path[:depth] for place in found for depth in range(1, len(place.path) + 1)]
        return list(dict.fromkeys("/".join(path) for path in paths))
    return list(found) if isinstance(found, list) else [found]


def holds(document: Document, one: Filter) -> bool:
    found = values(document, one.ref)
    if isinstance(one, Terms):
        return bool(set(found) & set(one.values)) != one.exclude
    return any(
        (one.low is None or value >= one.low) and (one.high is None or value <= one.high)
        for value in found
    )


def matching(documents: list[Document], query: Query) -> list[Document]:
    """Those that the viewer sees and all filters hold for."""
    return [
        one
        for one in documents
        if one.platform == "p1"
        and set(one.visible_to) & set(query.visible_to)
        and all(holds(one, given) for given in query.filters)
    ]


def counts(documents: list[Document], query: Query, ref: str) -> Counter[Any]:
    """A disjunctive facet: each document once for each of its values."""
    others = tuple(one for one in query.filters if one.ref != ref)
    seen = matching(documents, Query(visible_to=query.visible_to, filters=others))
    return Counter(value for one in seen for value in set(values(one, ref)))


def ordered(documents: list[Document], sort: Sort) -> list[str]:
    """Ids by a field: missing ones last, ties by id."""

    def key(one: Document) -> tuple[Any, ...]:
        found = values(one, sort.ref)
        if not found:
            return (1, 0, one.id)
        value = found[0].timestamp() if isinstance(found[0], datetime) else found[0]
        return (0, -value if sort.descending else value, one.id)

    return [one.id for one in sorted(documents, key=key)]


def some_filters(random: Random) -> tuple[Filter, ...]:
    """Up to three random filters on different references."""
    low = random.randint(0, 1000)
    makers: list[Callable[[], Filter]] = [
        lambda: Terms("brand", tuple(random.sample(BRANDS, random.randint(1, 3)))),
        lambda: Terms("stock", ("in_stock",), exclude=random.random() < 0.3),
        lambda: Terms("category", ("/".join(random.choice(PLACES)),)),
        lambda: Terms("attributes.grade", (random.choice(GRADES),)),
        lambda: Range("attributes.moisture", random.randint(4, 7), random.randint(7, 10)),
        lambda: Range("prices.1", low, low + random.randint(0, 1000)),
        lambda: Range("rating", 3.5),
        lambda: Range("published_at", START + timedelta(hours=random.randint(0, 300))),
    ]
    return tuple(make() for make in random.sample(makers, random.randint(0, 3)))


def some_text(random: Random) -> str:
    """A few words: English, Chinese or both; now and then with a slip."""
    words = random.choices(EN, k=random.randint(0, 3)) + random.choices(ZH, k=random.randint(0, 2))
    if words and random.random() < 0.2:
        first = words[0]
        at = random.randrange(len(first))
        words[0] = first[:at] + first[at + 1 :]
    return " ".join(words)
