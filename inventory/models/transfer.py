"""Transfers (调拨): goods on their way between two warehouses of one merchant."""

from django.db import models

from inventory.contracts import TransferState
from inventory.models.stock import DIGITS, PLACES
from inventory.models.warehouse import Warehouse
from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions


class Transfer(StatefulModel):
    """While it is sent, its goods lie in neither warehouse. ``key`` makes asking repeatable."""

    TRANSITIONS = Transitions(
        TransferState,
        initial=TransferState.REQUESTED,
        moves={
            TransferState.REQUESTED: {TransferState.SENT, TransferState.CANCELLED},
            TransferState.SENT: {TransferState.RECEIVED, TransferState.CANCELLED},
        },
    )

    key = models.UUIDField()
    merchant_id = models.UUIDField()
    source = TenantForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    target = TenantForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    note = SealedText()
    loss_cause = models.CharField(max_length=20, default="", blank=True)
    loss_note = SealedText()
    state = models.CharField(max_length=20, choices=TransferState, default=TransferState.REQUESTED)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="inventory_transfer_key"),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="inventory_transfer_apart"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="inventory_transfer_updated",
            ),
        ]


class TransferLine(TenantModel):
    """``received`` is empty until it arrives; what is missing then is lost."""

    transfer = TenantForeignKey(Transfer, models.CASCADE, related_name="lines", db_index=False)
    variant_id = models.UUIDField()
    unit = models.CharField(max_length=3)
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES)
    received = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "transfer", "variant_id"],
                name="inventory_transferline_once",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0)
                & (
                    models.Q(received__isnull=True)
                    | (models.Q(received__gte=0) & models.Q(received__lte=models.F("quantity")))
                ),
                name="inventory_transferline_quantity",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "variant_id"], name="inventory_transferline_variant"
            )
        ]
