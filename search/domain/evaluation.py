"""Measures of a ranking against judgements, by their textbook definitions.

NDCG@10 has linear gain, a discount of 1/log2(rank + 1) and counts what nobody judged as 0. MRR@10
is 1/rank of the first relevant document among ten. Recall@100 is the share of the judged relevant
documents among the first hundred. Averages are over queries with at least one relevant document;
the share of empty results is over all queries.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measures:
    """Averages; shares from 0 to 1."""

    ndcg_at_10: float
    mrr_at_10: float
    recall_at_100: float
    empty: float
    queries: int
    judged_queries: int


def ndcg(ranking: Sequence[str], gains: Mapping[str, float], depth: int = 10) -> float:
    """Of one query."""
    ideal = sorted((gain for gain in gains.values() if gain > 0), reverse=True)[:depth]
    best = sum(gain / math.log2(rank + 2) for rank, gain in enumerate(ideal))
    got = sum(
        max(gains.get(one, 0.0), 0.0) / math.log2(rank + 2)
        for rank, one in enumerate(ranking[:depth])
    )
    return got / best if best else 0.0


def reciprocal_rank(ranking: Sequence[str], gains: Mapping[str, float], depth: int = 10) -> float:
    """Of one query."""
    found = (rank for rank, one in enumerate(ranking[:depth], 1) if gains.get(one, 0.0) > 0)
    return 1.0 / next(found, math.inf)


def recall(ranking: Sequence[str], gains: Mapping[str, float], depth: int = 100) -> float:
    """Of one query."""
    relevant = {one for one, gain in gains.items() if gain > 0}
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else 0.0


def measure(
    rankings: Mapping[str, Sequence[str]], judgements: Mapping[str, Mapping[str, float]]
) -> Measures:
    """Of all queries: query id -> ranking, query id -> document id -> gain."""
    judged = [
        (ranking, judgements[query])
        for query, ranking in rankings.items()
        if any(gain > 0 for gain in judgements.get(query, {}).values())
    ]
    count = len(judged) or 1
    return Measures(
        ndcg_at_10=sum(ndcg(*one) for one in judged) / count,
        mrr_at_10=sum(reciprocal_rank(*one) for one in judged) / count,
        recall_at_100=sum(recall(*one) for one in judged) / count,
        empty=sum(not ranking for ranking in rankings.values()) / (len(rankings) or 1),
        queries=len(rankings),
        judged_queries=len(judged),
    )
