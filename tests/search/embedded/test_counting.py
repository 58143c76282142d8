"""Ranges are counted right wherever the numbers lie."""

import random
from itertools import pairwise

import pytest

from search.contracts import Document, Query, RangeFacet
from search.documents.types import PRODUCT
from search.engines.embedded.engine import EmbeddedEngine

CUTS = (0.0, 10.0, 20.0, 50.0)


@pytest.mark.parametrize(
    "prices",
    [[], [5], [10], [50], [51, 90], [-3, -1], [-3, 70], [0, 0, 9, 10, 19, 20, 49, 50], [12, 13]],
)
def test_ranges_are_counted_right(
    prices: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = random.Random(len(prices))
    engine = EmbeddedEngine(tmp_path_factory.mktemp("ranges"))
    engine.create(doc_type=PRODUCT, generation="one")
    engine.swap(doc_type=PRODUCT, generation="one")
    ranges: list[tuple[float | None, float | None]] = [*pairwise(CUTS), (50.0, None), (None, 0.0)]
    ranges += [(None, 20.0), (10.0, 50.0), (None, None)]
    kept: list[int] = []
    for number, price in enumerate([*prices, *(rng.choice(prices) for _ in prices)]):
        document = Document(f"id{number}", "p", number + 1, {"prices": (price,)}, ("*",))
        engine.write(doc_type=PRODUCT, operations=[document], generation="one")
        kept.append(price)
        [facet] = engine.search(
            platform="p",
            doc_type=PRODUCT,
            query=Query(facets=(RangeFacet("prices", tuple(ranges)),)),
        ).facets
        assert [one.count for one in facet.buckets] == [
            sum(1 for p in kept if (low is None or p >= low) and (high is None or p < high))
            for low, high in ranges
        ]
    engine.close()
