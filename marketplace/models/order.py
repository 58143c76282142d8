"""Orders (订单): a group for what was bought at once, one order for each merchant in it."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.models import AggregateModel, ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions

# What the buyer pays, and that no discount is more than what it is taken from.
_PAID = models.Q(
    total=models.F("goods_total") - models.F("discount_total") + models.F("shipping_total")
)
_DISCOUNTS = models.Q(platform_discount__gte=0) & models.Q(
    platform_discount__lte=models.F("discount_total")
)


class OrderGroup(AggregateModel):
    """One checkout's orders. Totals are the sums of theirs, in minor units: ``total``, what the
    buyer pays, is goods - discount + shipping; of the discount the platform pays
    ``platform_discount`` to the merchants.

    ``key`` makes placing repeatable. ``sealed_details`` is contact and address, ``sealed_note``
    the buyer's words, both sealed for ``subject_id``, as the cart's were.
    """

    key = models.UUIDField()
    number = models.CharField(max_length=20)
    cart_id = models.UUIDField()
    token_hash = models.CharField(max_length=64, null=True)
    buyer_id = models.UUIDField(null=True)
    currency = models.CharField(max_length=3)
    goods_total = models.BigIntegerField()
    discount_total = models.BigIntegerField(default=0)
    platform_discount = models.BigIntegerField(default=0)
    shipping_total = models.BigIntegerField()
    total = models.BigIntegerField()
    region = models.CharField(max_length=2)
    subject_id = models.UUIDField()
    sealed_details = models.TextField()
    sealed_note = models.TextField(default="", blank=True)
    placed_at = models.DateTimeField()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="marketplace_group_key"),
            models.UniqueConstraint(
                fields=["platform_id", "number"], name="marketplace_group_number"
            ),
            models.CheckConstraint(condition=_PAID, name="marketplace_group_total"),
            models.CheckConstraint(
                condition=_DISCOUNTS & models.Q(discount_total__lte=models.F("goods_total")),
                name="marketplace_group_discounts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "token_hash", "id"],
                name="marketplace_group_guest",
                condition=models.Q(token_hash__isnull=False),
            ),
            models.Index(fields=["platform_id", "subject_id"], name="marketplace_group_subject"),
        ]


class Order(StatefulModel, ExternalRefModel):
    """One merchant's part of a group. Amounts in minor units of ``currency``, frozen when placed.

    ``total``, what the buyer pays, is goods - discount + shipping; ``platform_discount`` is the
    part of ``discount_total`` that the platform pays to the merchant. ``discounts`` says line by
    line how they came about (``marketplace.contracts.AppliedDiscount``). ``commission_rate`` in per
    cent, of the merchant's revenue of goods: goods - discount + platform's part, no shipping.
    ``shipping`` is the state of an order of which a parcel is being booked: it can't be cancelled
    then. ``partly_shipped``: something was sent, and something is left to be. ``shipment_id`` and
    ``waybill`` are those of the parcel that was sent last.
    ``cancelled_total`` is what goes back to the buyer for parts that were cancelled before sending;
    from ``packing_at`` on the buyer asks the merchant before cancelling. Times are business times;
    ``complete_at`` is when a delivered order counts as completed. ``language`` is what a guest
    ordered in (``zh-hans``), for letters; a buyer's is the account's.
    """

    TEXTS_OF: ClassVar = ("buyer_id",)

    class State(models.TextChoices):
        PENDING_PAYMENT = "pending_payment", _("Waiting for payment")
        PAID = "paid", _("Paid")
        SHIPPING = "shipping", _("Being handed to the carrier")
        PARTLY_SHIPPED = "partly_shipped", _("Partly shipped")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        COMPLETED = "completed", _("Completed")
        CANCELLING = "cancelling", _("Being cancelled")
        CANCELLED = "cancelled", _("Cancelled")

    TRANSITIONS = Transitions(
        State,
        initial=State.PENDING_PAYMENT,
        moves={
            State.PENDING_PAYMENT: {State.PAID, State.CANCELLED},
            State.PAID: {State.SHIPPING, State.SHIPPED, State.CANCELLING},
            State.SHIPPING: {State.SHIPPED, State.PARTLY_SHIPPED, State.PAID},
            State.PARTLY_SHIPPED: {State.SHIPPING, State.SHIPPED},
            State.SHIPPED: {State.DELIVERED},
            State.DELIVERED: {State.COMPLETED},
            State.CANCELLING: {State.CANCELLED, State.PAID},
        },
    )

    state = models.CharField(max_length=16, choices=State, default=State.PENDING_PAYMENT)
    group = TenantForeignKey(OrderGroup, models.PROTECT, related_name="orders", db_index=False)
    number = models.CharField(max_length=24)
    merchant_id = models.UUIDField()
    buyer_id = models.UUIDField(null=True)
    language = models.CharField(max_length=10, default="", db_default="", blank=True)
    currency = models.CharField(max_length=3)
    goods_total = models.BigIntegerField()
    discount_total = models.BigIntegerField(default=0)
    platform_discount = models.BigIntegerField(default=0)
    shipping_total = models.BigIntegerField()
    total = models.BigIntegerField()
    cancelled_total = models.BigIntegerField(default=0)
    discounts = models.JSONField(default=list)
    commission_rate = models.DecimalField(max_digits=7, decimal_places=4)
    commission = models.BigIntegerField()
    weight_grams = models.BigIntegerField()
    rate_code = models.CharField(max_length=40)
    rate_name = models.JSONField(default=dict)
    carrier = models.CharField(max_length=40)
    shipment_id = models.UUIDField(null=True)
    waybill = models.CharField(max_length=60, default="", blank=True)
    cancel_reason = SealedText()
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    packing_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    complete_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "number"], name="marketplace_order_number"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "group", "merchant_id"], name="marketplace_order_once"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                name="marketplace_order_external",
            ),
            models.CheckConstraint(condition=_PAID, name="marketplace_order_total"),
            models.CheckConstraint(
                condition=_DISCOUNTS & models.Q(discount_total__lte=models.F("goods_total")),
                name="marketplace_order_discounts",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_total__gte=0)
                & models.Q(cancelled_total__lte=models.F("total")),
                name="marketplace_order_cancelled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="marketplace_order_updated",
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="marketplace_order_of_merchant"
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "state", "id"],
                name="marketplace_order_in_state",
            ),
            models.Index(
                fields=["platform_id", "buyer_id", "id"],
                name="marketplace_order_of_buyer",
                condition=models.Q(buyer_id__isnull=False),
            ),
            models.Index(fields=["platform_id", "updated_at", "id"], name="marketplace_order_all"),
            models.Index(
                fields=["platform_id", "complete_at"],
                name="marketplace_order_complete",
                condition=models.Q(state="delivered"),
            ),
        ]


class OrderLine(TenantModel):
    """What was ordered, as it was called and priced then. ``total`` = unit price × quantity, before
    discounts; the buyer pays ``total`` - ``discount_total``, of which the platform pays
    ``platform_discount`` to the merchant. Minor units. ``price_list`` has the id and the names
    of the list that ``unit_price`` is from, and ``public_price`` is what everybody else paid for a
    unit; empty where it is the public price. All of it stays as it was placed, but for
    ``cancelled``: how much of ``quantity`` isn't sent; ``sent``, how much a carrier has got; and
    ``delivered``, how much of that has arrived."""

    order = TenantForeignKey(Order, models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    variant_id = models.UUIDField()
    product_id = models.UUIDField()
    sku = models.CharField(max_length=64)
    titles = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    unit = models.CharField(max_length=3)
    quantity = models.DecimalField(max_digits=10, decimal_places=3)
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    public_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    price_list = models.JSONField(default=dict)
    total = models.BigIntegerField()
    discount_total = models.BigIntegerField(default=0)
    platform_discount = models.BigIntegerField(default=0)
    weight_grams = models.PositiveIntegerField()
    cancelled = models.DecimalField(max_digits=10, decimal_places=3, default=Decimal(0))
    sent = models.DecimalField(max_digits=10, decimal_places=3, default=Decimal(0))
    delivered = models.DecimalField(max_digits=10, decimal_places=3, default=Decimal(0))

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "order", "variant_id"], name="marketplace_line_once"
            ),
            models.CheckConstraint(
                condition=_DISCOUNTS & models.Q(discount_total__lte=models.F("total")),
                name="marketplace_line_discounts",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled__gte=0)
                & models.Q(cancelled__lte=models.F("quantity")),
                name="marketplace_line_cancelled",
            ),
            models.CheckConstraint(
                condition=models.Q(sent__gte=0)
                & models.Q(sent__lte=models.F("quantity") - models.F("cancelled"))
                & models.Q(delivered__gte=0)
                & models.Q(delivered__lte=models.F("sent")),
                name="marketplace_line_sent",
            ),
        ]
