"""Accounts at payment providers beside the card gateway, and whether each provider answers."""

from django.db import models

from kernel.models import AggregateModel, TenantModel


class ProviderAccount(AggregateModel):
    """How a platform reaches one provider (``alipay``, ``wechat``, ``bank_transfer``).

    ``config`` is what anybody may know; ``secrets_sealed`` is a JSON object of keys, sealed at
    rest. ``known`` is what was fetched from the provider itself: its certificates, and when.
    """

    name = models.CharField(max_length=20)
    enabled = models.BooleanField(default=True)
    config = models.JSONField(default=dict)
    secrets_sealed = models.BinaryField()
    known = models.JSONField(default=dict)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "name"], name="payments_provider_account_one"
            ),
        ]


class ProviderHealth(TenantModel):
    """The circuit breaker (熔断器) of one provider, shared by all processes. ``failures`` in a row;
    ``open_until`` while nobody calls; then ``probe_until`` is one caller's turn to try."""

    name = models.CharField(max_length=20)
    failures = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)
    probe_until = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "name"], name="payments_provider_health_one"
            ),
        ]
