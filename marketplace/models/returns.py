"""Returns (退货) and exchanges (换货): what a buyer sends back of a delivered order, for a refund
or for a replacement."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from marketplace.contracts_returns import Cause, ReturnKind, ReturnState, Turned
from marketplace.models.order import Order, OrderLine


class Return(StatefulModel):
    """Lines and quantities of one order. ``key`` makes asking repeatable. Amounts in minor units
    of the order's currency: foreseen at first, for good once the goods are received.
    ``platform_back`` is what of its part in the discounts the platform gets back.
    ``dispute_id`` is the complaint that the buyer opened after a refusal; decided for the buyer,
    it ends the return as refunded.

    An exchange is a return that ends with a replacement; where that can't be, it is ``turned`` into
    one for a refund. ``ship_key`` is the run that has the replacement in hand."""

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
            ReturnState.RECEIVED: {ReturnState.REFUNDED, ReturnState.RESENT},
            ReturnState.RESENT: {
                ReturnState.EXCHANGED,
                ReturnState.RECEIVED,
                ReturnState.REFUNDED,
            },
            ReturnState.REJECTED: {ReturnState.REFUNDED},
        },
    )

    state = models.CharField(max_length=12, choices=ReturnState, default=ReturnState.REQUESTED)
    kind = models.CharField(max_length=8, choices=ReturnKind, default=ReturnKind.REFUND)
    turned = models.CharField(max_length=12, choices=Turned, default="", blank=True)
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
    ship_by = models.DateTimeField(null=True)
    ship_key = models.UUIDField(null=True)
    shipment_id = models.UUIDField(null=True)
    resent_waybill = models.CharField(max_length=60, default="", blank=True)
    resent_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    confirm_by = models.DateTimeField(null=True)
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
            models.CheckConstraint(
                condition=Q(kind="exchange", turned="") & ~Q(state="refunded")
                | Q(kind="refund") & ~Q(state__in=["resent", "exchanged"]),
                name="marketplace_return_kind",
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
            models.Index(
                fields=["platform_id", "ship_by"],
                name="marketplace_return_ship",
                condition=Q(state="received", kind="exchange"),
            ),
            models.Index(
                fields=["platform_id", "confirm_by"],
                name="marketplace_return_confirm",
                condition=Q(state="resent"),
            ),
        ]


class ReturnLine(TenantModel):
    """So much of an order's line; ``refund`` is what went back for it. ``of`` is the line of an
    exchange whose replacement goes back here; without it the goods are the order's own.

    An exchange's line was ``wished`` as one variant; ``variant_id`` is what is given for it."""

    parent = TenantForeignKey(Return, models.PROTECT, related_name="lines", db_index=False)
    line = TenantForeignKey(OrderLine, models.PROTECT, related_name="returns", db_index=False)
    of = TenantForeignKey(
        "marketplace.ReturnLine", models.PROTECT, related_name="next", db_index=False, null=True
    )
    quantity = models.DecimalField(max_digits=10, decimal_places=3)
    refund = models.BigIntegerField(default=0)
    wished = models.UUIDField(null=True)
    variant_id = models.UUIDField(null=True)
    sku = models.CharField(max_length=64, default="", blank=True)
    titles = models.JSONField(default=dict, blank=True)
    weight_grams = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "parent", "line"],
                condition=Q(of__isnull=True),
                name="marketplace_returnline_once",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "parent", "of"],
                condition=Q(of__isnull=False),
                name="marketplace_returnline_of_once",
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
