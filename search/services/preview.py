"""The published tuning beside the draft for one query, and why each product stands where it is."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from search.contracts import Reason
from search.contracts.found import FoundProduct
from search.services import asking, tuning


@dataclass(frozen=True)
class Standing:
    """A product's place in a preview. ``was``: its place on the other side, None if not there.
    ``points``: its whole score. ``reasons``: in plain words, each with its points."""

    place: int
    was: int | None
    product: FoundProduct
    points: float
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Preview:
    """Both sides. ``rules``: names of rules of the draft that took part."""

    current: tuple[Standing, ...]
    draft: tuple[Standing, ...]
    total_current: int
    total_draft: int
    redirect_current: str
    redirect_draft: str
    degraded: bool


def preview(*, text: str, category: str = "", language: str = "", size: int = 10) -> Preview:
    """The first ``size`` of each. Raises the problems of ``search.errors``."""
    ready = asking.filters_of_page([("category", [category])]) if category else ()
    sides = [
        asking.ask(text=text, ready=ready, facets="", size=size, draft=draft, reasons=True,
                   language=language)
        for draft in (False, True)
    ]  # fmt: skip
    places = [{one.id: place for place, one in enumerate(side.found.items, 1)} for side in sides]
    names = [
        tuning.applied(text=text, category=category, draft_too=draft).rules
        for draft in (False, True)
    ]
    current, draft = (
        tuple(
            _standing(place, one, places[1 - side], names[side])
            for place, one in enumerate(sides[side].found.items, 1)
            if isinstance(one, FoundProduct)
        )
        for side in (0, 1)
    )
    return Preview(
        current,
        draft,
        sides[0].found.total,
        sides[1].found.total,
        sides[0].redirect,
        sides[1].redirect,
        sides[0].found.degraded,
    )


def _standing(place: int, one: FoundProduct, other: Any, names: Any) -> Standing:
    found = sorted(one.hit.explanation, key=lambda reason: -abs(reason.points))
    rule = names.get(one.hit.id, "")
    reasons = tuple((sentence(reason, rule), round(reason.points, 2)) for reason in found)
    return Standing(place, other.get(one.id), one, round(one.hit.score, 2), reasons)


def sentence(reason: Reason, rule: str = "") -> str:
    """One reason in plain words."""
    what = reason.what
    said = {
        "word": _("“%(what)s” is among its words"),
        "phrase": _("“%(what)s” stands in it side by side, as typed"),
        "all_words": _("It has all words of the search"),
        "code": _("“%(what)s” is its SKU or barcode, or part of it"),
        "pinyin": _("“%(what)s” is how its title sounds (pinyin)"),
        "synonym": _("“%(what)s” is among its words, as a synonym"),
        "boost": _("The rule “%(what)s” moves it"),
        "pin": _("Pinned by the rule “%(rule)s”"),
        "bury": _("Buried by the rule “%(rule)s”"),
    }
    if reason.part == "signal":
        return _signal(what)
    text = said.get(reason.part, "%(what)s")
    return text % {"what": what, "rule": rule or what}


def _signal(name: str) -> str:
    return {
        "in_stock": _("It is in stock"),
        "sales": _("It sells well"),
        "rating": _("Buyers rate it well"),
    }.get(name, name)
