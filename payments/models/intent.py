"""Payment intents (支付单): one sum to collect, split among merchants, in as many attempts as it
takes."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kernel.models import ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts import AttemptState, CaptureMethod, IntentState, Purpose


class PaymentIntent(ExternalRefModel, StatefulModel):
    """``reference`` is the caller's (an order group's public id); ``merchant_id`` is set for an
    intent that a merchant made through the API for itself. ``payer_id`` is a person or merchant:
    whose wallet may pay, and for a top-up whose wallet gets it. ``gateway`` and ``gateway_id`` are
    those of the attempt in hand, in the end of the one that paid."""

    TEXTS_OF: ClassVar = ("payer_id",)

    TRANSITIONS: ClassVar[Transitions[IntentState]] = Transitions(
        IntentState,
        initial=IntentState.REQUIRES_PAYMENT_METHOD,
        moves={
            IntentState.REQUIRES_PAYMENT_METHOD: {
                IntentState.PROCESSING,
                IntentState.SUCCEEDED,
                IntentState.CANCELED,
            },
            IntentState.PROCESSING: {
                IntentState.REQUIRES_PAYMENT_METHOD,
                IntentState.REQUIRES_ACTION,
                IntentState.REQUIRES_CAPTURE,
                IntentState.SUCCEEDED,
                IntentState.CANCELED,
            },
            IntentState.REQUIRES_ACTION: {
                IntentState.REQUIRES_PAYMENT_METHOD,
                IntentState.PROCESSING,
                IntentState.REQUIRES_CAPTURE,
                IntentState.SUCCEEDED,
                IntentState.CANCELED,
            },
            IntentState.REQUIRES_CAPTURE: {IntentState.SUCCEEDED, IntentState.CANCELED},
        },
    )

    state = models.CharField(
        max_length=30, choices=IntentState, default=IntentState.REQUIRES_PAYMENT_METHOD
    )
    key = models.UUIDField()
    merchant_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.SALE)
    payer_id = models.UUIDField(null=True)
    reference = models.CharField(max_length=100)
    description = SealedText()
    amount = models.BigIntegerField()
    amount_refunded = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    payment_method_types = models.JSONField(default=list)
    hold = models.BooleanField(default=True)
    gateway = models.CharField(max_length=20, blank=True, default="")
    gateway_id = models.CharField(max_length=255, null=True)
    redirect_url = models.CharField(max_length=2000, blank=True, default="")
    qr = models.CharField(max_length=1000, blank=True, default="")
    return_url = models.CharField(max_length=2000, blank=True, default="")
    pay_by = models.DateTimeField(null=True)
    capture_method = models.CharField(
        max_length=10, choices=CaptureMethod, default=CaptureMethod.AUTOMATIC
    )
    amount_authorized = models.BigIntegerField(null=True)
    capture_before = models.DateTimeField(null=True)
    capture_requested = models.BooleanField(default=False)
    lapse_warned_at = models.DateTimeField(null=True)
    failure_code = models.CharField(max_length=100, blank=True, default="")
    failure_message = models.CharField(max_length=500, blank=True, default="")
    cancel_requested = models.BooleanField(default=False)
    gateway_fee = models.BigIntegerField(null=True)
    captured_at = models.DateTimeField(null=True)
    checks = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="payments_intent_key"),
            models.UniqueConstraint(
                fields=["platform_id", "gateway", "gateway_id"],
                condition=Q(gateway_id__isnull=False),
                name="payments_intent_gateway",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="payments_intent_external",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                & Q(amount_refunded__gte=0)
                & Q(amount_refunded__lte=F("amount")),
                name="payments_intent_amounts",
            ),
            models.CheckConstraint(
                condition=Q(purpose="sale") | Q(payer_id__isnull=False),
                name="payments_intent_payer",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "reference"], name="payments_intent_reference"),
            models.Index(fields=["platform_id", "merchant_id", "id"], name="payments_intent_list"),
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="payments_intent_updated",
            ),
            models.Index(
                fields=["platform_id", "payer_id", "id"],
                condition=Q(purpose="topup"),
                name="payments_intent_topups",
            ),
            models.Index(
                fields=["platform_id", "next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="payments_intent_due",
            ),
            models.Index(
                fields=["platform_id", "capture_before"],
                condition=Q(state="requires_capture"),
                name="payments_intent_lapsing",
            ),
        ]


class IntentShare(TenantModel):
    """What of an intent belongs to one merchant, for one order; amounts in minor units. ``amount``
    is the buyer's, to which the platform adds ``subsidy`` (平台补贴) when it is captured.

    ``refunded``, ``commission_refunded``, ``subsidy_refunded`` and ``taken`` count refunds in
    flight too; ``taken`` is
    what refunds took from the pending balance, ``released`` what went on from there.
    ``available_at`` is business time; until ``held_until`` it isn't released all the same.
    ``freezes`` counts the disputes that are open over it.
    """

    intent = TenantForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="shares", db_index=False
    )
    place = models.PositiveSmallIntegerField()
    merchant_id = models.UUIDField()
    reference = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    commission = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    commission_refunded = models.BigIntegerField(default=0)
    subsidy = models.BigIntegerField(default=0)
    subsidy_refunded = models.BigIntegerField(default=0)
    taken = models.BigIntegerField(default=0)
    released = models.BigIntegerField(default=0)
    freezes = models.PositiveSmallIntegerField(default=0)
    captured = models.BooleanField(default=False)
    available_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    @property
    def net(self) -> int:
        """What is the merchant's of it before any refund, in minor units."""
        return self.amount + self.subsidy - self.commission

    @property
    def held(self) -> int:
        """What is still pending for the merchant, in minor units."""
        if self.released_at is not None or not self.captured:
            return 0
        return self.net - self.taken - self.released

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "intent", "place"], name="payments_share_place"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                & Q(commission__gte=0)
                & Q(commission__lte=F("amount") + F("subsidy"))
                & Q(subsidy__gte=0)
                & Q(subsidy_refunded__gte=0)
                & Q(subsidy_refunded__lte=F("subsidy"))
                & Q(refunded__gte=0)
                & Q(refunded__lte=F("amount"))
                & Q(commission_refunded__gte=0)
                & Q(commission_refunded__lte=F("commission"))
                & Q(taken__gte=0)
                & Q(released__gte=0)
                & Q(taken__lte=F("amount") + F("subsidy") - F("commission") - F("released")),
                name="payments_share_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "reference"], name="payments_share_reference"),
            models.Index(
                fields=["platform_id", "available_at"],
                condition=Q(captured=True, released_at__isnull=True, available_at__isnull=False),
                name="payments_share_due",
            ),
        ]


