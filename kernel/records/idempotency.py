"""What a mutation answered, kept for a day under the caller's Idempotency-Key."""

from django.db import models

from kernel.models import TenantModel


class IdempotencyRecord(TenantModel):
    """One key of one caller. The key itself is never stored: only its hash, and the answer
    sealed under a key derived from it.

    The table is cut by days (``kernel.partitions``), so no constraint says that a key has one row:
    the key's advisory lock does, which whoever looks for it and writes holds."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"

    caller = models.CharField(max_length=120)
    key_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State)
    lease_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(default=0)
    sealed_answer = models.BinaryField(default=b"")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["platform_id", "caller", "key_hash"], name="kernel_idempotency_key"
            )
        ]
