"""Searches near the present one: what people typed next, and popular queries that share words."""

from search.domain.folding import fold, language_of
from search.selectors import queries

MOST = 6


def related(*, text: str) -> list[str]:
    """At most six other queries, none of them rare."""
    folded = fold(text)
    if not folded:
        return [row.query for row in queries.popular(limit=MOST)]
    found = queries.followers(folded)
    units = _units(folded)
    if len(found) < MOST and units:
        shared = [
            (len(units & _units(row.query)), row.searches, row.query)
            for row in queries.popular()
            if row.query != folded and row.language == language_of(folded)
        ]
        near = [query for same, _count, query in sorted(shared, reverse=True) if same]
        found += [query for query in near if query not in found]
    return found[:MOST]


def _units(text: str) -> set[str]:
    """Words, or pairs of Chinese characters."""
    if language_of(text) == "zh":
        return {text[n : n + 2] for n in range(len(text) - 1)} or {text}
    return set(text.split())
