"""What the gateway keeps for marketplaces: money that goes on to others, and to banks."""

from django.db import models

from .base import Account, Owned, id_field, link_field


class Transfer(Owned):
    """Money of a platform's balance given to a connected account."""

    destination = models.ForeignKey(Account, models.CASCADE, related_name="+")
    amount = models.BigIntegerField()
    amount_reversed = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    balance_transaction = link_field()
    destination_payment = link_field()
    source_transaction = link_field()
    transfer_group = models.CharField(max_length=5000, null=True)
    description = models.CharField(max_length=5000, null=True)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class TransferReversal(Owned):
    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="reversals")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    balance_transaction = link_field()
    destination_payment_refund = link_field()
    source_refund = link_field()
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class ApplicationFee(Owned):
    """What a platform keeps of a charge; ``account`` is the platform, ``payer`` the seller."""

    payer = models.ForeignKey(Account, models.CASCADE, related_name="+")
    charge = id_field()
    originating_transaction = link_field()
    amount = models.BigIntegerField()
    amount_refunded = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    balance_transaction = link_field()

    class Meta(Owned.Meta):
        pass


class FeeRefund(Owned):
    fee = models.ForeignKey(ApplicationFee, models.CASCADE, related_name="refunds")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    balance_transaction = link_field()
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass


class Payout(Owned):
    """Money on its way to the account's own bank."""

    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    automatic = models.BooleanField(default=False)
    method = models.CharField(max_length=20, default="standard")
    destination = link_field()
    arrival_date = models.BigIntegerField()
    balance_transaction = link_field()
    failure_balance_transaction = link_field()
    failure_code = models.CharField(max_length=60, null=True)
    reversed_by = link_field()
    original_payout = link_field()
    data = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        pass
