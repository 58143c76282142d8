"""Reading the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.pagination import PageOf, keyset
from kernel.records.audit import AuditRecord

_FIELDS = (
    "id", "actor_kind", "actor_id", "actor_person_id", "actor_label", "merchant_id", "action",
    "target_type", "target_id", "before", "after", "business_at", "created_at", "request_id",
)  # fmt: skip


@dataclass(frozen=True)
class AuditEntry:
    """One change as recorded; sealed fields are still sealed."""

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
    rows = AuditRecord.objects.filter(target_id__in=list(targets))
    if kind:
        rows = rows.filter(target_type=kind)
    page = keyset(rows.values(*_FIELDS), order=("id",), cursor=cursor, limit=limit)
    return page.map(lambda r: AuditEntry(**r))


def recent_entries(
    *, action: str | None = None, cursor: str | None = None, limit: int = 50
) -> PageOf[AuditEntry]:
    """The platform's latest changes, newest first; ``action`` narrows to one kind."""
    rows = AuditRecord.objects.all()
    if action:
        rows = rows.filter(action=action)
    page = keyset(rows.values(*_FIELDS), order=("-id",), cursor=cursor, limit=limit)
    return page.map(lambda r: AuditEntry(**r))
