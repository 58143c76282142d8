"""The suite for an engine: fill it once, then run every case.

A module that has a fixture ``contract_engine`` (filled by ``fill``) inherits ``Contract``.
"""

from dataclasses import replace

import pytest

from search.contracts import Query, Sort, Terms
from search.documents.types import PRODUCT
from search.engines.base import Engine
from search.errors import CursorOfAnotherQuery, CursorOutdated
from tests.search.contract.cases import Case, check
from tests.search.contract.catalogue import DOCUMENTS, LATE, P1, P2
from tests.search.contract.structure import BY_PRICE, FLAT, S
from tests.search.contract.structure import CASES as STRUCTURE
from tests.search.contract.words import CASES as WORDS

CASES = (*WORDS, *STRUCTURE)
GENERATION = "product-contract-00000000"


def fill(engine: Engine, generation: str = GENERATION) -> None:
    """The catalogue in a new current generation, late and repeated writes after it."""
    engine.create(doc_type=PRODUCT, generation=generation)
    engine.write(doc_type=PRODUCT, operations=DOCUMENTS, generation=generation)
    for one in LATE:
        engine.write(doc_type=PRODUCT, operations=[one], generation=generation)
    engine.refresh(doc_type=PRODUCT, generation=generation)
    engine.swap(doc_type=PRODUCT, generation=generation)


class Contract:
    """What every engine must do."""

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
    def test_case(self, contract_engine: Engine, case: Case) -> None:
        check(contract_engine, case)

    def test_cases_are_many_and_named_once(self) -> None:
        names = [case.name for case in CASES]
        assert len(names) >= 150
        assert len(set(names)) == len(names)

    @pytest.mark.parametrize("sort", [Sort(), Sort("prices.0")], ids=["score", "price"])
    def test_cursors_walk_through_everything_once(
        self, contract_engine: Engine, sort: Sort
    ) -> None:
        query = Query(filters=(Terms("category", ("samples",)),), sort=sort, size=7, weights=FLAT)
        seen: list[str] = []
        while True:
            page = contract_engine.search(platform=P1, doc_type=PRODUCT, query=query)
            seen += [hit.id for hit in page.hits]
            if not page.cursor:
                break
            query = replace(query, cursor=page.cursor)
        assert tuple(seen) == (S if sort == Sort() else BY_PRICE)

    def test_a_cursor_belongs_to_its_query(self, contract_engine: Engine) -> None:
        query = Query(text="分页样品", size=5)
        page = contract_engine.search(platform=P1, doc_type=PRODUCT, query=query)
        for platform, other in (
            (P1, replace(query, text="玉米", cursor=page.cursor)),
            (P1, replace(query, visible_to=("*", "contract:acme"), cursor=page.cursor)),
            (P2, replace(query, cursor=page.cursor)),
        ):
            with pytest.raises(CursorOfAnotherQuery):
                contract_engine.search(platform=platform, doc_type=PRODUCT, query=other)

    def test_a_cursor_ends_with_its_generation(self, contract_engine: Engine) -> None:
        query = Query(text="分页样品", size=5)
        page = contract_engine.search(platform=P1, doc_type=PRODUCT, query=query)
        other = "product-contract-11111111"
        fill(contract_engine, other)
        try:
            with pytest.raises(CursorOutdated):
                contract_engine.search(
                    platform=P1, doc_type=PRODUCT, query=replace(query, cursor=page.cursor)
                )
        finally:
            contract_engine.swap(doc_type=PRODUCT, generation=GENERATION)
            contract_engine.drop(doc_type=PRODUCT, generation=other)
        again = contract_engine.search(platform=P1, doc_type=PRODUCT, query=query)
        assert [hit.id for hit in again.hits] == [hit.id for hit in page.hits]

    def test_scroll_lists_what_lives(self, contract_engine: Engine) -> None:
        mine = sorted(one.id for one in DOCUMENTS if one.platform == P1)
        listed = list(contract_engine.scroll(platform=P1, doc_type=PRODUCT))
        assert [entry.id for entry in listed] == mine
        assert {entry.version for entry in listed} == {10}
        after = list(contract_engine.scroll(platform=P1, doc_type=PRODUCT, after="c3", limit=3))
        assert [entry.id for entry in after] == [one for one in mine if one > "c3"][:3]
        assert contract_engine.count(platform=P1, doc_type=PRODUCT) == len(mine)
        assert contract_engine.count(platform=P2, doc_type=PRODUCT) == 1
