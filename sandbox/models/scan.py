"""What Alipay and WeChat Pay keep: merchants with their keys, trades to scan, refunds."""

from django.db import models

from .base import Owned


class ScanMerchant(Owned):
    """One merchant's access. ``number`` is the app id (Alipay) or merchant number (WeChat Pay);
    ``merchant_key`` is the merchant's public key, ``keys`` the provider's own: play keys, as they
    are. With ``mode`` certificate WeChat signs by ``certificates``, the last of them first."""

    channel = models.CharField(max_length=10)
    number = models.CharField(max_length=32)
    appid = models.CharField(max_length=32, default="")
    seller = models.CharField(max_length=32, default="")
    merchant_key = models.TextField()
    merchant_serial = models.CharField(max_length=60, default="")
    private_key = models.TextField()
    public_key = models.TextField()
    public_key_id = models.CharField(max_length=60, default="")
    apiv3_key = models.CharField(max_length=32, default="")
    mode = models.CharField(max_length=20, default="public_key")
    certificates = models.JSONField(default=list)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["channel", "number"], name="sandbox_scan_merchant")
        ]


class TradeState(models.TextChoices):
    NEW = "new"  # nobody scanned it yet
    WAITING = "waiting"
    PAID = "paid"
    DECLINED = "declined"
    CLOSED = "closed"


class ScanTrade(Owned):
    """``number`` is the merchant's, ``transaction`` ours once it is paid; ``token`` names the page
    that the code opens."""

    merchant = models.ForeignKey(ScanMerchant, models.CASCADE, related_name="+")
    number = models.CharField(max_length=64)
    transaction = models.CharField(max_length=40, default="")
    token = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=10, choices=TradeState, default=TradeState.NEW)
    amount = models.BigIntegerField()
    refunded = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)
    subject = models.CharField(max_length=256)
    notify_url = models.CharField(max_length=2000, default="")
    return_url = models.CharField(max_length=2000, default="")
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="sandbox_scan_trade")
        ]


class ScanRefund(Owned):
    trade = models.ForeignKey(ScanTrade, models.CASCADE, related_name="refunds")
    number = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=256, default="")
    status = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["trade", "number"], name="sandbox_scan_refund")
        ]


class VirtualAccount(Owned):
    """An account number of the bank that stands for one payment."""

    key = models.CharField(max_length=255)
    number = models.CharField(max_length=34, unique=True)
    reference = models.CharField(max_length=140)
    currency = models.CharField(max_length=3)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_virtual_account_key")
        ]


class BankCredit(Owned):
    """A transfer that came in."""

    number = models.CharField(max_length=34)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer = models.JSONField(default=dict)
    remittance = models.CharField(max_length=140, default="")
    created_at = models.DateTimeField()

    class Meta(Owned.Meta):
        pass
