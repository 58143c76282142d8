"""Returns (退货): what a buyer sends back of a delivered order, for a refund."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from marketplace.contracts_returns import Cause, ReturnState
from marketplace.models.order import Order, OrderLine


class Return(StatefulModel):
    """Lines and quantities of one order. ``key`` makes asking repeatable. Amounts in minor units
    of the order's currency: foreseen at first, for good once the goods are received.
    ``platform_back`` is what of its part in the discounts the platform gets back.
    ``dispute_id`` is the complaint that the buyer opened after a refusal; decided for the buyer,
    it ends the return as refunded."""

    TEXTS_OF: ClassVar = ("buyer_id",)
    State = ReturnState

    TRANSITIONS: ClassVar[Transitions[ReturnState]] = Transitions(
        ReturnState,
        initial=ReturnState.REQUESTED,
        moves={
            ReturnState.REQUESTED: {
                ReturnState.APPROVED,
                ReturnState.REJECTED,
                ReturnState.WITHDRAWN,
            },
            ReturnState.APPROVED: {
                ReturnState.SENT,
                ReturnState.RECEIVED,
                ReturnState.WITHDRAWN,
                ReturnState.LAPSED,
            },
            ReturnState.SENT: {ReturnState.RECEIVED, ReturnState.REJECTED},
            ReturnState.RECEIVED: {ReturnState.REFUNDED},
            ReturnState.REJECTED: {ReturnState.REFUNDED},
        },
    )

    state = models.CharField(max_length=12, choices=ReturnState, default=ReturnState.REQUESTED)
    key = models.UUIDField()
    order = TenantForeignKey(Order, models.PROTECT, related_name="returns", db_index=False)
    number = models.CharField(max_length=30)
    merchant_id = models.UUIDField()
    buyer_id = models.UUIDField(null=True)
    currency = models.CharField(max_length=3)
    cause = models.CharField(max_length=20, choices=Cause)
    text = SealedText()
    answer = SealedText()
    send_to = SealedText()
    carrier = models.CharField(max_length=40, default="", blank=True)
    waybill = models.CharField(max_length=60, default="", blank=True)
    shipping_refund = models.BigIntegerField(default=0)
    refund_total = models.BigIntegerField(default=0)
    platform_back = models.BigIntegerField(default=0)
    restocked = models.BooleanField(null=True)
    refund_id = models.UUIDField(null=True)
    dispute_id = models.UUIDField(null=True)
    requested_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    send_by = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    receive_by = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="marketplace_return_key"),
            models.UniqueConstraint(
                fields=["platform_id", "number"], name="marketplace_return_number"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "dispute_id"],
                condition=Q(dispute_id__isnull=False),
                name="marketplace_return_dispute",
            ),
            models.CheckConstraint(
                condition=Q(shipping_refund__gte=0, refund_total__gte=0, platform_back__gte=0),
                name="marketplace_return_amounts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "state", "id"], name="marketplace_return_list"
            ),
            models.Index(
                fields=["platform_id", "buyer_id", "id"],
                name="marketplace_return_buyer",
                condition=Q(buyer_id__isnull=False),
            ),
            models.Index(fields=["platform_id", "order"], name="marketplace_return_order"),
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="marketplace_return_updated"
            ),
            models.Index(
                fields=["platform_id", "answer_by"],
                name="marketplace_return_answer",
                condition=Q(state="requested"),
            ),
            models.Index(
                fields=["platform_id", "send_by"],
                name="marketplace_return_send",
                condition=Q(state="approved"),
            ),
            models.Index(
                fields=["platform_id", "receive_by"],
                name="marketplace_return_receive",
                condition=Q(state="sent"),
            ),
        ]


class ReturnLine(TenantModel):
    """So much of an order's line; ``refund`` is what went back for it."""

    parent = TenantForeignKey(Return, models.PROTECT, related_name="lines", db_index=False)
    line = TenantForeignKey(OrderLine, models.PROTECT, related_name="returns", db_index=False)
    quantity = models.DecimalField(max_digits=10, decimal_places=3)
    refund = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "parent", "line"], name="marketplace_returnline_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, refund__gte=0), name="marketplace_returnline_amounts"
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "line"], name="marketplace_returnline_line"),
        ]


class ReturnPicture(TenantModel):
    """A picture that the buyer shows, sealed under the return's own key."""

    TEXTS_OF: ClassVar = ("parent_id",)

    parent = TenantForeignKey(Return, models.PROTECT, related_name="pictures", db_index=False)
    name = SealedText()
    type = models.CharField(max_length=50)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "parent", "id"], name="marketplace_returnpic_list"),
        ]
