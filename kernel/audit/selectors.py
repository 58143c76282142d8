"""Reading the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel import gathered
from kernel.pagination import PageOf, keyset
from kernel.records.audit import AuditRecord
from kernel.sealed_text import opened

_FIELDS = (
    "id", "actor_kind", "actor_id", "actor_person_id", "actor_label", "merchant_id", "action",
    "target_type", "target_id", "before", "after", "business_at", "created_at", "request_id",
)  # fmt: skip


@dataclass(frozen=True)
class AuditEntry:
    """One change as recorded; free texts are opened, fields about a person still sealed."""

    id: UUID
    actor_kind: str
    actor_id: UUID | None
    actor_person_id: UUID | None
    actor_label: str
    merchant_id: UUID | None
    action: str
    target_type: str
    target_id: UUID | None
    before: dict[str, Any]
    after: dict[str, Any]
    business_at: datetime
    created_at: datetime
    request_id: str


def entries_for(
    targets: Iterable[UUID],
    *,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> PageOf[AuditEntry]:
    """What happened to these objects, oldest first; ``kind`` narrows to one type of target."""
    gathered.settle()
    rows = AuditRecord.objects.filter(target_id__in=list(targets))
    if kind:
        rows = rows.filter(target_type=kind)
    page = keyset(rows.values(*_FIELDS), order=("id",), cursor=cursor, limit=limit)
    return page.map(_entry)


def recent_entries(
    *, action: str | None = None, cursor: str | None = None, limit: int = 50
) -> PageOf[AuditEntry]:
    """The platform's latest changes, newest first; ``action`` narrows to one kind."""
    gathered.settle()
    rows = AuditRecord.objects.all()
    if action:
        rows = rows.filter(action=action)
    page = keyset(rows.values(*_FIELDS), order=("-id",), cursor=cursor, limit=limit)
    return page.map(_entry)


def _entry(row: dict[str, Any]) -> AuditEntry:
    return AuditEntry(**row | {name: _opened(row[name]) for name in ("before", "after")})


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _opened(item) for key, item in value.items()}
    return opened(value) if isinstance(value, str) else value
