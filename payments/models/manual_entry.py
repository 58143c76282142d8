"""Manual entries (手工分录): the only adjustments there are, each by two people."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.ledger_contracts import EntryState


class ManualEntry(StatefulModel):
    """``amount`` minor units from the debit to the credit account, each named by code and owner.
    An exchange is an entry from a wallet to ``liquidity`` for which ``bought`` minor units of
    ``bought_currency`` come into the same wallet.
    ``proposed_by`` and ``decided_by`` are people; the database too refuses that one person
    approves what it proposed. ``decided_at`` is business time."""

    TRANSITIONS: ClassVar[Transitions[EntryState]] = Transitions(
        EntryState,
        initial=EntryState.PROPOSED,
        moves={
            EntryState.PROPOSED: {
                EntryState.APPROVED,
                EntryState.REJECTED,
                EntryState.WITHDRAWN,
            }
        },
    )

    state = models.CharField(max_length=20, choices=EntryState, default=EntryState.PROPOSED)
    key = models.UUIDField()
    name = SealedText()
    reason = SealedText()
    debit_code = models.CharField(max_length=30)
    debit_owner = models.UUIDField(null=True)
    credit_code = models.CharField(max_length=30)
    credit_owner = models.UUIDField(null=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    bought = models.BigIntegerField(null=True)
    bought_currency = models.CharField(max_length=3, blank=True, default="")
    reference = models.CharField(max_length=100, blank=True, default="")
    proposed_by = models.UUIDField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    note = SealedText()

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="payments_entry_key"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_entry_amount"),
            models.CheckConstraint(
                condition=Q(bought__isnull=True) | Q(bought__gt=0), name="payments_entry_bought"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="payments_entry_four_eyes",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "state", "id"], name="payments_entry_list"),
        ]
