"""Reads of the draft and of the published versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset
from kernel.sealed_text import opened
from search.contracts.tuning import (
    Difference,
    DraftInfo,
    RedirectInfo,
    RuleInfo,
    SynonymInfo,
    VersionInfo,
)
from search.models import SearchRedirect, SearchRule, SearchTuning, SynonymGroup, TuningVersion

_TIMES = ("version", "created_at", "updated_at")
RULE = (
    "id", "name", "kind", "enabled", "match", "queries", "category_path", "product_ids",
    "condition", "points", "starts_at", "ends_at",
)  # fmt: skip
SYNONYM = ("id", "language", "source", "terms", "enabled")
REDIRECT = ("id", "match", "queries", "target", "enabled", "starts_at", "ends_at")
_PARTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "rules": (SearchRule, RULE),
    "synonyms": (SynonymGroup, SYNONYM),
    "redirects": (SearchRedirect, REDIRECT),
}
_KINDS = {"rules": "rule", "synonyms": "synonym", "redirects": "redirect"}


def rules(
    *,
    kind: str | None = None,
    order: tuple[str, ...] = ("-id",),
    updated_since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[RuleInfo]:
    """The draft's rules, newest first."""
    rows = SearchRule.objects.all()
    if kind:
        rows = rows.filter(kind=kind)
    return _page(rows, (*RULE, *_TIMES), order, updated_since, cursor, limit).map(_rule)


def rule(rule_id: UUID) -> RuleInfo:
    """One rule. Raises NotFound."""
    return _rule(_one(SearchRule, rule_id, RULE))


def synonyms(
    *,
    language: str | None = None,
    order: tuple[str, ...] = ("-id",),
    updated_since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[SynonymInfo]:
    """The draft's groups of synonyms, newest first."""
    rows = SynonymGroup.objects.all()
    if language:
        rows = rows.filter(language=language)
    return _page(rows, (*SYNONYM, *_TIMES), order, updated_since, cursor, limit).map(_synonym)


def synonym(synonym_id: UUID) -> SynonymInfo:
    """One group. Raises NotFound."""
    return _synonym(_one(SynonymGroup, synonym_id, SYNONYM))


def redirects(
    *,
    order: tuple[str, ...] = ("-id",),
    updated_since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[RedirectInfo]:
    """The draft's redirects, newest first."""
    rows = SearchRedirect.objects.all()
    return _page(rows, (*REDIRECT, *_TIMES), order, updated_since, cursor, limit).map(_redirect)


def redirect(redirect_id: UUID) -> RedirectInfo:
    """One redirect. Raises NotFound."""
    return _redirect(_one(SearchRedirect, redirect_id, REDIRECT))


def versions(
    *,
    order: tuple[str, ...] = ("-number",),
    updated_since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[VersionInfo]:
    """What was published, newest first."""
    now = published_number()
    rows = TuningVersion.objects.all()
    if updated_since is not None:
        rows, order = rows.filter(created_at__gte=updated_since), ("created_at", "id")
    page = keyset(rows.values(), order=order, cursor=cursor, limit=limit)
    return page.map(lambda row: _version(row, now))


def version(number: int) -> VersionInfo:
    """One published version. Raises NotFound."""
    row = TuningVersion.objects.filter(number=number).values().first()
    if row is None:
        raise NotFound
    return _version(row, published_number())


def published_number() -> int:
    """The number of the version that searches use; 0 before the first."""
    found: int | None = SearchTuning.objects.values_list("published", flat=True).first()
    return found or 0


def content_of(number: int) -> dict[str, Any]:
    """The content of a version; empty for 0."""
    if not number:
        return {}
    found: dict[str, Any] | None = (
        TuningVersion.objects.filter(number=number).values_list("content", flat=True).first()
    )
    return found or {}


def draft_content() -> dict[str, Any]:
    """The draft in the form of a version's content."""
    found: dict[str, Any] = {
        name: [_plain(row) for row in model.objects.order_by("id").values(*fields)]
        for name, (model, fields) in _PARTS.items()
    }
    weights = SearchTuning.objects.values_list("weights", flat=True).first()
    found["weights"] = weights or {}
    return found


def draft() -> DraftInfo:
    """The draft: its weights, and in what it differs from what is published."""
    row: Any = SearchTuning.objects.values("weights", "published", "version").first() or {}
    published = row.get("published", 0)
    return DraftInfo(
        weights=row.get("weights", {}),
        published=published,
        version=row.get("version", 0),
        differences=differences(draft_content(), content_of(published)),
    )


def differences(new: dict[str, Any], old: dict[str, Any]) -> tuple[Difference, ...]:
    """In what ``new`` differs from ``old``, by kind."""
    found = []
    for part, kind in _KINDS.items():
        was = {one["id"]: one for one in old.get(part, ())}
        now = {one["id"]: one for one in new.get(part, ())}
        for key in now.keys() | was.keys():
            if key not in was:
                found.append(Difference(kind, "added", _name(now[key])))
            elif key not in now:
                found.append(Difference(kind, "removed", _name(was[key])))
            elif now[key] != was[key]:
                found.append(Difference(kind, "changed", _name(now[key])))
    if new.get("weights", {}) != old.get("weights", {}):
        found.append(Difference("weights", "changed", ""))
    return tuple(sorted(found, key=lambda one: (one.kind, one.change, one.name)))


def _name(one: dict[str, Any]) -> str:
    if "name" in one:
        return str(one["name"])
    if "terms" in one:
        return " ".join([f"{one['source']} →"] * bool(one["source"]) + [" = ".join(one["terms"])])
    return f"{', '.join(one['queries'])} → {one['target']}"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    found = dict(row)
    found["id"] = str(found["id"])
    for name in ("starts_at", "ends_at"):
        if found.get(name) is not None:
            found[name] = found[name].isoformat()
    if "points" in found:
        found["points"] = str(found["points"])
    return found


def _page(
    rows: Any,
    fields: tuple[str, ...],
    order: tuple[str, ...],
    updated_since: datetime | None,
    cursor: str | None,
    limit: int,
) -> PageOf[Any]:
    if updated_since is not None:
        rows, order = rows.filter(updated_at__gte=updated_since), ("updated_at", "id")
    return keyset(rows.values(*fields), order=order, cursor=cursor, limit=limit)


def _one(model: Any, row_id: UUID, fields: tuple[str, ...]) -> dict[str, Any]:
    row: dict[str, Any] | None = model.objects.filter(id=row_id).values(*fields, *_TIMES).first()
    if row is None:
        raise NotFound
    return row


def _rule(row: dict[str, Any]) -> RuleInfo:
    return RuleInfo(
        **row | {"queries": tuple(row["queries"]), "product_ids": tuple(row["product_ids"])}
    )


def _synonym(row: dict[str, Any]) -> SynonymInfo:
    return SynonymInfo(**row | {"terms": tuple(row["terms"])})


def _redirect(row: dict[str, Any]) -> RedirectInfo:
    return RedirectInfo(**row | {"queries": tuple(row["queries"])})


def _version(row: Any, now: int) -> VersionInfo:
    kept = {key: value for key, value in row.items() if key != "platform_id"}
    kept["note"] = opened(kept["note"])
    return VersionInfo(**kept, current=row["number"] == now)


def version_number(version_id: UUID) -> int:
    """The number of the version with this id. Raises NotFound."""
    found: int | None = (
        TuningVersion.objects.filter(id=version_id).values_list("number", flat=True).first()
    )
    if found is None:
        raise NotFound
    return found
