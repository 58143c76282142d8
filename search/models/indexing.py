"""What is still to be indexed, what an index is being told to do, and how far it has come."""

from typing import ClassVar

from django.db import models

from kernel.ids import uuid7
from kernel.models import TenantModel


class Change(TenantModel):
    """Something a document is made from has changed: one row however often it does until it is
    served. ``kind``: a document type, or ``variant`` (its product is looked up when it's served).

    ``requested`` counts the requests, so that one that comes while the document is being written
    isn't taken for served. ``since``: the first unserved request. A document that can't be built
    or indexed is set aside with its reason and doesn't hold up the rest; a new change, an hour or
    an operator tries it again.
    """

    class Lane(models.IntegerChoices):
        SINGLE = 0
        BULK = 1

    class State(models.TextChoices):
        PENDING = "pending"
        SET_ASIDE = "set_aside"

    kind = models.CharField(max_length=20)
    ref_id = models.UUIDField()
    lane = models.SmallIntegerField(choices=Lane, default=Lane.SINGLE)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    requested = models.BigIntegerField(default=1)
    since = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, default="", blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "kind", "ref_id"], name="search_change_once"
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "lane", "due_at"], name="search_change_due"),
            models.Index(fields=["lane", "due_at"], name="search_change_any_due"),
            models.Index(
                fields=["since"], name="search_change_since", condition=models.Q(state="pending")
            ),
        ]


class IndexTask(models.Model):
    """What the process that writes the index was asked to do; rows, so that anybody may ask.

    ``platform_id`` and ``after`` are how far filling has come: what a new writer goes on from.
    A control table: an index serves all platforms.
    """

    control: ClassVar[bool] = True

    class Kind(models.TextChoices):
        REBUILD = "rebuild"
        ROLLBACK = "rollback"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    doc_type = models.CharField(max_length=20)
    reason = models.CharField(max_length=200, default="", blank=True)
    generation = models.CharField(max_length=80, default="", blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    step = models.CharField(max_length=20, default="", blank=True)
    platform_id = models.UUIDField(null=True)
    after = models.UUIDField(null=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    note = models.CharField(max_length=1000, default="", blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "doc_type"],
                condition=models.Q(state__in=["queued", "running"]),
                name="search_task_one_open",
            )
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="search_task_open")]


class IndexProgress(models.Model):
    """How far the index has come with one database: everything committed there before
    ``caught_up_at`` can be found. Old when the writer stands still, and that is the point.
    """

    control: ClassVar[bool] = True

    shard = models.CharField(max_length=40, primary_key=True)
    engine = models.CharField(max_length=40, default="")
    holder = models.CharField(max_length=240, default="")
    beat_at = models.DateTimeField()
    caught_up_at = models.DateTimeField()
    note = models.CharField(max_length=500, default="", blank=True)
