"""A merchant's own addresses for events, what is to be sent there, and what came back."""

from typing import ClassVar
from uuid import UUID

from django.db import models

from kernel.models import AggregateModel, ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText


class WebhookEndpoint(AggregateModel, ExternalRefModel):
    """Where a merchant wants events; ``event_types`` holds names, or ``*`` for all."""

    class State(models.TextChoices):
        ENABLED = "enabled"
        DISABLED = "disabled"

    merchant_id = models.UUIDField()
    url = models.CharField(max_length=2000)
    description = SealedText()
    event_types = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.ENABLED)
    disabled_reason = models.CharField(max_length=200, default="", blank=True)
    failing_since = models.DateTimeField(null=True)
    sealed_secret = models.TextField()
    sealed_old_secret = models.TextField(default="")
    old_secret_until = models.DateTimeField(null=True)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                name="kernel_webhook_external",
            )
        ]
        indexes = [models.Index(fields=["platform_id", "merchant_id", "id"], name="kernel_webhook")]


class WebhookDelivery(TenantModel):
    """One event for one endpoint."""

    class State(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    endpoint = TenantForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False
    )
    event_id = models.UUIDField()
    event_type = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_status = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "endpoint", "event_id"], name="kernel_whd_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="kernel_whd_due",
                condition=models.Q(state="pending"),
            ),
            models.Index(fields=["platform_id", "endpoint", "id"], name="kernel_whd_list"),
            models.Index(fields=["created_at"], name="kernel_whd_age"),
        ]


class WebhookAttempt(TenantModel):
    """One POST and its answer."""

    TEXTS_OF: ClassVar = ("endpoint_id",)

    delivery = TenantForeignKey(WebhookDelivery, models.CASCADE, related_name="log", db_index=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=500, default="")
    answer = SealedText()

    @property
    def endpoint_id(self) -> UUID:
        """Whose answer it is, and with whom it goes."""
        found: UUID = self.delivery.endpoint_id
        return found

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "delivery", "number"], name="kernel_wha_list")
        ]
