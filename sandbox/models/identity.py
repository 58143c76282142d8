"""What the identity provider keeps: questions (核验) and their answers. No names."""

from django.db import models

from .base import Owned


class IdentityCheck(Owned):
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=20)
    later = models.CharField(max_length=20, default="")
    amount = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_identity_key")
        ]
