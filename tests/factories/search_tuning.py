"""Rows of search's own tables, as an operator and visitors leave them."""

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from kernel import clock, personal
from kernel.ids import public_id
from search.models import (
    DeclinedSynonym,
    PopularQuery,
    QueryCount,
    QueryPair,
    SavedMatch,
    SavedSearch,
    SearchRedirect,
    SearchRule,
    SearchTuning,
    SynonymGroup,
    TuningVersion,
)

TEA = {"q": "tea", "filters": {}, "sort": "relevance"}


@dataclass(frozen=True)
class TuningRows:
    """The ids of one row of each."""

    rule: UUID
    synonym: UUID
    redirect: UUID
    saved: UUID


def make_tuning_rows(*, product_id: UUID, person_id: UUID, merchant_id: UUID) -> TuningRows:
    """One row of each table on the platform in scope."""
    now = clock.system()
    day = now.date()
    SearchTuning.objects.create(weights={"signals": {"in_stock": "2"}}, published=1)
    TuningVersion.objects.create(number=1, content={}, created_at=now)
    rule = SearchRule.objects.create(
        name="Pin the tea", kind=SearchRule.Kind.PIN, queries=["tea"],
        product_ids=[public_id("prd", product_id)],
    )  # fmt: skip
    synonym = SynonymGroup.objects.create(language="zh", terms=["大豆", "黄豆"])
    redirect = SearchRedirect.objects.create(queries=["help"], target="/products/")
    QueryCount.objects.create(day=day, language="zh", query="茶", searches=9, clicks=3)
    QueryPair.objects.create(day=day, language="zh", before="苞米", after="玉米", times=9, clicks=8)
    # Another, since accepting the first takes it off the list of proposals.
    QueryPair.objects.create(day=day, language="zh", before="粟米", after="小米", times=9, clicks=8)
    PopularQuery.objects.create(language="zh", query="茶", searches=9)
    DeclinedSynonym.objects.create(language="zh", before="茶", after="酒", created_at=now)
    for owner in ({"person_id": person_id}, {"merchant_id": merchant_id}):
        [whose] = owner.values()
        saved = SavedSearch.objects.create(
            **owner,
            sealed=personal.seal(whose, json.dumps({"name": "Tea", "query": TEA})),
            digest="1",
            checked_at=now - timedelta(days=1),
        )
        SavedMatch.objects.create(saved_search=saved, product_id=product_id, found_at=now)
    return TuningRows(rule.id, synonym.id, redirect.id, saved.id)
