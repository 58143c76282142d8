"""Expected receipts (在途采购): what a supplier is to bring, and what of it has arrived."""

from typing import ClassVar

from django.db import models

from inventory.contracts import ReceiptState
from inventory.models.stock import DIGITS, PLACES
from inventory.models.warehouse import Warehouse
from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions


class Receipt(StatefulModel):
    """Known by the merchant's own ``reference``, its number of the purchase."""

    TRANSITIONS = Transitions(
        ReceiptState,
        initial=ReceiptState.DRAFT,
        moves={
            ReceiptState.DRAFT: {ReceiptState.EXPECTED, ReceiptState.CANCELLED},
            ReceiptState.EXPECTED: {
                ReceiptState.PARTLY_RECEIVED,
                ReceiptState.RECEIVED,
                ReceiptState.CANCELLED,
            },
            ReceiptState.PARTLY_RECEIVED: {ReceiptState.RECEIVED},
        },
    )

    merchant_id = models.UUIDField()
    warehouse = TenantForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField(max_length=100)
    expected_on = models.DateField(null=True)
    note = SealedText()
    state = models.CharField(max_length=20, choices=ReceiptState, default=ReceiptState.DRAFT)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "reference"],
                name="inventory_receipt_reference",
            )
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="inventory_receipt_updated",
            ),
        ]


class ReceiptLine(TenantModel):
    """So much of a variant is expected; ``received`` may be more than that."""

    receipt = TenantForeignKey(Receipt, models.CASCADE, related_name="lines", db_index=False)
    variant_id = models.UUIDField()
    unit = models.CharField(max_length=3)
    expected = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES)
    received = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "receipt", "variant_id"], name="inventory_receiptline_once"
            ),
            models.CheckConstraint(
                condition=models.Q(expected__gt=0) & models.Q(received__gte=0),
                name="inventory_receiptline_quantity",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "variant_id"], name="inventory_receiptline_variant")
        ]


class Arrival(TenantModel):
    """One delivery, booked once under the number of its delivery note."""

    TEXTS_OF: ClassVar = ("receipt_id",)

    receipt = TenantForeignKey(Receipt, models.PROTECT, related_name="arrivals", db_index=False)
    delivery = models.CharField(max_length=100)
    lines = models.JSONField()
    note = SealedText()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "receipt", "delivery"], name="inventory_arrival_once"
            )
        ]
