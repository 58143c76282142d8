"""What an outside inspector found of goods whose money is kept (检验结果)."""

from django.db import models

from kernel.models import AggregateModel, TenantForeignKey
from kernel.sealed_text import SealedText
from payments.contracts_guarantee import InspectionResult
from payments.models.escrow import Escrow


class EscrowInspection(AggregateModel):
    """One report about one escrow; never changed. ``effect`` is what followed of it at once;
    ``reported_by`` names the key or person that reported, ``at`` is business time."""

    escrow = TenantForeignKey(
        Escrow, on_delete=models.PROTECT, related_name="inspections", db_index=False
    )
    report = models.CharField(max_length=100)
    result = models.CharField(max_length=10, choices=InspectionResult)
    document_sha256 = models.CharField(max_length=64)
    note = SealedText()
    effect = models.CharField(max_length=20)
    dispute_id = models.UUIDField(null=True)
    reported_by = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "escrow", "report"], name="payments_inspection_report"
            ),
        ]
