"""The directory (平台目录): which platforms exist, where they live, whether they are open.

Control tables without a tenant: they are read before any platform is in scope. The app role may
read, insert and update them, never delete. A definer function would take the same arguments from
the same role and so guard nothing more; ``services/directory.py`` is the only writer.
"""

from datetime import timedelta
from typing import ClassVar

from django.db import models

from kernel.ids import uuid7
from platforms.contracts import PlatformState


class DirectoryEntry(models.Model):
    """One platform: its code, database alias, state, mode and clock."""

    control: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=32, unique=True)
    database = models.CharField(max_length=63, default="default")
    state = models.CharField(max_length=10, choices=PlatformState)
    live = models.BooleanField(default=False)
    clock_offset = models.DurationField(default=timedelta)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$"),
                name="platforms_directory_code",
            ),
            models.CheckConstraint(
                condition=models.Q(live=False) | models.Q(clock_offset=timedelta(0)),
                name="platforms_directory_live_clock",
            ),
        ]


class DirectoryHost(models.Model):
    """A host name of a platform's own; a host belongs to one platform in the whole deployment."""

    control: ClassVar[bool] = True

    host = models.CharField(primary_key=True, max_length=253)
    entry = models.ForeignKey(DirectoryEntry, on_delete=models.PROTECT, related_name="hosts")
