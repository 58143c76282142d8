"""A shop's holiday, as it crosses this context's border."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class VacationInfo:
    """When a merchant sells nothing (店铺休假): from ``starts_at`` until before ``ends_at``,
    business times; both None when nothing is planned. ``messages`` is what buyers read."""

    merchant_id: UUID
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    messages: Mapping[str, str] = field(default_factory=dict)
    version: int = 0

    def state(self, now: datetime) -> str:
        """``none``, ``planned``, ``running`` or ``over``."""
        if self.starts_at is None or self.ends_at is None:
            return "none"
        if now < self.starts_at:
            return "planned"
        return "running" if now < self.ends_at else "over"
