"""The double-entry ledger (复式账). Only the database function ``ledger_post`` writes these tables;
the application may read them. See ledger/sql/ledger.sql and docs/ledger.md.
"""

from django.db import models
from django.db.models import F, Q

from kernel.models import TenantModel
from kernel.sealed_text import SealedText
from payments.ledger_contracts import AlarmKind


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


class LedgerStripe(TenantModel):
    """A part of the counters of an account without a limit. Nothing is decided by such an
    account's balance, so transactions needn't wait for each other: each adds to a stripe that no
    other holds. The account's counters are its own and those of its stripes together."""

    account_id = models.UUIDField()
    debits_pending = models.BigIntegerField()
    debits_posted = models.BigIntegerField()
    credits_pending = models.BigIntegerField()
    credits_posted = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        db_table = "ledger_stripe"
        indexes = [models.Index(fields=["account_id", "id"], name="ledger_stripe_account")]


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
            # An account's id is made of its platform's: no need to name that here too.
            models.Index(fields=["debit_id", "created_at"], name="ledger_transfer_debit"),
            models.Index(fields=["credit_id", "created_at"], name="ledger_transfer_credit"),
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


class LedgerAlarm(TenantModel):
    """Something about the ledger that must never be so; open until ``ended_at``.

    A tripped CHECK ends when an operator has looked at it, the others when they are so no more.
    Written by a connection of its own where the transaction that found it falls.
    """

    kind = models.CharField(max_length=20, choices=AlarmKind)
    detail = models.TextField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    note = SealedText()

    class Meta(TenantModel.Meta):
        db_table = "ledger_alarm"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "kind"],
                condition=Q(ended_at__isnull=True),
                name="ledger_alarm_open",
            )
        ]
        indexes = [
            # What /readyz asks, over all platforms.
            models.Index(
                fields=["kind"], condition=Q(ended_at__isnull=True), name="ledger_alarm_ready"
            )
        ]
