"""A search from request to page: rights, tuning, engine, names and today's prices.

``find`` is what the API and the pages call; ``suggest`` what the search box calls. Neither knows
which engine answers. When none does, products are browsed from the database with a notice.
"""

import html
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from catalog import facade as catalog
from kernel import questions, tenancy
from kernel.actors import current_actor
from kernel.ids import parse_public_id
from kernel.questions import Question
from marketplace import facade as marketplace
from platforms import facade as platforms
from search.blueprint import section
from search.building import access
from search.contracts import (
    PUBLIC,
    Facet,
    FacetResult,
    Filter,
    Hit,
    Hits,
    Query,
    Sort,
    Suggestion,
    SuggestQuery,
    Terms,
)
from search.contracts.found import Applied, Asked, Found, FoundProduct, Offered
from search.documents.types import PRODUCT, TYPES
from search.errors import EngineDown, NoIndex, UnknownRef
from search.query.highlight import marked_whole
from search.selectors import withdrawn
from search.selectors.withdrawn import Excluded, excluded
from search.services import tuning
from search.services.browsing import browse
from search.services.engines import engine

log = logging.getLogger("search")
PRICES = "prices"
_MARK = re.compile(r"</?mark>")
T = TypeVar("T")
Cards = dict[UUID, catalog.ProductCard]


@dataclass(frozen=True)
class Viewer:
    """Who looks: the keys under which documents are seen, and the slot of the prices they pay."""

    keys: tuple[str, ...]
    slot: int

    @property
    def private(self) -> bool:
        """Whether something is seen whose prices aren't in the index."""
        return self.keys != (PUBLIC,)

    def own(self, ref: str) -> str:
        """``prices`` as the reference to this viewer's slot. A slot by number isn't for viewers:
        it would tell what other buyers pay. Raises UnknownRef."""
        if ref == PRICES:
            return f"{PRICES}.{self.slot}" if self.slot else PRICES
        if ref.startswith(f"{PRICES}."):
            raise UnknownRef(f"{ref[:60]!r}", field="filter")
        return ref


def viewer() -> Viewer:
    """The acting one as a viewer, from what its contexts say of it now."""
    keys, groups = access.viewer(current_actor())
    slots = section(platforms.get_platform().settings).price_slots if groups else {}
    return Viewer(keys, next((slots[group] for group in groups if group in slots), 0))


def find(asked: Asked) -> Found:
    """The page that ``asked`` names. Raises the problems of ``search.errors``."""
    who = viewer()
    tuned = _tuned(asked)
    platform, doc_type = str(tenancy.current_id()), TYPES[asked.doc_type]

    def ask(gone: Excluded) -> Hits:
        query = _query(asked, who, tuned, gone)
        return engine().search(platform=platform, doc_type=doc_type, query=query)

    try:
        if asked.doc_type != PRODUCT.name:
            hits = ask(excluded(asked.doc_type))
            return _found(asked, hits, hits.hits, who)
        hits, cards = _with_cards(ask, lambda found: found.hits, asked.language, who)
    except (EngineDown, NoIndex) as error:
        log.warning("browsing instead of searching: %s", error)
        return browse(asked)
    return _found(asked, hits, _hydrated(hits, cards), who)


def suggest(*, text: str, language: str, size: int = 8) -> tuple[Offered, ...]:
    """Products to offer for what was typed so far; nothing when no engine answers."""
    who = viewer()
    platform = str(tenancy.current_id())

    def ask(gone: Excluded) -> tuple[Suggestion, ...]:
        query = SuggestQuery(
            text=text, language=language, visible_to=who.keys, excluded=gone, size=size
        )
        return engine().suggest(platform=platform, doc_type=PRODUCT, query=query).documents

    try:
        found, cards = _with_cards(ask, lambda found: found, language, who)
    except (EngineDown, NoIndex):
        return ()
    return tuple(
        Offered("product", card.title, _title(one.marked, card.title), one.id, card.slug)
        for one in found
        if (card := cards.get(_uuid(one.id))) is not None
    )


def _with_cards(
    ask: Callable[[Excluded], T],
    hits_of: Callable[[T], Sequence[Hit | Suggestion]],
    language: str,
    who: Viewer,
) -> tuple[T, Cards]:
    """What the engine finds, and the cards of it that buyers may see. The engine leaves out what
    had to be left out last; whether that is all by now is asked along with the cards. If it isn't,
    both are asked again."""
    expected = withdrawn.expected()
    found = ask(expected)
    gone, cards = withdrawn.asked_with(_cards(hits_of(found), language, who))
    if gone != expected:
        found = ask(gone)
        (cards,) = questions.ask(_cards(hits_of(found), language, who))
    return found, cards


