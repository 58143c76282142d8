"""What the issuer of e-fapiao (数电发票) keeps: documents sent, and the numbers they got."""

from django.db import models

from .base import Owned


class Fapiao(Owned):
    """``document`` is the sender's own number of it; ``left`` what of ``gross`` no red one has
    taken back, in fen."""

    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    document = models.CharField(max_length=60)
    kind = models.CharField(max_length=4)
    status = models.CharField(max_length=10)
    number = models.CharField(max_length=20, default="")
    original = models.CharField(max_length=20, default="")
    code = models.CharField(max_length=40, default="")
    gross = models.BigIntegerField()
    left = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_fapiao_key"),
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="sandbox_fapiao_number"
            ),
        ]
        indexes = [models.Index(fields=["account", "document"], name="sandbox_fapiao_document")]