class Attempt(TenantModel):
    """One try to collect. Committed before the gateway is called; ``id`` is the gateway's
    idempotency key. ``answered_at`` is when the gateway's first definite answer was recorded.
    ``provider_id`` is what the gateway calls it; an attempt left for another way to pay is looked
    after until the gateway has closed it, or its late charge is given back."""

    intent = TenantForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="attempts", db_index=False
    )
    key = models.UUIDField(null=True)
    state = models.CharField(max_length=20, choices=AttemptState, default=AttemptState.IN_FLIGHT)
    payment_method = models.CharField(max_length=255)
    gateway = models.CharField(max_length=20, blank=True, default="")
    provider_id = models.CharField(max_length=255, null=True)
    save_card = models.BooleanField(default=False)
    return_url = models.CharField(max_length=2000, blank=True, default="")
    checks = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)
    failure_code = models.CharField(max_length=100, blank=True, default="")
    failure_message = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "intent"],
                condition=Q(state="in_flight"),
                name="payments_attempt_one",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "intent", "id"], name="payments_attempt_list"),
            models.Index(
                fields=["platform_id", "gateway", "provider_id"],
                condition=Q(provider_id__isnull=False),
                name="payments_attempt_provider",
            ),
            models.Index(
                fields=["platform_id", "next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="payments_attempt_due",
            ),
        ]
