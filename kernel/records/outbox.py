"""Events as they were appended, and where each stands with each handler."""

from django.db import models

from kernel.models import TenantModel
from kernel.records.fields import transaction_id


class OutboxEvent(TenantModel):
    """One fact. (aggregate, version) is its place in the order; nothing changes it afterwards.

    The table is cut by weeks (``kernel.partitions``). (platform, aggregate, version) is unique
    within a week; over its end the aggregate's row lock alone guards it, which who appends holds.
    """

    aggregate_type = models.CharField(max_length=80)
    aggregate_id = models.UUIDField()
    version = models.BigIntegerField()
    type = models.CharField(max_length=120)
    payload = models.JSONField()
    merchant_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    business_at = models.DateTimeField()
    created_at = models.DateTimeField()
    request_id = models.CharField(max_length=64, default="")
    txid = transaction_id()
    published_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["txid", "id"],
                name="kernel_event_unpublished",
                condition=models.Q(published_at=None),
            ),
            models.Index(
                fields=["platform_id", "aggregate_id", "version"],
                name="kernel_event_head",
                condition=models.Q(published_at=None),
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "txid", "id"],
                name="kernel_event_merchant",
                condition=models.Q(merchant_id__isnull=False),
            ),
        ]


class EventHead(TenantModel):
    """Where an aggregate's versions go on once its events were dropped; its id is the aggregate's.

    Written when a partition of events goes, so an aggregate has none as long as all are there.
    """

    version = models.BigIntegerField()


class Delivery(TenantModel):
    """One event for one handler."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        PARKED = "parked"
        SKIPPED = "skipped"

    handler = models.CharField(max_length=120)
    event_id = models.UUIDField()
    event_type = models.CharField(max_length=120)
    aggregate_id = models.UUIDField()
    version = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField(default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "event_id", "handler"], name="kernel_delivery_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="kernel_delivery_due",
                condition=models.Q(state="pending"),
            ),
            models.Index(
                fields=["platform_id", "handler", "aggregate_id", "version"],
                name="kernel_delivery_head",
                condition=models.Q(state__in=["pending", "parked"]),
            ),
            models.Index(
                fields=["platform_id", "id"],
                name="kernel_delivery_parked",
                condition=models.Q(state="parked"),
            ),
            models.Index(
                fields=["updated_at"],
                name="kernel_delivery_age",
                condition=models.Q(state__in=["done", "skipped"]),
            ),
        ]
