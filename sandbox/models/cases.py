"""What the gateway keeps beside payments: disputes, cards to keep, checkout pages, files."""

from django.db import models

from .base import Owned, link_field
from .gateway import Charge, Customer, PaymentIntent, PaymentMethod


class Dispute(Owned):
    """A buyer's complaint at their bank about one charge."""

    charge = models.ForeignKey(Charge, models.CASCADE, related_name="disputes")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=60)
    status = models.CharField(max_length=30)
    due_by = models.BigIntegerField()
    submissions = models.PositiveIntegerField(default=0)
    balance_transactions = models.JSONField(default=list)
    evidence = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class SetupIntent(Owned):
    """A card to be kept for later, without a payment now."""

    status = models.CharField(max_length=30)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    payment_method = models.ForeignKey(PaymentMethod, models.CASCADE, null=True, related_name="+")
    client_secret = models.CharField(max_length=120)
    action_token = models.CharField(max_length=60, unique=True, null=True)
    return_url = models.CharField(max_length=5000, null=True)
    usage = models.CharField(max_length=20, default="off_session")
    cancellation_reason = models.CharField(max_length=30, null=True)
    last_setup_error = models.JSONField(null=True)
    data = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class CheckoutSession(Owned):
    """A hosted page on which a buyer pays, or leaves a card."""

    mode = models.CharField(max_length=20)
    status = models.CharField(max_length=20)
    payment_status = models.CharField(max_length=30)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    payment_intent = models.ForeignKey(PaymentIntent, models.CASCADE, null=True, related_name="+")
    setup_intent = models.ForeignKey(SetupIntent, models.CASCADE, null=True, related_name="+")
    currency = models.CharField(max_length=3, null=True)
    amount_total = models.BigIntegerField(null=True)
    expires_at = models.BigIntegerField()
    line_items = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class TestClock(Owned):
    """A time of its own for some customers; it may begin anywhere and then only goes forward."""

    __test__ = False

    name = models.CharField(max_length=300, null=True)
    frozen_time = models.BigIntegerField()
    target_time = models.BigIntegerField(null=True)
    deletes_after = models.BigIntegerField()

    class Meta(Owned.Meta):
        pass


class StoredFile(Owned):
    purpose = models.CharField(max_length=60)
    filename = models.CharField(max_length=300)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()

    class Meta(Owned.Meta):
        pass


class Document(Owned):
    """An object that is mostly stored and shown again: a price, a token, a bank account …"""

    kind = models.CharField(max_length=40)
    parent = link_field()
    status = models.CharField(max_length=30, default="active")
    data = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        indexes = [
            *Owned.Meta.indexes,
            models.Index(fields=["account", "kind", "parent"], name="sandbox_document_parent"),
        ]
