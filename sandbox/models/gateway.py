"""What the card gateway keeps."""

from django.db import models

from .base import Owned, id_field, link_field


class Customer(Owned):
    """``data`` holds the fields that are only stored and shown again."""

    email = models.CharField(max_length=512, null=True)
    deleted = models.BooleanField(default=False)
    data = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class PaymentMethod(Owned):
    """A card, known by the name of its magic value; its number is never kept."""

    magic = models.CharField(max_length=60)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    exp_month = models.PositiveSmallIntegerField()
    exp_year = models.PositiveSmallIntegerField()
    cvc_given = models.BooleanField(default=False)
    billing_details = models.JSONField(default=dict)
    allow_redisplay = models.CharField(max_length=20, default="unspecified")
    metadata = models.JSONField(default=dict)
    used = models.BooleanField(default=False)
    authenticated = models.BooleanField(default=False)
    detached = models.BooleanField(default=False)

    class Meta(Owned.Meta):
        pass


class IntentStatus(models.TextChoices):
    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class PaymentIntent(Owned):
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=30, choices=IntentStatus)
    capture_method = models.CharField(max_length=20)
    amount_capturable = models.BigIntegerField(default=0)
    amount_received = models.BigIntegerField(default=0)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    payment_method = models.ForeignKey(PaymentMethod, models.CASCADE, null=True, related_name="+")
    latest_charge = id_field(null=True)
    client_secret = models.CharField(max_length=120)
    action_token = models.CharField(max_length=60, unique=True, null=True)
    return_url = models.CharField(max_length=5000, null=True)
    last_payment_error = models.JSONField(null=True)
    canceled_at = models.BigIntegerField(null=True)
    cancellation_reason = models.CharField(max_length=30, null=True)
    data = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class Charge(Owned):
    payment_intent = models.ForeignKey(
        PaymentIntent, models.CASCADE, null=True, related_name="charges"
    )
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    payment_method = id_field()
    magic = models.CharField(max_length=60)
    amount = models.BigIntegerField()
    amount_captured = models.BigIntegerField(default=0)
    amount_refunded = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    captured = models.BooleanField(default=False)
    balance_transaction = id_field(null=True)
    failure_code = models.CharField(max_length=60, null=True)
    failure_message = models.CharField(max_length=500, null=True)
    outcome = models.JSONField(null=True)
    data = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class Refund(Owned):
    charge = models.ForeignKey(Charge, models.CASCADE, related_name="refunds")
    payment_intent = models.ForeignKey(PaymentIntent, models.CASCADE, null=True, related_name="+")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    reason = models.CharField(max_length=30, null=True)
    pending_reason = models.CharField(max_length=30, null=True)
    failure_reason = models.CharField(max_length=60, null=True)
    balance_transaction = id_field(null=True)
    failure_balance_transaction = id_field(null=True)
    transfer_reversal = link_field()
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class BalanceTransaction(Owned):
    """One movement of the account's gateway balance; amounts never change."""

    amount = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    net = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    type = models.CharField(max_length=30)
    reporting_category = models.CharField(max_length=30)
    source = id_field(null=True)
    available_on = models.BigIntegerField()
    # the part of the fee that goes to the account's platform
    application_fee = models.BigIntegerField(default=0)
    # the automatic payout that settled this movement
    payout = link_field()
    description = models.CharField(max_length=1000, null=True)

    class Meta(Owned.Meta):
        indexes = [
            *Owned.Meta.indexes,
            models.Index(fields=["account", "source"], name="sandbox_btx_source"),
            models.Index(fields=["account", "payout"], name="sandbox_btx_payout"),
        ]
