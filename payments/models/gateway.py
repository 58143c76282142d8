"""The platform's account at the card gateway, and the gateway's events already taken in."""

from django.db import models

from kernel.models import AggregateModel, TenantModel


class GatewayAccount(AggregateModel):
    """Where and with which keys a platform reaches its gateway and bank; sealed at rest."""

    base_url = models.CharField(max_length=300)
    secret_key_sealed = models.BinaryField()
    webhook_secret_sealed = models.BinaryField()
    previous_webhook_secret_sealed = models.BinaryField(null=True)
    bank_key_sealed = models.BinaryField()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id"], name="payments_gateway_one"),
        ]


class GatewayEvent(TenantModel):
    """One webhook event that was taken in; its body isn't kept."""

    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=255)
    received_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "event_id"], name="payments_event_once"),
        ]
        indexes = [
            models.Index(fields=["platform_id", "received_at"], name="payments_event_age"),
        ]
