"""Transfers that came in at the bank (入账), each matched to a payment or explained."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.models.intent import PaymentIntent
from payments.stray import CreditState

_State = CreditState


class BankCredit(StatefulModel):
    """``bank_id`` is the bank's number of the entry, ``account`` our virtual account. ``used`` of
    ``amount`` went to ``intent``; what isn't used is kept apart in the ledger until it is matched
    or returned. ``payer_sealed`` is who paid, from which account: personal, under the row's id."""

    TRANSITIONS: ClassVar[Transitions[CreditState]] = Transitions(
        CreditState,
        initial=CreditState.UNMATCHED,
        moves={
            _State.UNMATCHED: {
                _State.MATCHED,
                _State.UNDERPAID,
                _State.OVERPAID,
                _State.RETURNING,
            },
            _State.UNDERPAID: {
                _State.MATCHED,
                _State.OVERPAID,
                _State.UNMATCHED,
                _State.RETURNING,
            },
            _State.OVERPAID: {_State.RETURNING},
            _State.RETURNING: {
                _State.RETURNED,
                _State.UNMATCHED,
                _State.UNDERPAID,
                _State.OVERPAID,
            },
        },
    )

    state = models.CharField(max_length=20, choices=CreditState, default=CreditState.UNMATCHED)
    bank_id = models.CharField(max_length=100)
    account = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    used = models.BigIntegerField(default=0)
    returned = models.BigIntegerField(default=0)
    remittance = SealedText()
    payer_sealed = models.TextField()
    intent = TenantForeignKey(
        PaymentIntent,
        on_delete=models.PROTECT,
        null=True,
        related_name="credits",
        db_index=False,
    )
    reason = models.CharField(max_length=40, blank=True, default="")
    before_return = models.CharField(max_length=20, blank=True, default="")
    return_number = models.PositiveSmallIntegerField(default=0)
    return_amount = models.BigIntegerField(default=0)
    transfer_id = models.CharField(max_length=255, null=True)
    failure_code = models.CharField(max_length=100, blank=True, default="")
    received_at = models.DateTimeField()
    checks = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "bank_id"], name="payments_credit_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                & Q(used__gte=0)
                & Q(returned__gte=0)
                & Q(amount__gte=models.F("used") + models.F("returned")),
                name="payments_credit_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "state", "id"], name="payments_credit_queue"),
            models.Index(fields=["platform_id", "intent", "id"], name="payments_credit_intent"),
            models.Index(
                fields=["platform_id", "next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="payments_credit_due",
            ),
        ]
