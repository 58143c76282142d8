"""From a query to a plan. Here, and only here, platform, visibility and withdrawals come in."""

from functools import lru_cache

from search.contracts import Correction, DocumentType, Kind, Query, Signal
from search.documents.physical import ID, PLATFORM, VISIBLE
from search.engines.base import Vocabulary
from search.errors import TooDeep
from search.query import cursor
from search.query.clauses import AllOf, Between, Clause, Constant, Equals, Not
from search.query.matching import Matched, Matching
from search.query.plan import Plan, Scored
from search.query.reading import Reading, read
from search.query.validate import (
    check,
    excluded_clause,
    facet_plan,
    filter_clause,
    group_field,
    physical,
    sort_field,
)

PIN_POINTS = 1_000_000.0
BURY_POINTS = 2_000.0
MAX_DEPTH = 1_000


def guard(
    doc_type: DocumentType,
    *,
    platform: str,
    visible_to: tuple[str, ...],
    excluded: tuple[tuple[str, tuple[str, ...]], ...] = (),
) -> tuple[Clause, ...]:
    """The filters that no read goes without."""
    if not platform or not visible_to:
        raise ValueError("a platform and at least one key are needed")
    return (
        Equals(PLATFORM, (platform,)),
        Equals(VISIBLE, tuple(dict.fromkeys(visible_to))),
        *(excluded_clause(doc_type, ref, values) for ref, values in excluded if values),
    )


def plan(
    *,
    platform: str,
    doc_type: DocumentType,
    query: Query,
    generation: str,
    vocabulary: Vocabulary,
) -> Plan:
    """The plan of a query. Raises the problems of ``search.errors``."""
    check(query)
    group = group_field(doc_type, query)
    sort = sort_field(doc_type, query)
    facets = facet_plan(doc_type, query)
    hashed = cursor.query_hash(platform=platform, doc_type=doc_type, query=query)
    position = (
        cursor.decode(query.cursor, generation=generation, hashed=hashed) if query.cursor else ()
    )
    offset = 0 if query.cursor else (query.page - 1) * query.size
    if offset + query.size > MAX_DEPTH:
        raise TooDeep(field="page", limit=MAX_DEPTH)
    counted = {one.ref for one in query.facets if one.disjunctive}
    clauses = [(one.ref, filter_clause(doc_type, one)) for one in query.filters]
    reading, matched = _words(doc_type, query, vocabulary)
    scored = [*matched.extras, *_standing(doc_type, query)] if matched else []
    if matched is None:
        scored = _standing(doc_type, query)
    pinned: Clause | None = Equals(ID, query.pins) if query.pins and sort is None else None
    return Plan(
        platform=platform,
        doc_type=doc_type,
        query=query,
        text=matched.text if matched else None,
        pinned=pinned if matched else None,
        extras=() if sort else tuple(one.clause for one in scored),
        full=matched.full if matched else None,
        filters=(
            *guard(
                doc_type,
                platform=platform,
                visible_to=query.visible_to,
                excluded=query.excluded,
            ),
            *(clause for ref, clause in clauses if ref not in counted),
        ),
        facet_filters=tuple(one for one in clauses if one[0] in counted),
        facets=facets,
        sort=sort,
        group=group,
        offset=offset,
        size=query.size,
        position=position,
        scored=(*(matched.scored if matched else ()), *scored),
        corrected=_correction(query, reading),
        marks=frozenset(matched.marks) if matched else frozenset(),
        query_hash=hashed,
    )


def _words(
    doc_type: DocumentType, query: Query, vocabulary: Vocabulary
) -> tuple[Reading | None, Matched | None]:
    if not query.text.strip():
        return None, None

    def make() -> tuple[Reading, Matched]:
        reading = read(doc_type, query, vocabulary)
        return reading, Matching(doc_type, query, reading, vocabulary).build()

    weights = query.weights
    said = (
        doc_type.name, query.text, query.correct, query.synonyms, weights.phrase,
        weights.all_words, weights.code, weights.code_part, weights.pinyin, weights.synonym,
        tuple(sorted(weights.buckets.items())),
    )  # fmt: skip
    return vocabulary.kept(said, make)


def _correction(query: Query, reading: Reading | None) -> Correction | None:
    if reading is None or not reading.corrections:
        return None
    text = reading.text
    for unit in reversed(reading.units):
        if (unit.piece.text, unit.shown) in reading.corrections:
            text = text[: unit.piece.start] + unit.shown + text[unit.piece.end :]
    return Correction(text, tuple(dict.fromkeys(reading.corrections)))


def _standing(doc_type: DocumentType, query: Query) -> list[Scored]:
    """What adds to the score besides the words: signals, rules, pins and buries."""
    out = [*_signals(doc_type, tuple(query.weights.signals.items()))]
    for rule in query.boosts:
        clause = _all([filter_clause(doc_type, one) for one in rule.filters])
        if clause is None or rule.points == 0:
            continue
        # Scores can't be taken off: whatever the rule doesn't hold for gets them instead.
        held = clause if rule.points > 0 else Not(clause)
        out.append(Scored("boost", rule.reason, "", Constant(held, abs(rule.points))))
    for place, one in enumerate(query.pins):
        points = PIN_POINTS * (len(query.pins) - place)
        out.append(Scored("pin", one, "", Constant(Equals(ID, (one,)), points)))
    if query.buries:
        buried = Not(Equals(ID, query.buries))
        out.append(Scored("bury", "", "", Constant(buried, BURY_POINTS)))
    return out


@lru_cache(maxsize=64)
def _signals(doc_type: DocumentType, weights: tuple[tuple[str, float], ...]) -> tuple[Scored, ...]:
    said, out = dict(weights), []
    for signal in doc_type.signals:
        points = said.get(signal.name, signal.weight)
        if points > 0:
            out += _signal(doc_type, signal, points)
    return tuple(out)


def _all(clauses: list[Clause]) -> Clause | None:
    if not clauses:
        return None
    return clauses[0] if len(clauses) == 1 else AllOf(tuple(clauses))


def _signal(doc_type: DocumentType, signal: Signal, points: float) -> list[Scored]:
    ref = doc_type.resolve(signal.ref)
    if ref is None:
        return []
    name = physical(ref)
    if signal.equals is not None:
        value = signal.equals
        shown = ("true" if value else "false") if ref.spec.kind is Kind.FLAG else str(value)
        return [Scored("signal", signal.name, "", Constant(Equals(name, (shown,)), points))]
    return [
        Scored("signal", signal.name, "", Constant(Between(name, low=low), points * share))
        for low, share in signal.steps
    ]
