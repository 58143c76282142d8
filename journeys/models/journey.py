"""A journey (流程): persisted steps across contexts, each with its undo; and orders' timelines."""

from typing import ClassVar

from django.db import models

from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions


class Journey(StatefulModel):
    """One run of a definition. ``position`` counts finished steps; when undoing, it is the step
    to be undone next. ``called`` says that the step's outside call was committed as an intent."""

    class State(models.TextChoices):
        RUNNING = "running"
        WAITING = "waiting"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"
        NEEDS_ATTENTION = "needs_attention"

    TRANSITIONS = Transitions(
        State,
        initial=State.RUNNING,
        moves={
            State.RUNNING: {State.WAITING, State.DONE, State.UNDOING, State.NEEDS_ATTENTION},
            State.WAITING: {State.RUNNING, State.UNDOING},
            State.UNDOING: {State.UNDONE, State.NEEDS_ATTENTION},
            State.NEEDS_ATTENTION: {State.RUNNING, State.UNDOING, State.UNDONE},
        },
    )

    kind = models.CharField(max_length=40)
    key = models.UUIDField()
    state = models.CharField(max_length=20, choices=State, default=State.RUNNING)
    subject = models.CharField(max_length=40, blank=True)
    merchant_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    called = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_id = models.UUIDField(null=True)
    next_run_at = models.DateTimeField(null=True)
    deadline = models.DateTimeField(null=True)
    error = models.JSONField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "kind", "key"], name="journeys_key")
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "state", "next_run_at"],
                name="journeys_open",
                condition=~models.Q(state__in=["done", "undone"]),
            ),
            models.Index(fields=["platform_id", "subject"], name="journeys_subject"),
        ]


class JourneyStep(TenantModel):
    """One thing that happened to a step; rows are only added."""

    TEXTS_OF: ClassVar = ("journey_id",)

    journey = TenantForeignKey(
        Journey, on_delete=models.PROTECT, related_name="steps", db_index=False
    )
    name = models.CharField(max_length=40)
    what = models.CharField(max_length=20)
    attempt = models.PositiveSmallIntegerField(default=0)
    detail = SealedText()
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["platform_id", "journey"], name="journeys_step_journey")]


class TimelineEntry(TenantModel):
    """One line of an order's timeline, made from an event of any context."""

    order_id = models.UUIDField()
    event_id = models.UUIDField()
    kind = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    params = models.JSONField(default=dict)
    document = models.CharField(max_length=500, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "order_id", "event_id"], name="journeys_timeline_once"
            )
        ]


class ChainSeal(TenantModel):
    """The heads of the ledger's and the audit trail's hash chains at the end of a day (UTC),
    stamped (RFC 3161) by the platform's timestamp authority.

    The stamp is over sha256 of ``document``, which names the heads; ``token`` is the
    TimeStampToken (CMS, DER), so that the row proves itself without the authority's own log.
    """

    day = models.DateField()
    document = models.TextField()
    ledger_seq = models.BigIntegerField()
    ledger_head = models.CharField(max_length=64)
    audit_seq = models.BigIntegerField()
    audit_head = models.CharField(max_length=64)
    timestamp_id = models.UUIDField()
    stamped_at = models.DateTimeField()
    token = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "day"], name="journeys_seal_day")
        ]
