"""What is published of an operator's tuning, and what of it concerns one query.

``content`` of a version is plain JSON: ``rules``, ``synonyms``, ``redirects``, ``weights``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from search.contracts import BoostRule, Filter, Synonym, Weights
from search.contracts.found import Applied
from search.domain.asking import filters_from
from search.domain.folding import fold, has_han

PINS_MOST = 50
PARTS = ("phrase", "all_words", "code", "code_part", "pinyin", "synonym")
# How far each may go: what lies outside would only break the order.
BOUNDS = {
    "buckets": (Decimal(0), Decimal(10)),
    "signals": (Decimal(0), Decimal(20)),
    "phrase": (Decimal(0), Decimal(5)),
    "all_words": (Decimal(0), Decimal(1000)),
    "code": (Decimal(0), Decimal(10000)),
    "code_part": (Decimal(0), Decimal(10000)),
    "pinyin": (Decimal(0), Decimal(5)),
    "synonym": (Decimal(0), Decimal(2)),
}


@dataclass(frozen=True)
class When:
    """For which queries and categories, and between which times, something holds."""

    match: str
    queries: tuple[str, ...] = ()
    category: str = ""
    starts: datetime | None = None
    ends: datetime | None = None

    def holds(self, *, folded: str, category: str, at: datetime) -> bool:
        """Whether it concerns this folded query in this category (path) at this time."""
        if (self.starts and at < self.starts) or (self.ends and at >= self.ends):
            return False
        if self.category and f"{category}/".startswith(f"{self.category}/") is False:
            return False
        if self.match == "any":
            return True
        if not self.queries:
            return bool(self.category)
        if self.match == "contains":
            return any(_contains(folded, query) for query in self.queries)
        return folded in self.queries


@dataclass(frozen=True)
class Rule:
    """One enabled rule."""

    kind: str
    name: str
    when: When
    products: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    points: float = 0.0


@dataclass(frozen=True)
class Redirect:
    when: When
    target: str


@dataclass(frozen=True)
class Tuning:
    """A version of the tuning, ready to be applied."""

    number: int = 0
    rules: tuple[Rule, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    synonyms: tuple[tuple[str, Synonym], ...] = ()
    weights: Weights = field(default_factory=Weights)

    def applied(self, *, text: str, category: str = "", at: datetime) -> Applied:
        """What of it concerns this query, at this time of the platform's clock."""
        folded = fold(text)
        here: dict[str, Any] = {"folded": folded, "category": category, "at": at}
        pins: list[str] = []
        buries: list[str] = []
        boosts: list[BoostRule] = []
        names: dict[str, str] = {}
        for rule in self.rules:
            if not rule.when.holds(**here):
                continue
            if rule.kind == "pin":
                pins += [one for one in rule.products if one not in pins]
            elif rule.products:
                buries += [one for one in rule.products if one not in buries]
            if rule.kind != "pin" and rule.filters:
                points = rule.points if rule.kind == "boost" else -rule.points
                boosts.append(BoostRule(rule.filters, points, rule.name))
            names |= dict.fromkeys(rule.products, rule.name)
        target = next((one.target for one in self.redirects if one.when.holds(**here)), "")
        return Applied(
            pins=tuple(pins[:PINS_MOST]),
            buries=tuple(one for one in buries if one not in pins),
            boosts=tuple(boosts),
            synonyms=self._synonyms(folded),
            weights=self.weights,
            redirect=target if folded else "",
            number=self.number,
            rules=names,
        )

    def _synonyms(self, folded: str) -> tuple[Synonym, ...]:
        """Those of the query's script: a Chinese group says nothing of an English query."""
        han, latin = has_han(folded), any("a" <= c <= "z" or c.isdigit() for c in folded)
        return tuple(
            one
            for language, one in self.synonyms
            if language == "*" or (language == "zh" and han) or (language != "zh" and latin)
        )


def compiled(content: Mapping[str, Any], number: int) -> Tuning:
    """The tuning in a version's content; what is switched off is left out."""
    return Tuning(
        number=number,
        rules=tuple(_rule(one) for one in content.get("rules", ()) if one["enabled"]),
        redirects=tuple(
            Redirect(_when(one), one["target"])
            for one in content.get("redirects", ())
            if one["enabled"]
        ),
        synonyms=tuple(
            (one["language"], _synonym(one))
            for one in content.get("synonyms", ())
            if one["enabled"]
        ),
        weights=weights_of(content.get("weights", {})),
    )


def weights_of(values: Mapping[str, Any]) -> Weights:
    """The weights with those that differ from the declared ones."""
    changed: dict[str, Any] = {
        name: {key: float(value) for key, value in values[name].items()}
        for name in ("buckets", "signals")
        if values.get(name)
    }
    changed |= {name: float(values[name]) for name in PARTS if values.get(name) is not None}
    return replace(Weights(), **changed)


def _rule(one: Mapping[str, Any]) -> Rule:
    return Rule(
        kind=one["kind"],
        name=one["name"],
        when=_when(one),
        products=tuple(one["product_ids"]),
        filters=filters_from(one["condition"]),
        points=float(one["points"]),
    )


def _synonym(one: Mapping[str, Any]) -> Synonym:
    if one["source"]:
        return Synonym((one["source"],), tuple(one["terms"]))
    return Synonym(tuple(one["terms"]))


def _when(one: Mapping[str, Any]) -> When:
    return When(
        match=one["match"],
        queries=tuple(fold(query) for query in one["queries"]),
        category=one.get("category_path", ""),
        starts=_time(one["starts_at"]),
        ends=_time(one["ends_at"]),
    )


def _time(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _contains(folded: str, query: str) -> bool:
    """Chinese by characters, other words as whole words: ``corn`` isn't in ``corner``."""
    if has_han(query):
        return query in folded
    return f" {query} " in f" {folded} "
