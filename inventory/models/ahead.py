"""What is sold before it is there: the setting of a variant, and what was promised to whom."""

from django.db import models
from django.db.models import F, Q

from inventory.contracts_ahead import AheadMode
from inventory.models.reservation import Reservation
from inventory.models.stock import DIGITS, PLACES
from kernel.models import AggregateModel, TenantForeignKey, TenantModel


class Ahead(AggregateModel):
    """Whether a variant is sold beyond its stock: back-order (缺货预订) or pre-order (预售).

    ``promised`` is what of its promises isn't filled, held or paid; at most ``most`` (None: no
    limit) while something may be promised. Whoever changes a promise holds this row's lock.
    """

    merchant_id = models.UUIDField()
    variant_id = models.UUIDField()
    unit = models.CharField(max_length=3)
    mode = models.CharField(max_length=10, choices=AheadMode, default=AheadMode.NONE)
    most = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    lead_days = models.PositiveSmallIntegerField(null=True)
    release_on = models.DateField(null=True)
    promised = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, default=0)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "variant_id"], name="inventory_ahead_once"
            ),
            models.CheckConstraint(
                condition=Q(promised__gte=0)
                & (Q(mode="none") | Q(most__isnull=True) | Q(promised__lte=F("most"))),
                name="inventory_ahead_limit",
            ),
            models.CheckConstraint(
                condition=Q(mode="none")
                | Q(mode="backorder", lead_days__isnull=False)
                | Q(mode="preorder", release_on__isnull=False),
                name="inventory_ahead_terms",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="inventory_ahead_merchant"
            ),
            models.Index(
                fields=["platform_id", "release_on"],
                name="inventory_ahead_release",
                condition=Q(mode="preorder"),
            ),
        ]


class Promise(TenantModel):
    """What a reservation was promised of one variant: of ``quantity`` beyond stock so much is
    ``filled``, so much ``released`` (cancelled); the rest waits. A pre-order has one even where all
    came from stock, as nothing of it is sent before ``due_on``. ``agreed_on`` is the date that the
    buyer was told when buying; ``committed``: it is paid.
    """

    reservation = TenantForeignKey(
        Reservation, models.CASCADE, related_name="promises", db_index=False
    )
    merchant_id = models.UUIDField()
    variant_id = models.UUIDField()
    unit = models.CharField(max_length=3)
    mode = models.CharField(max_length=10, choices=AheadMode)
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES)
    filled = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, default=0)
    released = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, default=0)
    due_on = models.DateField()
    agreed_on = models.DateField()
    committed = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "reservation", "variant_id"], name="inventory_promise_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0)
                & Q(filled__gte=0)
                & Q(released__gte=0)
                & Q(quantity__gte=F("filled") + F("released")),
                name="inventory_promise_quantity",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "variant_id", "reservation"],
                name="inventory_promise_waiting",
                condition=Q(quantity__gt=F("filled") + F("released")),
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "due_on", "id"],
                name="inventory_promise_due",
                condition=Q(committed=True) & Q(quantity__gt=F("filled") + F("released")),
            ),
        ]
