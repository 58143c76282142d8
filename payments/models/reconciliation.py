"""Reconciliation (对账): statements as they came, days, and exceptions (差错)."""

from typing import ClassVar

from django.db import models

from kernel.models import AggregateModel, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.recon_contracts import DayState, ExceptionState


class ReconStatement(TenantModel):
    """A statement's bytes with their hash; never changed. The newest that covers a day counts."""

    side = models.CharField(max_length=10)
    first = models.DateField()
    last = models.DateField()
    account = models.CharField(max_length=255, blank=True, default="")
    data = models.BinaryField()
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    uploaded_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "side", "sha256"], name="payments_reconstatement_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "side", "last", "first"], name="payments_reconstatement_days"
            ),
        ]


class ReconDay(AggregateModel):
    """How a business day came out when it was last compared; ``figures`` by side."""

    day = models.DateField()
    state = models.CharField(max_length=12, choices=DayState)
    open = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict)
    absent = models.JSONField(default=list)
    problem = models.CharField(max_length=500, blank=True, default="")

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "day"], name="payments_reconday_one"),
        ]


class ReconException(StatefulModel):
    """One disagreement; ``mark`` names it on every run, ``detail`` has each side's rows."""

    TRANSITIONS: ClassVar[Transitions[ExceptionState]] = Transitions(
        ExceptionState,
        initial=ExceptionState.OPEN,
        moves={
            ExceptionState.OPEN: {ExceptionState.SETTLED, ExceptionState.RESOLVED},
            ExceptionState.SETTLED: {ExceptionState.OPEN},
        },
    )

    state = models.CharField(max_length=10, choices=ExceptionState, default=ExceptionState.OPEN)
    mark = models.CharField(max_length=400)
    kind = models.CharField(max_length=20)
    where = models.CharField(max_length=10, blank=True, default="")
    day = models.DateField()
    document = models.CharField(max_length=255)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    expected = SealedText()
    found = SealedText()
    fix = models.CharField(max_length=20)
    detail = models.JSONField(default=dict)
    resolution = models.CharField(max_length=20, blank=True, default="")
    note = SealedText()
    entry = models.CharField(max_length=40, blank=True, default="")
    resolved_by = models.UUIDField(null=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "mark"], name="payments_reconexception_mark"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "state", "id"], name="payments_reconexception_list"
            ),
            models.Index(fields=["platform_id", "day"], name="payments_reconexception_day"),
        ]
