"""Cancellations (部分取消): so much of an order's lines as isn't sent, for a refund."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from marketplace.contracts_cancelling import CancelCause, CancellationState
from marketplace.models.order import Order, OrderLine


class Cancellation(StatefulModel):
    """Lines and quantities of one order. ``key`` makes asking repeatable. Amounts in minor units
    of the order's currency: foreseen while it is requested, for good once it is carried out.
    ``platform_back`` is what of its part in the discounts the platform gets back. ``whole``:
    nothing of the order was left, so that the order is cancelled with it. ``restocked``: whether
    the goods went back on sale. ``answer_by``: until when a merchant answers what was asked for;
    ``by_itself``: none did, so that time accepted it."""

    TEXTS_OF: ClassVar = ("buyer_id",)
    State = CancellationState

    TRANSITIONS: ClassVar[Transitions[CancellationState]] = Transitions(
        CancellationState,
        initial=CancellationState.REQUESTED,
        moves={
            CancellationState.REQUESTED: {
                CancellationState.REFUNDING,
                CancellationState.REJECTED,
                CancellationState.WITHDRAWN,
                CancellationState.LAPSED,
            },
            CancellationState.REFUNDING: {CancellationState.REFUNDED},
        },
    )

    state = models.CharField(
        max_length=12, choices=CancellationState, default=CancellationState.REQUESTED
    )
    key = models.UUIDField()
    order = TenantForeignKey(Order, models.PROTECT, related_name="cancellations", db_index=False)
    number = models.CharField(max_length=30)
    merchant_id = models.UUIDField()
    buyer_id = models.UUIDField(null=True)
    currency = models.CharField(max_length=3)
    side = models.CharField(max_length=10)
    cause = models.CharField(max_length=20, choices=CancelCause)
    text = SealedText()
    answer = SealedText()
    whole = models.BooleanField(default=False)
    restocked = models.BooleanField(null=True)
    shipping_refund = models.BigIntegerField(default=0)
    refund_total = models.BigIntegerField(default=0)
    platform_back = models.BigIntegerField(default=0)
    refund_id = models.UUIDField(null=True)
    requested_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    by_itself = models.BooleanField(default=False)
    begun_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="marketplace_cancel_key"),
            models.UniqueConstraint(
                fields=["platform_id", "number"], name="marketplace_cancel_number"
            ),
            models.CheckConstraint(
                condition=Q(shipping_refund__gte=0, refund_total__gte=0, platform_back__gte=0),
                name="marketplace_cancel_amounts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "state", "id"], name="marketplace_cancel_list"
            ),
            models.Index(
                fields=["platform_id", "buyer_id", "id"],
                name="marketplace_cancel_buyer",
                condition=Q(buyer_id__isnull=False),
            ),
            models.Index(fields=["platform_id", "order"], name="marketplace_cancel_order"),
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="marketplace_cancel_updated"
            ),
            models.Index(
                fields=["platform_id", "answer_by", "id"],
                name="marketplace_cancel_answer",
                condition=Q(state="requested"),
            ),
        ]


class CancellationLine(TenantModel):
    """So much of an order's line; ``refund`` is what goes back for it."""

    parent = TenantForeignKey(Cancellation, models.PROTECT, related_name="lines", db_index=False)
    line = TenantForeignKey(OrderLine, models.PROTECT, related_name="cancellations", db_index=False)
    quantity = models.DecimalField(max_digits=10, decimal_places=3)
    refund = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "parent", "line"], name="marketplace_cancelline_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, refund__gte=0), name="marketplace_cancelline_amounts"
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "line"], name="marketplace_cancelline_line"),
        ]
