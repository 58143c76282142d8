"""What a case says, and how it is checked against any engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from kernel.errors import DomainError
from search.contracts import Hits, Query, SuggestQuery
from search.documents.types import PRODUCT
from search.engines.base import Engine
from tests.search.contract.catalogue import P1


@dataclass(frozen=True)
class Case:
    """``ids``: exactly these in this order. ``first``: the page begins so. ``same``: exactly these,
    in any order. ``has`` / ``lacks``: among the ids of the page. ``facets``: ref -> (value, count)
    in order. ``problem``: the error. ``corrected``: the text as read ("" : not corrected).
    ``marks``: id -> field -> HTML. ``parts``: kinds of reason of the first hit."""

    name: str
    query: Query | SuggestQuery
    platform: str = P1
    ids: tuple[str, ...] | None = None
    first: tuple[str, ...] = ()
    same: frozenset[str] | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    total: int | None = None
    full: int | None = None
    groups: int | None = None
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    problem: type[DomainError] | None = None
    corrected: str | None = None
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words: tuple[str, ...] | None = None
    parts: frozenset[str] = frozenset()


def check(engine: Engine, case: Case) -> None:
    """Ask, and compare everything that the case says."""
    if case.problem is not None:
        with pytest.raises(case.problem) as caught:
            ask(engine, case)
        assert caught.value.problems, "a problem names the field"
        return
    found = ask(engine, case)
    if isinstance(found, Hits):
        _page(case, found, [hit.id for hit in found.hits])
    else:
        ids, words = found
        _ids(case, list(ids))
        if case.words is not None:
            assert words == case.words


def ask(engine: Engine, case: Case) -> Hits | tuple[tuple[str, ...], tuple[str, ...]]:
    """The answer: of suggestions, the ids and the words."""
    if isinstance(case.query, SuggestQuery):
        offered = engine.suggest(platform=case.platform, doc_type=PRODUCT, query=case.query)
        return tuple(one.id for one in offered.documents), offered.words
    return engine.search(platform=case.platform, doc_type=PRODUCT, query=case.query)


def _ids(case: Case, ids: list[str]) -> None:
    if case.ids is not None:
        assert tuple(ids) == case.ids
    if case.same is not None:
        assert frozenset(ids) == case.same
        assert len(ids) == len(case.same)
    assert tuple(ids[: len(case.first)]) == case.first
    assert [one for one in case.has if one not in ids] == []
    assert [one for one in case.lacks if one in ids] == []


def _page(case: Case, found: Hits, ids: list[str]) -> None:
    _ids(case, ids)
    for expected, got in (
        (case.total, found.total),
        (case.full, found.full),
        (case.groups, found.groups),
    ):
        if expected is not None:
            assert got == expected
    facets = {one.ref: tuple((b.value, b.count) for b in one.buckets) for one in found.facets}
    for ref, buckets in case.facets.items():
        assert facets[ref] == buckets
    if case.corrected is not None:
        assert (found.corrected.text if found.corrected else "") == case.corrected
    by_id = {hit.id: hit for hit in found.hits}
    for one, marks in case.marks.items():
        assert {name: by_id[one].highlights[name] for name in marks} == dict(marks)
    if case.parts:
        assert case.parts <= {reason.part for reason in found.hits[0].explanation}
