"""The draft of an operator's tuning: rules, synonyms, redirects, weights. Nothing of it acts
before it is published (``services/publishing``)."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit, transactions
from kernel.errors import Invalid
from kernel.ids import uuid7
from kernel.models import AggregateModel
from search import locks
from search.contracts.tuning import RedirectInfo, RuleInfo, SynonymInfo
from search.domain.tuning import BOUNDS, PARTS
from search.errors import TooManyRules
from search.models import SearchRedirect, SearchRule, SynonymGroup
from search.selectors import tuning as selectors
from search.services import checks

MOST = 500
Row = TypeVar("Row", bound=AggregateModel)
Check = Callable[[int], None]
FIELDS: dict[type[AggregateModel], tuple[str, ...]] = {
    SearchRule: (
        "name", "kind", "enabled", "match", "queries", "category_path", "product_ids",
        "condition", "points", "starts_at", "ends_at",
    ),
    SynonymGroup: ("language", "source", "terms", "enabled"),
    SearchRedirect: ("match", "queries", "target", "enabled", "starts_at", "ends_at"),
}  # fmt: skip


def create_rule(**values: Any) -> RuleInfo:
    """A new rule in the draft. Raises Invalid naming the field, TooManyRules."""
    return selectors.rule(_create(SearchRule, values, checks.rule, "search.rule.created"))


def update_rule(
    *, rule_id: UUID, changes: Mapping[str, Any], check: Check | None = None
) -> RuleInfo:
    """Change what is given; ``check`` gets the locked row's version. Raises NotFound, Invalid."""
    _update(SearchRule, rule_id, changes, checks.rule, check, "search.rule.changed")
    return selectors.rule(rule_id)


def remove_rule(*, rule_id: UUID) -> None:
    """Take a rule out of the draft. Raises NotFound."""
    _remove(SearchRule, rule_id, "search.rule.removed")


def create_synonym(**values: Any) -> SynonymInfo:
    """A new group of synonyms in the draft. Raises Invalid, TooManyRules."""
    made = _create(SynonymGroup, values, checks.synonym, "search.synonym.created")
    return selectors.synonym(made)


def update_synonym(
    *, synonym_id: UUID, changes: Mapping[str, Any], check: Check | None = None
) -> SynonymInfo:
    """Change what is given. Raises NotFound, Invalid."""
    _update(SynonymGroup, synonym_id, changes, checks.synonym, check, "search.synonym.changed")
    return selectors.synonym(synonym_id)


def remove_synonym(*, synonym_id: UUID) -> None:
    """Take a group out of the draft. Raises NotFound."""
    _remove(SynonymGroup, synonym_id, "search.synonym.removed")


def create_redirect(**values: Any) -> RedirectInfo:
    """A new redirect in the draft. Raises Invalid, TooManyRules."""
    made = _create(SearchRedirect, values, checks.redirect, "search.redirect.created")
    return selectors.redirect(made)


def update_redirect(
    *, redirect_id: UUID, changes: Mapping[str, Any], check: Check | None = None
) -> RedirectInfo:
    """Change what is given. Raises NotFound, Invalid."""
    _update(SearchRedirect, redirect_id, changes, checks.redirect, check, "search.redirect.changed")
    return selectors.redirect(redirect_id)


def remove_redirect(*, redirect_id: UUID) -> None:
    """Take a redirect out of the draft. Raises NotFound."""
    _remove(SearchRedirect, redirect_id, "search.redirect.removed")


def set_weights(*, weights: Mapping[str, Any], check: Check | None = None) -> None:
    """The draft's weights: only what differs from the declared ones. Raises Invalid."""
    kept = checked_weights(weights)
    with transactions.atomic():
        row = locks.tuning()
        if check is not None:
            check(row.version)
        before, row.weights = row.weights, kept
        row.save(update_fields=["weights"])
        audit.record("search.weights.changed", target=row, before=before, after=kept)


def checked_weights(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Weights as stored: decimals as text. Raises Invalid naming what is unknown or too far."""
    names = checks.weight_names()
    kept: dict[str, Any] = {}
    for group in ("buckets", "signals"):
        for name, value in (weights.get(group) or {}).items():
            if name not in names[group]:
                offered = ", ".join(sorted(names[group]))
                raise Invalid(_("There is no such weight; there are: %s.") % offered,
                              field=f"{group}.{name[:40]}")  # fmt: skip
            kept.setdefault(group, {})[name] = _within(value, f"{group}.{name}", group)
    for name in PARTS:
        if weights.get(name) is not None:
            kept[name] = _within(weights[name], name, name)
    return kept


def _within(value: Any, field: str, bounds: str) -> str:
    low, high = BOUNDS[bounds]
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite() or not low <= number <= high:
        raise Invalid(_("From %(low)s to %(high)s.") % {"low": low, "high": high}, field=field)
    return format(number.normalize(), "f")


def values_of(row: AggregateModel) -> dict[str, Any]:
    """The fields of a row that make it what it is."""
    return {name: getattr(row, name) for name in FIELDS[type(row)]}


def _create(
    model: type[Row], values: Mapping[str, Any], valid: Callable[[Row], None], action: str
) -> UUID:
    row = model(id=uuid7(), **values)
    valid(row)
    with transactions.atomic():
        locks.tuning()
        objects: Any = model.objects
        if objects.all()[:MOST].count() >= MOST:
            raise TooManyRules(limit=MOST)
        row.save(force_insert=True)
        audit.record(action, target=row, after=values_of(row))
    return row.id


def _update(
    model: type[Row],
    row_id: UUID,
    changes: Mapping[str, Any],
    valid: Callable[[Row], None],
    check: Check | None,
    action: str,
) -> None:
    with transactions.atomic():
        locks.tuning()
        row = locks.row(model, row_id)
        if check is not None:
            check(row.version)
        before = values_of(row)
        for name in FIELDS[model]:
            if name in changes:
                setattr(row, name, changes[name])
        valid(row)
        row.save()
        audit.record(action, target=row, before=before, after=values_of(row))


def _remove(model: type[AggregateModel], row_id: UUID, action: str) -> None:
    with transactions.atomic():
        locks.tuning()
        row = locks.row(model, row_id)
        audit.record(action, target=row, before=values_of(row))
        row.delete()
