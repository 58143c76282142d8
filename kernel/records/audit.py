"""Who changed what, when: rows that nobody can change, and the chain over them."""

from django.db import models

from kernel.models import TenantModel
from kernel.records.fields import transaction_id
from kernel.sealed_text import SealedText


class AuditRecord(TenantModel):
    """One change. The database refuses UPDATE and DELETE. Persons appear by id, never by name.

    The table is cut by quarters (``kernel.partitions``)."""

    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    actor_person_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=120, default="")
    merchant_id = models.UUIDField(null=True)
    action = models.CharField(max_length=120)
    target_type = models.CharField(max_length=80)
    target_id = models.UUIDField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    business_at = models.DateTimeField()
    created_at = models.DateTimeField()
    request_id = models.CharField(max_length=64, default="")
    txid = transaction_id()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "txid", "id"], name="kernel_audit_order"),
            models.Index(fields=["platform_id", "target_id", "id"], name="kernel_audit_target"),
        ]


class RetentionHold(TenantModel):
    """A legal hold: while any stands, nothing that may be evidence is dropped from the database."""

    reason = SealedText()
    since = models.DateTimeField()
    released_at = models.DateTimeField(null=True)


class AuditChain(TenantModel):
    """One link: the hash over one audit row and the link before. Append-only too."""

    seq = models.BigIntegerField()
    record_id = models.UUIDField()
    record_txid = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "seq"], name="kernel_chain_seq"),
            models.UniqueConstraint(fields=["platform_id", "record_id"], name="kernel_chain_once"),
        ]
