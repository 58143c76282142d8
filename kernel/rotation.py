"""Changing the master key (主密钥轮换): everything wrapped under an older one is wrapped anew.

A context registers each of its columns with ``sealed_column``; ``rotate`` goes through them for the
platform in scope in batches, each in a transaction of its own, and skips what is done. So it may
be stopped anywhere and begun again, while the platform works.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kernel import audit, seal
from kernel.audit import AuditTarget
from kernel.models import TenantModel
from kernel.transactions import atomic

BATCH = 500
Bound = Callable[[Any], bytes]


@dataclass(frozen=True)
class SealedColumn:
    """One column of wrapped bytes: ``purpose`` and ``bound`` (of a row) as given to ``wrap``.
    ``also`` sets what else of the row names the key."""

    model: type[TenantModel]
    column: str
    purpose: str
    bound: Bound
    also: Callable[[Any], dict[str, Any]] | None = None

    @property
    def name(self) -> str:
        return f"{self.model._meta.label_lower}.{self.column}"


COLUMNS: dict[str, SealedColumn] = {}


def sealed_column(
    model: type[TenantModel],
    column: str,
    *,
    purpose: str,
    bound: Bound,
    also: Callable[[Any], dict[str, Any]] | None = None,
) -> None:
    """Have ``rotate`` take care of a column; called once, when the app is ready."""
    one = SealedColumn(model, column, purpose, bound, also)
    COLUMNS[one.name] = one


def rotate(progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Wrap everything of the platform in scope under the master key in use; how many rows of each
    column were changed. ``progress`` is told rows looked at and rows in all. Raises RuntimeError
    for a row that no configured key opens."""
    total = sum(one.model.objects.count() for one in COLUMNS.values())
    seen, changed = 0, Counter[str]()
    for one in COLUMNS.values():
        after: UUID | None = None
        while True:
            with atomic():
                rows = _batch(one, after)
                changed[one.name] += sum(_rewrap(one, row) for row in rows)
            if not rows:
                break
            after, seen = rows[-1].id, seen + len(rows)
            if progress:
                progress(seen, max(total, seen))
    if sum(changed.values()):
        with atomic():
            audit.record(
                action="kernel.master_key.rotated",
                target=AuditTarget("kernel.masterkey", None),
                after={"key": seal.current_id(), "rows": dict(changed)},
            )
    return dict(changed)


def standing() -> dict[str, int]:
    """How many wrapped values of the platform in scope are under which master key, by key id;
    ``old form`` for those that don't say."""
    found = Counter[str]()
    for one in COLUMNS.values():
        rows = one.model.objects.values_list(one.column, flat=True).order_by("id")
        for value in rows.iterator(chunk_size=BATCH):
            if value:
                found[seal.wrapped_by(bytes(value)) or "old form"] += 1
    return dict(found)


def _batch(one: SealedColumn, after: UUID | None) -> list[Any]:
    rows = one.model.objects.select_for_update().order_by("id")
    return list(rows.filter(id__gt=after)[:BATCH] if after else rows[:BATCH])


def _rewrap(one: SealedColumn, row: Any) -> int:
    value = getattr(row, one.column)
    if not value:
        return 0  # erased, or never set
    before = bytes(value)
    after = seal.rewrapped(before, purpose=one.purpose, bound=one.bound(row))
    if after == before:
        return 0
    # Not through save(): what the row says hasn't changed, so its version stays.
    fields = {one.column: after, **(one.also(row) if one.also else {})}
    one.model.objects.filter(id=row.id).update(**fields)
    return 1


def register_own() -> None:
    """The kernel's own columns; called when the app is ready."""
    from kernel import personal
    from kernel.records.personal import PersonalKey

    sealed_column(
        PersonalKey,
        "wrapped",
        purpose=personal.WRAP_PURPOSE,
        bound=lambda row: row.platform_id.bytes + row.subject_id.bytes,
    )
