"""Messages (留言) between a buyer and a merchant about an order."""

from typing import ClassVar

from django.db import models

from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from marketplace.models.order import Order


class OrderMessage(TenantModel):
    """One message; rows are only added. ``side`` is whose it is: buyer, merchant, operator."""

    TEXTS_OF: ClassVar = ("subject_id",)

    key = models.UUIDField()
    order = TenantForeignKey(Order, models.PROTECT, related_name="messages", db_index=False)
    merchant_id = models.UUIDField()
    subject_id = models.UUIDField()
    side = models.CharField(max_length=10)
    person_id = models.UUIDField(null=True)
    text = SealedText()
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="marketplace_message_key"),
        ]
        indexes = [
            models.Index(fields=["platform_id", "order", "id"], name="marketplace_message_order"),
            models.Index(
                fields=["platform_id", "merchant_id", "side", "id"],
                name="marketplace_message_merchant",
            ),
        ]


class MessageMark(TenantModel):
    """Up to which message a side has read an order's; what came after is unread."""

    order = TenantForeignKey(Order, models.PROTECT, related_name="message_marks", db_index=False)
    side = models.CharField(max_length=10)
    read_id = models.UUIDField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "order", "side"], name="marketplace_mark_once"
            ),
        ]
