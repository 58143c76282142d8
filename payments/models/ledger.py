"""The double-entry ledger (复式账). Only the database function ``ledger_post`` writes these tables;
the application may read them. See ledger/sql/0001_ledger.sql and docs/ledger.md.
"""

from django.db import models
from django.db.models import F, Q

from kernel.models import TenantModel


class LedgerAccount(TenantModel):
    """Four counters in minor units; a limit flag makes the ledger refuse to overdraw it."""

    currency = models.CharField(max_length=3)
    code = models.CharField(max_length=30)
    owner = models.UUIDField(null=True)
    debits_pending = models.BigIntegerField(default=0)
    debits_posted = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)
    debits_must_not_exceed_credits = models.BooleanField(default=False)
    credits_must_not_exceed_debits = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "owner", "currency", "code"],
                name="ledger_account_name",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(debits_pending__gte=0)
                & Q(debits_posted__gte=0)
                & Q(credits_pending__gte=0)
                & Q(credits_posted__gte=0),
                name="ledger_account_counters",
            ),
            models.CheckConstraint(
                condition=Q(debits_must_not_exceed_credits=False)
                | Q(credits_posted__gte=F("debits_pending") + F("debits_posted")),
                name="ledger_account_debits",
            ),
            models.CheckConstraint(
                condition=Q(credits_must_not_exceed_debits=False)
                | Q(debits_posted__gte=F("credits_pending") + F("credits_posted")),
                name="ledger_account_credits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.currency} {self.owner or ''}".strip()


class LedgerTransfer(TenantModel):
    """One amount from the debit to the credit account; never changed, never deleted.

    The id is the caller's: the same id again is the same transfer. ``flags`` are those of
    ``payments.ledger.Flag``. ``merchant_id``, ``reference`` (the order), and ``document`` (the
    payment, refund or payout) say what it belongs to. ``created_at`` is system time,
    ``business_at`` and ``expires_at`` business time.
    """

    debit_id = models.UUIDField()
    credit_id = models.UUIDField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    code = models.CharField(max_length=30)
    flags = models.SmallIntegerField(default=0)
    pending_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)
    journal = models.UUIDField()
    merchant_id = models.UUIDField(null=True)
    reference = models.CharField(max_length=100, default="")
    document = models.CharField(max_length=40, default="")
    business_at = models.DateTimeField()
    created_at = models.DateTimeField()
    txid = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        db_table = "ledger_transfer"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_transfer_amount"),
            models.CheckConstraint(
                condition=~Q(debit_id=F("credit_id")), name="ledger_transfer_two_accounts"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "pending_id"],
                condition=Q(pending_id__isnull=False),
                name="ledger_transfer_resolved_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "created_at", "id"],
                condition=Q(merchant_id__isnull=False),
                name="ledger_transfer_merchant",
            ),
            models.Index(
                fields=["platform_id", "expires_at"],
                condition=Q(expires_at__isnull=False),
                name="ledger_transfer_expiry",
            ),
            models.Index(fields=["platform_id", "txid", "id"], name="ledger_transfer_order"),
        ]


class LedgerFailure(TenantModel):
    """A transfer id that failed for a passing reason: it stays failed for good."""

    result = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "ledger_failure"


class LedgerLink(TenantModel):
    """One link of the hash chain over the transfers, made after the fact."""

    seq = models.BigIntegerField()
    transfer_id = models.UUIDField()
    transfer_txid = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        db_table = "ledger_link"
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "seq"], name="ledger_link_seq"),
            models.UniqueConstraint(fields=["platform_id", "transfer_id"], name="ledger_link_once"),
        ]