def _cards(hits: Sequence[Hit | Suggestion], language: str, who: Viewer) -> Question[Cards]:
    ids = [_uuid(one.id) for one in hits]
    return catalog.cards_question(_allowed(ids, who), language=language)


def _tuned(asked: Asked) -> Applied:
    if asked.doc_type != PRODUCT.name:
        return Applied()
    categories = [
        str(one.values[0])
        for one in asked.filters
        if isinstance(one, Terms) and one.ref == "category" and not one.exclude and one.values
    ]
    return tuning.applied(
        text=asked.text, category=categories[0] if categories else "", draft_too=asked.draft
    )


def _query(asked: Asked, who: Viewer, tuned: Applied, gone: Excluded) -> Query:
    products = asked.doc_type == PRODUCT.name
    return Query(
        text=asked.text,
        language=asked.language or platforms.get_platform().locales[0],
        visible_to=who.keys,
        filters=tuple(_filter(one, who) for one in asked.filters),
        facets=tuple(_facet(one, who) for one in asked.facets or ()),
        sort=_sort(asked.sort, who),
        page=asked.page,
        size=asked.size,
        cursor=asked.cursor,
        group=asked.group,
        bare=products,  # of these, all that is shown comes from the database
        highlight=() if products else ("title",),
        pins=tuned.pins,
        buries=tuned.buries,
        boosts=tuned.boosts,
        synonyms=tuned.synonyms,
        weights=tuned.weights,
        excluded=gone,
        correct=asked.correct,
        explain=asked.reasons,
    )


def _filter(one: Filter, who: Viewer) -> Filter:
    return replace(one, ref=who.own(one.ref))


def _facet(one: Facet, who: Viewer) -> Facet:
    return replace(one, ref=who.own(one.ref))


def _sort(name: str, who: Viewer) -> Sort:
    ref, descending = name.removeprefix("-"), name.startswith("-")
    return Sort(who.own(PRICES) if ref == "price" else ref, descending)


def _hydrated(hits: Hits, cards: Cards) -> tuple[FoundProduct, ...]:
    """Hits with their tiles of today, at the prices of who asks; what buyers can't see any more has
    none and falls out."""
    tiles = marketplace.listings_with(cards, buyer_id=current_actor().person_id)
    return tuple(
        [
            FoundProduct(one, hit, tile, marked_whole(tile.card.title, hits.marks))
            for hit in hits.hits
            if (tile := tiles.get(one := _uuid(hit.id))) is not None
        ]
    )


@lru_cache(maxsize=4096)
def _uuid(product: str) -> UUID:
    """Of what is found often, at hand."""
    return parse_public_id("prd", product)


def _allowed(ids: list[UUID], who: Viewer) -> list[UUID]:
    """Those that the viewer may see as the catalogues are now, whatever the index thought."""
    private = access.catalogue_keys(ids)
    return [one for one in ids if one not in private or set(private[one]) & set(who.keys)]


def _title(marked: str, title: str) -> str:
    """The marked title if it is still the title, else the title; safe HTML either way."""
    same = html.unescape(_MARK.sub("", marked)) == title
    return marked if same else html.escape(title)


def _found(asked: Asked, hits: Hits, items: tuple[FoundProduct | Hit, ...], who: Viewer) -> Found:
    notices = []
    if _uses_prices(asked) and (
        who.private or marketplace.has_own_prices(current_actor().person_id)
    ):
        notices.append("default_prices")
    if asked.group:
        notices.append("grouped")
    return Found(
        total=hits.total,
        items=items,
        facets=tuple(_named(one) for one in hits.facets),
        cursor=hits.cursor,
        full=hits.full,
        groups=hits.groups,
        corrected=hits.corrected,
        text=hits.corrected.text if hits.corrected else asked.text,
        currency=platforms.get_platform().currency,
        notices=tuple(notices),
        engine=hits.engine,
        generation=hits.generation,
        took_ms=hits.took_ms,
    )


def _named(one: FacetResult) -> FacetResult:
    """A slot's number stays in here."""
    return replace(one, ref=PRICES) if one.ref.startswith(f"{PRICES}.") else one


def _uses_prices(asked: Asked) -> bool:
    return asked.sort.endswith("price") or any(one.ref == PRICES for one in asked.filters)
