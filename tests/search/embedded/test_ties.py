"""Documents of equal score or value, in many commits: exactly by id, however many there are."""

import random
from pathlib import Path
from uuid import UUID

import pytest

from kernel.ids import public_id
from search.contracts import Document, Query, Sort
from search.documents.types import PRODUCT
from search.engines.embedded.engine import EmbeddedEngine

COUNT = 900


def _filled(path: Path, ids: list[str]) -> EmbeddedEngine:
    """Documents in random order; every seventh is better, every second costs less."""
    engine = EmbeddedEngine(path)
    engine.create(doc_type=PRODUCT, generation="one")
    engine.swap(doc_type=PRODUCT, generation="one")
    rows = list(enumerate(sorted(ids)))
    random.Random(5).shuffle(rows)
    for start in range(0, len(rows), 300):
        engine.write(
            doc_type=PRODUCT,
            operations=[
                Document(
                    id_,
                    "p",
                    1,
                    {
                        "title": {"en": "corn"},
                        "stock": "in_stock" if number % 7 == 0 else "sold_out",
                        "prices": (100 + number % 2,),
                    },
                )
                for number, id_ in rows[start : start + 300]
            ],
        )
    return engine


def _pages(engine: EmbeddedEngine, query: Query) -> list[str]:
    found: list[str] = []
    for page in range(1, 9):
        asked = Query(text=query.text, sort=query.sort, size=100, page=page)
        found += [hit.id for hit in engine.search(platform="p", doc_type=PRODUCT, query=asked).hits]
    return found


@pytest.mark.parametrize("shape", ["ours", "others", "same_time", "old_index"])
def test_equal_ones_stand_by_id(
    tmp_path: Path, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids of ours, of other shapes, of one millisecond, and an index made without their numbers."""
    if shape == "others":
        ids = [f"d{number:04d}" for number in range(COUNT)]
    else:
        step = 1 << (40 if shape == "same_time" else 80)
        ids = [public_id("prd", UUID(int=(7 << 90) + number * step)) for number in range(COUNT)]
    if shape == "old_index":
        monkeypatch.setattr("search.engines.embedded.store._has", lambda index, name: False)
    engine = _filled(tmp_path, ids)
    better = sorted(ids)[::7]
    best = [*better, *(one for one in sorted(ids) if one not in set(better))]
    assert _pages(engine, Query(text="corn")) == best[:800]
    cheap = [*sorted(ids)[::2], *sorted(ids)[1::2]]
    assert _pages(engine, Query(text="corn", sort=Sort("prices"))) == cheap[:800]
    dear = [*sorted(ids)[1::2], *sorted(ids)[::2]]
    assert _pages(engine, Query(sort=Sort("prices", descending=True))) == dear[:800]
    engine.close()


def test_points_that_all_have_are_in_the_score(tmp_path: Path) -> None:
    """Where nothing is sold out the engine isn't asked for it; the score has it still."""
    engine = EmbeddedEngine(tmp_path)
    engine.create(doc_type=PRODUCT, generation="one")
    engine.swap(doc_type=PRODUCT, generation="one")

    def write(number: int, stock: str) -> dict[str, float]:
        id_ = public_id("prd", UUID(int=number << 80))
        fields = {"title": {"en": "corn"}, "stock": stock}
        engine.write(doc_type=PRODUCT, operations=[Document(id_, "p", 1, fields)])
        hits = engine.search(platform="p", doc_type=PRODUCT, query=Query()).hits
        return {hit.id: hit.score for hit in hits}

    one = write(1, "in_stock")
    both = write(2, "in_stock")
    assert one.items() <= both.items()
    mixed = write(3, "sold_out")
    assert both.items() <= mixed.items()
    assert min(mixed.values()) < min(both.values())
    engine.close()
