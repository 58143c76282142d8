"""Work to do and when: jobs, the schedule of periodic ones, and which workers are alive."""

from django.db import models

from kernel.ids import uuid7
from kernel.models import TenantModel


class Job(TenantModel):
    """One piece of work; ``run_at`` is read on the clock that ``clock`` names."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Clock(models.TextChoices):
        SYSTEM = "system"
        BUSINESS = "business"

    kind = models.CharField(max_length=120)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    clock = models.CharField(max_length=10, choices=Clock, default=Clock.SYSTEM)
    run_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.TextField(default="")
    unique_key = models.CharField(max_length=200, null=True)
    periodic = models.BooleanField(default=False)
    merchant_id = models.UUIDField(null=True)
    actor = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "kind", "unique_key"],
                name="kernel_job_unique",
                condition=models.Q(state="queued"),
            )
        ]
        indexes = [
            models.Index(
                fields=["run_at"], name="kernel_job_due", condition=models.Q(state="queued")
            ),
            models.Index(
                fields=["lease_until"], name="kernel_job_lease", condition=models.Q(state="running")
            ),
            models.Index(
                fields=["finished_at"],
                name="kernel_job_age",
                condition=models.Q(finished_at__isnull=False),
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "id"],
                name="kernel_job_merchant",
                condition=models.Q(merchant_id__isnull=False),
            ),
        ]


class Schedule(TenantModel):
    """When a periodic job is next due on a platform."""

    name = models.CharField(max_length=120)
    due_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "name"], name="kernel_schedule_name")
        ]
        indexes = [models.Index(fields=["due_at"], name="kernel_schedule_due")]


class WorkerBeat(models.Model):
    """A worker process that was alive at ``beat_at``; a control table, no tenant's."""

    control = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    host = models.CharField(max_length=200)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["beat_at"], name="kernel_worker_beat")]
