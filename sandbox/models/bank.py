"""What the bank keeps: transfers (转账) and the statement (对账单)."""

from django.db import models

from .base import Account, Owned, id_field


class TransferStatus(models.TextChoices):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


class BankTransfer(Owned):
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    number = models.CharField(max_length=34)
    name = models.CharField(max_length=200)
    reference = models.CharField(max_length=140, db_index=True)
    status = models.CharField(max_length=10, choices=TransferStatus)
    outcome = models.CharField(max_length=40)
    failure_code = models.CharField(max_length=40, null=True)
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_bank_transfer_key")
        ]


class BankBalance(models.Model):
    """Money at the bank per currency; the row lock orders the statement."""

    owner = models.ForeignKey(Account, models.CASCADE, related_name="+")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "currency"], name="sandbox_bank_balance_one")
        ]


class BankEntry(Owned):
    transfer = id_field()
    reference = models.CharField(max_length=140)
    kind = models.CharField(max_length=20)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    balance_after = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta(Owned.Meta):
        pass
