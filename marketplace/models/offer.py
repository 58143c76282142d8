"""What a variant costs (报价), and what it cost before."""

from django.db import models

from kernel.models import ExternalRefModel, TenantForeignKey, TenantModel
from kernel.states import StatefulModel, Transitions


class Offer(StatefulModel, ExternalRefModel):
    """The one price of a variant. ``unit_price`` is in major units, ``price_key`` the same in
    minor units, rounded, to sort and filter by. While a sale (``sale_id``) reduces it,
    ``regular_price`` is what it costs otherwise, ``lowest_before`` the lowest of the 30 days before
    the sale, and ``sale_ends_at`` (business time) when it is over."""

    class State(models.TextChoices):
        ACTIVE = "active"
        WITHDRAWN = "withdrawn"

    TRANSITIONS = Transitions(
        State,
        initial=State.ACTIVE,
        moves={State.ACTIVE: {State.WITHDRAWN}, State.WITHDRAWN: {State.ACTIVE}},
        endless=True,
    )

    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    variant_id = models.UUIDField()
    merchant_id = models.UUIDField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    price_key = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    sale_id = models.UUIDField(null=True)
    regular_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    lowest_before = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    sale_ends_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "variant_id"], name="marketplace_offer_variant"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                name="marketplace_offer_external",
            ),
            models.CheckConstraint(
                condition=models.Q(unit_price__gt=0), name="marketplace_offer_above_0"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="marketplace_offer_updated",
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="marketplace_offer_list"
            ),
            models.Index(
                fields=["platform_id", "sale_ends_at", "id"],
                name="marketplace_offer_on_sale",
                condition=models.Q(sale_id__isnull=False),
            ),
        ]


class PriceRecord(TenantModel):
    """A price as it was set, from ``valid_from`` (business time) on; rows are only added.

    ``unit_price`` is None from when the offer was withdrawn.
    """

    offer = TenantForeignKey(Offer, models.PROTECT, related_name="history", db_index=False)
    unit_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3)
    valid_from = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "offer", "id"], name="marketplace_price_history")
        ]
