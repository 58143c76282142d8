"""A cart (购物车): one row, read and written as a whole."""

from django.db import models

from kernel.models import AggregateModel


class Cart(AggregateModel):
    """A guest's cart, known by its token, or a buyer's.

    ``lines`` is a list of ``[variant, quantity, price]`` in the order of adding; ``price`` is what
    one unit cost then, as text, or null. ``shipping`` names the rate chosen for a merchant;
    ``codes`` are the coupon codes (优惠码) entered, in that order.
    ``sealed_details`` is contact and address, sealed for ``subject_id``: the buyer, or for a guest
    the cart itself. ``region`` alone stays readable, because prices of delivery depend on it.

    A cart is working data, not a document: its changes are not audited. What is ordered is.
    """

    token_hash = models.CharField(max_length=64, null=True)
    buyer_id = models.UUIDField(null=True)
    lines = models.JSONField(default=list)
    shipping = models.JSONField(default=dict)
    codes = models.JSONField(default=list)
    region = models.CharField(max_length=2, default="", blank=True)
    subject_id = models.UUIDField(null=True)
    sealed_details = models.TextField(default="", blank=True)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "token_hash"], name="marketplace_cart_token"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "buyer_id"], name="marketplace_cart_buyer"
            ),
            models.CheckConstraint(
                condition=models.Q(token_hash__isnull=False) | models.Q(buyer_id__isnull=False),
                name="marketplace_cart_owner",
            ),
        ]
        indexes = [models.Index(fields=["platform_id", "updated_at"], name="marketplace_cart_age")]
