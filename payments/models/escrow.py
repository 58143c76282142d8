"""Escrow (担保): the buyer's money for one order is kept until the goods are accepted."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kernel.models import ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts_guarantee import Acceptance, EscrowState, SplitKind
from payments.models.intent import IntentShare


class Escrow(ExternalRefModel, StatefulModel):
    """The guarantee over one share of a payment. ``release_days`` after ``delivered_at`` (business
    times) the money is released by itself, save with ``inspection``. ``token_digest`` is of the
    secret with which a buyer who has no account here accepts. ``inspected`` is the part, from 0 to
    1, that the latest inspection released."""

    TRANSITIONS: ClassVar[Transitions[EscrowState]] = Transitions(
        EscrowState,
        initial={EscrowState.AWAITING, EscrowState.HELD},
        moves={
            EscrowState.AWAITING: {EscrowState.HELD, EscrowState.CANCELED},
            EscrowState.HELD: {
                EscrowState.FROZEN,
                EscrowState.RELEASED,
                EscrowState.RETURNED,
            },
            EscrowState.FROZEN: {
                EscrowState.HELD,
                EscrowState.RELEASED,
                EscrowState.RETURNED,
            },
            EscrowState.RELEASED: {EscrowState.FROZEN},
        },
    )

    state = models.CharField(max_length=20, choices=EscrowState, default=EscrowState.AWAITING)
    share = TenantForeignKey(
        IntentShare, on_delete=models.PROTECT, related_name="escrows", db_index=False
    )
    intent_id = models.UUIDField()
    merchant_id = models.UUIDField()
    payer_id = models.UUIDField(null=True)
    reference = models.CharField(max_length=100)
    accept = models.CharField(max_length=20, choices=Acceptance)
    release_days = models.PositiveSmallIntegerField()
    token_digest = models.CharField(max_length=64, blank=True, default="")
    delivered_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    inspected = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    inspection_report = models.CharField(max_length=200, blank=True, default="")

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "share"], name="payments_escrow_share"),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="payments_escrow_external",
            ),
            models.CheckConstraint(
                condition=Q(inspected__isnull=True) | Q(inspected__gte=0, inspected__lte=1),
                name="payments_escrow_inspected",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant_id", "id"], name="payments_escrow_list"),
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="payments_escrow_updated"
            ),
            models.Index(fields=["platform_id", "reference"], name="payments_escrow_reference"),
            models.Index(fields=["platform_id", "payer_id", "id"], name="payments_escrow_payer"),
            models.Index(fields=["platform_id", "intent_id"], name="payments_escrow_intent"),
        ]


class EscrowSplit(TenantModel):
    """What of the merchant's part goes to somebody else when it is released; minor units.

    A tax follows the sale: a refund makes it smaller. Carriage is owed in full. ``payee_id`` is a
    merchant of the platform that carries; without one the platform owes it to an outsider."""

    TEXTS_OF: ClassVar = ("escrow_id",)

    escrow = TenantForeignKey(
        Escrow, on_delete=models.PROTECT, related_name="splits", db_index=False
    )
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=SplitKind)
    name = SealedText()
    payee_id = models.UUIDField(null=True)
    amount = models.BigIntegerField()
    paid = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "escrow", "place"], name="payments_split_place"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(paid__gte=0) & Q(paid__lte=F("amount")),
                name="payments_split_amounts",
            ),
        ]


class Reserve(TenantModel):
    """Money of a merchant that is kept back: a part of each release for some days, or what an
    open dispute is about. ``left`` is what still is; ``until`` is business time."""

    merchant_id = models.UUIDField()
    currency = models.CharField(max_length=3)
    cause = models.CharField(max_length=20)
    source_id = models.UUIDField()
    amount = models.BigIntegerField()
    left = models.BigIntegerField()
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "cause", "source_id"], name="payments_reserve_source"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(left__gte=0) & Q(left__lte=F("amount")),
                name="payments_reserve_amounts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "until"],
                condition=Q(left__gt=0, until__isnull=False),
                name="payments_reserve_due",
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "currency", "id"],
                condition=Q(left__gt=0),
                name="payments_reserve_owner",
            ),
        ]
