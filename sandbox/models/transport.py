"""Rows of the protocol itself: remembered answers, planned faults, things that happen later."""

from django.db import models

from .base import Account


class IdempotentRequest(models.Model):
    """The first answer given under an idempotency key (幂等键), to be repeated."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_idempotency_key")
        ]


class FaultKind(models.TextChoices):
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    WEBHOOK_DUPLICATE = "webhook_duplicate"
    WEBHOOK_FIRST = "webhook_first"
    WEBHOOK_DELAY = "webhook_delay"


class Fault(models.Model):
    """The next ``remaining`` calls of ``operation`` go wrong in this way."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    operation = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=FaultKind)
    remaining = models.PositiveIntegerField()
    seconds = models.FloatField(default=0)


class Due(models.Model):
    """Something that happens by itself at ``at``: a refund settles, a parcel moves."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=60)
    at = models.DateTimeField(db_index=True)
