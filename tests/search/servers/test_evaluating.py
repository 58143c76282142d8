"""Judged by the same labels, both engines are as good: NDCG@10 differs by a fiftieth at most."""

import os
import random

import pytest

from search.domain.evaluation import Measures, measure
from search.engines.base import Engine
from search.engines.elastic.engine import ElasticEngine
from search.engines.embedded.engine import EmbeddedEngine
from search.management import evaluating
from search.management.evaluating import Judged
from tests.search.servers.goods import EN, ZH

pytestmark = pytest.mark.stack
TITLES, QUERIES = 800, 60


def _judged(rng: random.Random, words: list[str], between: str) -> Judged:
    """Titles of random words; queries of two or three of one title, some with a slip; whatever has
    all of them is worth 2, whatever lacks one 1."""
    named = {
        f"d{number}": [*rng.choices(words, k=rng.randint(2, 7)), f"no{number % 40}"]
        for number in range(TITLES)
    }
    queries, judgements = {}, {}
    for number in range(QUERIES):
        title = rng.choice(list(named.values()))
        asked = rng.sample(title, min(len(title), rng.randint(2, 3)))
        gains = {
            one: 2.0 if lacking == 0 else 1.0
            for one, has in named.items()
            if (lacking := len(set(asked) - set(has))) <= 1
        }
        if rng.random() < 0.3 and len(asked[0]) > 4:
            asked[0] = asked[0][0] + asked[0][2:]
        queries[f"q{number}"], judgements[f"q{number}"] = between.join(asked), gains
    return Judged({one: between.join(has) for one, has in named.items()}, queries, judgements, 0)


def _measured(engine: Engine, judged: Judged, language: str) -> Measures:
    generation = evaluating._filled(engine, judged, language)
    try:
        rankings = evaluating._rankings(engine, judged, language, correct=True)
    finally:
        evaluating._emptied(engine, generation)
    return measure(rankings, judged.judgements)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_engines_are_as_good(
    engine: ElasticEngine, tmp_path: os.PathLike[str], language: str
) -> None:
    seed = int(os.environ.get("SEARCH_SEED") or random.randrange(10**9))
    print(f"SEARCH_SEED={seed}")
    words, between = (EN, " ") if language == "en" else (ZH, "")
    judged = _judged(random.Random(seed), words, between)
    embedded = EmbeddedEngine(tmp_path)
    here, there = _measured(embedded, judged, language), _measured(engine, judged, language)
    embedded.close()
    print(f"{language}: embedded {here.ndcg_at_10:.4f}, server {there.ndcg_at_10:.4f}")
    assert abs(here.ndcg_at_10 - there.ndcg_at_10) <= 0.02
    assert here.ndcg_at_10 > 0.5
    assert here.empty == there.empty
