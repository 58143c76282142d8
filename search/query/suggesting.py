"""What was typed so far as a plan: whole words, and the last one as a beginning."""

from search.analysis.normal import has_han
from search.analysis.pinyin import typed_pinyin
from search.analysis.tokens import Form, Piece, pieces, prepare, stem
from search.contracts import DocumentType, Query, SuggestQuery
from search.documents.physical import PINYIN, SURFACE
from search.engines.base import Vocabulary
from search.errors import QueryTooLong
from search.query.clauses import AnyOf, Best, Clause, Constant, Term
from search.query.plan import Plan
from search.query.planner import guard
from search.query.reading import token_fields
from search.query.spelling import edits_allowed
from search.query.validate import MAX_TEXT, all_of

EXPANSIONS = 20
BEGINNINGS_OF_PINYIN = 10


def suggest_plan(
    *, platform: str, doc_type: DocumentType, query: SuggestQuery, vocabulary: Vocabulary
) -> tuple[Plan | None, tuple[str, ...]]:
    """The plan that finds documents to offer (None: nothing typed), and words that end the last
    one. Raises QueryTooLong."""
    if len(query.text) > MAX_TEXT:
        raise QueryTooLong(field="q", limit=MAX_TEXT)
    found = list(pieces(prepare(query.text)))[:12]
    if not found:
        return None, ()
    open_end = not query.text[-1:].isspace()
    words = _words(found[-1], vocabulary, doc_type) if open_end else ()
    clauses = [
        _clause(piece, doc_type, vocabulary, words if piece is found[-1] and open_end else ())
        for piece in found
    ]
    read = all_of(clauses)
    sounds = _sounds(found, vocabulary, open_end=open_end)
    text = read if sounds is None else AnyOf((read, Constant(sounds, 1.0)))
    plan = Plan(
        platform=platform,
        doc_type=doc_type,
        query=Query(text=query.text, language=query.language, visible_to=query.visible_to),
        text=text,
        pinned=None,
        extras=(),
        full=None,
        filters=guard(
            doc_type, platform=platform, visible_to=query.visible_to, excluded=query.excluded
        ),
        facet_filters=(),
        facets=(),
        sort=None,
        group="",
        offset=0,
        size=min(max(query.size, 1), 20),
    )
    return plan, words[: query.size]


def _words(last: Piece, vocabulary: Vocabulary, doc_type: DocumentType) -> tuple[str, ...]:
    """Words that the viewer can see and that begin like the last; else such as are a slip away."""
    if last.form is not Form.WORD:
        return ()
    found = [word for word, _ in vocabulary.completions(SURFACE, last.text, EXPANSIONS)]
    if not found and edits_allowed(last.text):
        near = vocabulary.similar(last.text, edits_allowed(last.text))
        found = [word for word, _, _ in near[:8]]
    counts = vocabulary.frequencies([(SURFACE, word) for word in found])
    return tuple(word for word in found if counts.get((SURFACE, word)))


def _clause(
    piece: Piece, doc_type: DocumentType, vocabulary: Vocabulary, words: tuple[str, ...]
) -> Clause:
    if piece.form is Form.CHINESE:
        return all_of(_term(token, doc_type) for token in piece.tokens)
    tokens = [piece.tokens[0], *(stem(word) for word in words)]
    if piece.form is Form.WORD and not words:
        known = vocabulary.frequencies([(SURFACE, piece.text)])
        if not known.get((SURFACE, piece.text)) and edits_allowed(piece.text):
            near = vocabulary.similar(piece.text, edits_allowed(piece.text))[:5]
            tokens += [stem(word) for word, _, _ in near]
    some = tuple(_term(token, doc_type) for token in dict.fromkeys(tokens))
    return some[0] if len(some) == 1 else Best(some, tie=0.0)


def _term(token: str, doc_type: DocumentType) -> Clause:
    first = doc_type.buckets[0].name
    names = [
        (name, weight)
        for name, weight, bucket in token_fields(doc_type, han=has_han(token))
        if bucket in (first, "words")
    ]
    some = tuple(Term(name, token, weight) for name, weight in names)
    return some[0] if len(some) == 1 else Best(some)


def _sounds(found: list[Piece], vocabulary: Vocabulary, *, open_end: bool) -> Clause | None:
    """The whole as pinyin: ``yumi``, ``yu mi``, ``ym``, ``yum``."""
    if any(piece.form is not Form.WORD for piece in found):
        return None
    typed = "".join(piece.text for piece in found)
    ways: list[Clause] = [
        all_of(Term(PINYIN, token) for token in way) for way in typed_pinyin(typed)
    ]
    if open_end and len(typed) >= 2:
        begun = vocabulary.completions(PINYIN, typed, BEGINNINGS_OF_PINYIN)
        ways += [Term(PINYIN, token) for token, _ in begun]
    return AnyOf(tuple(ways)) if ways else None
