"""Events, who wants to hear of them, and every attempt to tell them."""

from django.db import models

from .base import Account, Owned, id_field


class Event(Owned):
    """``data`` never changes after creation."""

    type = models.CharField(max_length=80)
    api_version = models.CharField(max_length=40)
    data = models.JSONField()
    request_id = models.CharField(max_length=60, null=True)
    idempotency_key = models.CharField(max_length=255, null=True)

    class Meta(Owned.Meta):
        pass


class Channel(models.TextChoices):
    GATEWAY = "gateway"
    BANK = "bank"
    CARRIER = "carrier"
    IDENTITY = "identity"
    ALIPAY = "alipay"
    WECHAT = "wechat"


class Endpoint(Owned):
    """An address that gets pushes of one outside party."""

    channel = models.CharField(max_length=10, choices=Channel)
    url = models.CharField(max_length=2000)
    secret = models.CharField(max_length=80)
    enabled_events = models.JSONField(default=list)
    enabled = models.BooleanField(default=True)
    # hears of the connected accounts instead of the own one
    connect = models.BooleanField(default=False)
    api_version = models.CharField(max_length=40, null=True)
    description = models.CharField(max_length=5000, null=True)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class DeliveryState(models.TextChoices):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Delivery(models.Model):
    """One event on its way to one endpoint; claimed with SKIP LOCKED and a lease."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    subject = id_field()
    type = models.CharField(max_length=80)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(state="pending"),
                name="sandbox_delivery_waiting",
            ),
            models.Index(fields=["account", "subject"], name="sandbox_delivery_subject"),
        ]


class DeliveryAttempt(models.Model):
    """What one attempt met; never overwritten."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="log")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField()
    answer = models.CharField(max_length=500, default="")
    error = models.CharField(max_length=500, default="")
    next_at = models.DateTimeField(null=True)
