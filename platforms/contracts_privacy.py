"""Contracts about a person's data: the copy of it, and its end."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import pgettext_lazy

from kernel.ids import public_id


class ExportState(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("copy of data", "Being made")
    READY = "ready", pgettext_lazy("copy of data", "Ready")
    EXPIRED = "expired", pgettext_lazy("copy of data", "No longer here")


class ErasureState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("erasure", "Planned")
    WITHDRAWN = "withdrawn", pgettext_lazy("erasure", "Withdrawn")
    HELD = "held", pgettext_lazy("erasure", "Not possible then")
    DONE = "done", pgettext_lazy("erasure", "Done")


@dataclass(frozen=True)
class ExportInfo:
    """A copy of what is kept about a person; ``size`` in bytes, 0 until it is ready."""

    id: UUID
    state: str
    size: int
    requested_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None

    @property
    def public_id(self) -> str:
        return public_id("dtx", self.id)


@dataclass(frozen=True)
class ErasureInfo:
    """The planned end of a person's data; until ``due_at`` (system time) it can be withdrawn."""

    id: UUID
    state: str
    requested_at: datetime
    due_at: datetime
    held_by: tuple[str, ...]

    @property
    def public_id(self) -> str:
        return public_id("ers", self.id)
