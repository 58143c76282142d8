"""What plans become: few requests, looked at whole."""

from collections.abc import Callable
from typing import TypeVar

from search.contracts import PUBLIC, Document, Query, Sort, Terms, TermsFacet, Tombstone
from search.documents.types import PRODUCT
from search.engines.elastic.layout import item, mapping
from search.engines.elastic.request import body, escaped, shift
from search.engines.elastic.translate import Translator
from search.engines.elastic.vocabulary import distance
from search.query.clauses import AllOf, AnyOf, Constant, Equals, Not, Nothing, Term
from search.query.plan import Plan
from search.query.planner import plan

T = TypeVar("T")


class NoWords:
    """No word is known."""

    def ahead(self, terms: object) -> None: ...

    def kept(self, key: object, make: Callable[[], T]) -> T:
        return make()

    def frequencies(self, terms: object) -> dict[tuple[str, str], int]:
        return {}

    def similar(self, word: str, edits: int) -> list[tuple[str, int, int]]:
        return []

    def completions(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        return []

    def together(self, groups: object) -> list[int]:
        return []


def planned(query: Query) -> Plan:
    return plan(
        platform="p1",
        doc_type=PRODUCT,
        query=query,
        generation="product-1-a",
        vocabulary=NoWords(),
    )


def test_a_chosen_facet_counts_its_siblings_and_everything_else_obeys_it() -> None:
    query = Query(
        filters=(Terms("brand", ("acme",)), Terms("stock", ("in_stock",))),
        facets=(TermsFacet("brand", 5), TermsFacet("origin", 5)),
    )
    found = body(planned(query), Translator(1.0))
    acme = {"terms": {"f_brand": ["acme"]}}
    assert found["query"]["bool"]["filter"] == [
        {"terms": {"platform": ["p1"]}},
        {"terms": {"visible": [PUBLIC]}},
        {"terms": {"f_stock": ["in_stock"]}},
    ]
    assert found["post_filter"] == {"bool": {"filter": [acme]}}
    assert found["aggs"]["facet0"]["filter"] == {"bool": {"filter": []}}
    assert found["aggs"]["facet1"]["filter"] == {"bool": {"filter": [acme]}}
    assert found["aggs"]["facet0"]["aggs"]["chosen"]["terms"]["include"] == ["acme"]


def test_missing_values_come_last_and_ids_break_ties() -> None:
    found = body(planned(Query(sort=Sort("prices.2", True))), Translator(1.0))
    assert found["sort"] == [
        {"f_prices_2": {"order": "desc", "missing": "_last"}},
        {"id": {"order": "asc"}},
    ]


def test_scores_are_lucenes_own_on_servers_that_multiply_them() -> None:
    assert Translator(2.2).scored(Term("t_title_en", "corn", 1.1)) == {
        "term": {"t_title_en": {"value": "corn", "boost": 0.5}}
    }


def test_points_taken_off_are_given_to_all_others() -> None:
    from dataclasses import replace

    rule = Constant(Equals("f_stock", ("out",)), -5.0)
    penalised = replace(planned(Query()), extras=(rule,))
    (given,) = body(penalised, Translator(1.0))["query"]["bool"]["should"]
    assert given["constant_score"]["boost"] == 5.0
    assert "must_not" in given["constant_score"]["filter"]["bool"]
    assert shift(penalised) == 5.0


def test_any_of_nothing_is_nothing_and_all_of_nothing_everything() -> None:
    translator = Translator(1.0)
    assert translator.filter(AnyOf(())) == {"match_none": {}}
    assert translator.filter(AllOf(())) == {"match_all": {}}
    assert translator.filter(Not(Nothing())) == {"bool": {"must_not": [{"match_none": {}}]}}


def test_categories_with_marks_of_regular_expressions_are_taken_as_they_are() -> None:
    assert escaped("a.b*c/d-e#") == r"a\.b\*c\/d\-e\#"


def test_a_tombstone_has_a_version_and_no_platform() -> None:
    assert item(PRODUCT, Tombstone("prd_1", "p1", 7)).body == b'{"version":7}'


def test_all_that_a_document_sends_is_in_the_strict_mapping() -> None:
    import orjson

    from search.contracts import Attribute, CategoryPath

    fields = {
        "title": {"en": "Corn", "zh-hans": "玉米"},
        "sku": ["AB-1"],
        "attributes": [Attribute("moisture", 14, "P1"), Attribute("grade", "二等")],
        "category": [CategoryPath(("grain", "corn"), ({"en": "Grain"}, {"en": "Corn"}))],
        "prices": [100, None],
        "rating": 4.5,
    }
    sent = orjson.loads(item(PRODUCT, Document("prd_1", "p1", 1, fields)).body)
    assert set(sent) <= set(mapping(PRODUCT)["properties"])
    assert sent["f_attributes"] == ["moisture\x1f14", "grade\x1f二等"]
    assert sent["f_attributes_n"] == [{"c": "moisture", "n": 14.0}]
    assert set(sent["k_surface"]) >= {"corn", "grain"}


def test_a_swap_of_neighbours_is_one_edit() -> None:
    assert [distance("corn", other, 2) for other in ("corn", "cron", "core", "horns", "x")] == [
        0,
        1,
        1,
        2,
        3,
    ]
