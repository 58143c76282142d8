"""Reservations (预留): goods held for a buyer, and goods put back."""

from django.db import models

from inventory.contracts import ReservationState
from inventory.models.stock import DIGITS, PLACES, Stock
from kernel.models import TenantForeignKey, TenantModel
from kernel.states import StatefulModel, Transitions


class Reservation(StatefulModel):
    """Known by the caller's ``key``. ``expires_at`` is on the business clock.

    A held one counts in ``reserved`` of its stocks. An expired one can be held again, if there
    is enough; a committed one is released when its goods are put back under the same key.
    """

    TRANSITIONS = Transitions(
        ReservationState,
        initial=ReservationState.HELD,
        moves={
            ReservationState.HELD: {
                ReservationState.COMMITTED,
                ReservationState.RELEASED,
                ReservationState.EXPIRED,
            },
            ReservationState.EXPIRED: {ReservationState.HELD, ReservationState.RELEASED},
            ReservationState.COMMITTED: {ReservationState.RELEASED},
        },
    )

    key = models.UUIDField()
    state = models.CharField(max_length=10, choices=ReservationState, default=ReservationState.HELD)
    expires_at = models.DateTimeField()
    wanted = models.JSONField(default=dict)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="inventory_reservation_key")
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "expires_at", "id"],
                name="inventory_reservation_due",
                condition=models.Q(state="held"),
            )
        ]


class ReservationLine(TenantModel):
    """What a reservation takes from one stock; lines of the same stock are summed into one."""

    reservation = TenantForeignKey(
        Reservation, models.CASCADE, related_name="lines", db_index=False
    )
    stock = TenantForeignKey(
        Stock, models.PROTECT, related_name="reservation_lines", db_index=False
    )
    merchant_id = models.UUIDField()
    variant_id = models.UUIDField()
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES)
    returned = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "reservation", "stock"], name="inventory_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0)
                & models.Q(returned__gte=0)
                & models.Q(returned__lte=models.F("quantity")),
                name="inventory_line_quantity",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "stock"], name="inventory_line_stock"),
            models.Index(
                fields=["platform_id", "merchant_id", "reservation"],
                name="inventory_line_merchant",
            ),
        ]


class Restock(TenantModel):
    """Goods put back once under a key, so that a repetition changes nothing."""

    key = models.UUIDField()
    lines = models.JSONField()
    reason = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="inventory_restock_key")
        ]
