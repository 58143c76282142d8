"""From what a request says to a search with its facets in words: the API and the pages alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.errors import Invalid
from kernel.money import currency_exponent
from platforms import facade as platforms
from search.contracts import DocumentType, Facet, Filter, Kind, TermsFacet
from search.contracts.found import SORTS, Asked, Found
from search.contracts.panels import Panel
from search.documents.types import TYPES
from search.domain.asking import filters_from, read_filters, read_params, write_filters
from search.domain.folding import clean
from search.errors import BadPage, QueryTooLong, TooManyFilters
from search.services import panels, search, tuning
from search.services.panels import Words

TEXT_MOST = 200
FACETS_MOST = 20


@dataclass(frozen=True)
class Result:
    """An answered search. ``text`` is what was asked, cleaned; ``redirect`` a path or ""."""

    found: Found
    panels: list[Panel]
    filters: tuple[Filter, ...]
    text: str
    words: Words
    redirect: str = ""


def ask(
    *,
    text: str = "",
    doc_type: str = "product",
    filters: Iterable[str] | None = None,
    ready: tuple[Filter, ...] = (),
    facets: str | None = None,
    sort: str = "relevance",
    page: int = 1,
    size: int = 20,
    cursor: str = "",
    group: str = "",
    correct: bool = True,
    draft: bool = False,
    reasons: bool = False,
    language: str = "",
    tree: Any = None,
) -> Result:
    """Search. ``filters`` as texts (``domain/asking``), or ``ready`` ones. Raises the problems of
    ``search.errors``, each naming the parameter."""
    declared = type_of(doc_type)
    text = checked_text(text)
    if sort not in SORTS:
        raise Invalid(_("Sorts are %s.") % ", ".join(SORTS), field="sort")
    if group and group not in declared.group_fields:
        offered = ", ".join(declared.group_fields) or "-"
        raise Invalid(_("Results can be grouped by: %s.") % offered, field="group")
    if page < 1 or not 1 <= size <= 100:
        raise BadPage(field="page" if page < 1 else "limit")
    exponent = currency_exponent(platforms.get_platform().currency)
    wanted = read_filters(declared, filters, exponent=exponent) if filters is not None else ready
    wanted = panels.with_units(wanted)
    found = search.find(
        Asked(
            text=text, language=language, doc_type=doc_type, filters=wanted,
            facets=_facets(declared, facets, wanted), sort=sort, page=page, size=size,
            cursor=cursor, group=group, correct=correct, draft=draft, reasons=reasons,
        )
    )  # fmt: skip
    said = panels.words(found.facets, wanted, language=language, tree=tree)
    here = panels.panels(found.facets, wanted, said)
    redirect = ""
    if text and doc_type == "product" and page == 1 and not cursor:
        redirect = tuning.applied(text=text, draft_too=draft).redirect
    return Result(found, here, wanted, text, said, redirect)


def type_of(name: str) -> DocumentType:
    """The declared type. Raises Invalid."""
    if name not in TYPES:
        raise Invalid(_("Types are: %s.") % ", ".join(TYPES), field="type")
    return TYPES[name]


def checked_text(text: str) -> str:
    """The text without what nobody types. Raises QueryTooLong."""
    if len(text) > 4 * TEXT_MOST or len(found := clean(text)) > TEXT_MOST:
        raise QueryTooLong(field="q", limit=TEXT_MOST)
    return found


def filters_of_page(params: Iterable[tuple[str, list[str]]]) -> tuple[Filter, ...]:
    """The filters in a page's address."""
    exponent = currency_exponent(platforms.get_platform().currency)
    return read_params(TYPES["product"], params, exponent=exponent)


def _facets(
    declared: DocumentType, named: str | None, filters: tuple[Filter, ...]
) -> tuple[Facet, ...]:
    if named is not None:
        refs = [ref for part in named.split(",") if (ref := part.strip())]
        if len(refs) > FACETS_MOST:
            raise TooManyFilters(field="facets", limit=FACETS_MOST)
        refs = list(dict.fromkeys(refs))
        return panels.facets_of(refs, filters) if declared.name == "product" else _plain(refs)
    if declared.name == "product":
        return panels.product_facets(filters)
    kinds = (Kind.KEYWORD, Kind.FLAG)
    return _plain(spec.name for spec in declared.fields if spec.facet and spec.kind in kinds)


def _plain(refs: Iterable[str]) -> tuple[Facet, ...]:
    return tuple(TermsFacet(ref) for ref in refs)


@dataclass(frozen=True)
class Checked:
    """A request that would be searched as it stands."""

    text: str
    filters: tuple[Filter, ...]


def checked(*, text: str, filters: Iterable[str], sort: str, language: str) -> Checked:
    """What is to be kept, checked like a search. Raises the problems of ``search.errors``."""
    if sort not in SORTS:
        raise Invalid(_("Sorts are %s.") % ", ".join(SORTS), field="sort")
    exponent = currency_exponent(platforms.get_platform().currency)
    wanted = read_filters(TYPES["product"], filters, exponent=exponent)
    return Checked(checked_text(text), panels.with_units(wanted))


def filter_texts(kept: Mapping[str, Any]) -> list[str]:
    """Filters of a kept search in the form in which the API takes them."""
    exponent = currency_exponent(platforms.get_platform().currency)
    return write_filters(filters_from(kept), exponent=exponent)


def params_of(*, filters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Filters of a kept search as parameters of a page's address."""
    exponent = currency_exponent(platforms.get_platform().currency)
    found = []
    for text in write_filters(filters_from(filters), exponent=exponent):
        ref, _colon, value = text.partition(":")
        low, dots, high = value.partition("..")
        if dots and isinstance(filters[ref], Mapping):
            found += [(f"{ref}.min", low)] * bool(low) + [(f"{ref}.max", high)] * bool(high)
        else:
            found.append((ref, value))
    return found
