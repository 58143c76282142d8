"""Guarantee deposits (保证金): frozen from a wallet until the matter they secure is decided."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts import DepositState


class Deposit(StatefulModel):
    """``payer_id`` is whose wallet it came from, ``merchant_id`` whom it secures, ``reference``
    the merchant's own name of the matter: an auction, a tender, a lot. Amounts in minor units;
    ``ended_at`` is business time."""

    TEXTS_OF: ClassVar = ("payer_id",)

    TRANSITIONS: ClassVar[Transitions[DepositState]] = Transitions(
        DepositState,
        initial=DepositState.HELD,
        moves={DepositState.HELD: {DepositState.RETURNED, DepositState.FORFEITED}},
    )

    state = models.CharField(max_length=20, choices=DepositState, default=DepositState.HELD)
    key = models.UUIDField()
    payer_id = models.UUIDField()
    merchant_id = models.UUIDField()
    reference = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    forfeited = models.BigIntegerField(default=0)
    reason = SealedText()
    ended_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="payments_deposit_key"),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "reference", "payer_id"],
                condition=Q(state="held"),
                name="payments_deposit_one",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(forfeited__gte=0) & Q(forfeited__lte=F("amount")),
                name="payments_deposit_amounts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "reference", "state", "id"],
                name="payments_deposit_matter",
            ),
            models.Index(fields=["platform_id", "merchant_id", "id"], name="payments_deposit_list"),
            models.Index(fields=["platform_id", "payer_id", "id"], name="payments_deposit_payer"),
        ]
