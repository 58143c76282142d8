"""A merchant (商户) of a platform."""

from django.db import models

from kernel.models import ExternalRefModel, TenantModel
from kernel.states import StatefulModel, Transitions
from platforms.contracts import MerchantState


class Merchant(StatefulModel, ExternalRefModel):
    """Who sells. Contact address and bank account are stored sealed under the merchant's key.

    One that is ``closed`` never began: its application was refused, withdrawn or left lying. It
    can apply anew.
    """

    TRANSITIONS = Transitions(
        MerchantState,
        initial=MerchantState.APPLIED,
        moves={
            MerchantState.APPLIED: {
                MerchantState.IN_REVIEW,
                MerchantState.APPROVED,
                MerchantState.CLOSED,
            },
            MerchantState.IN_REVIEW: {
                MerchantState.APPROVED,
                MerchantState.APPLIED,
                MerchantState.CLOSED,
            },
            MerchantState.CLOSED: {MerchantState.APPLIED},
            MerchantState.APPROVED: {MerchantState.SUSPENDED},
            MerchantState.SUSPENDED: {MerchantState.APPROVED},
        },
        endless=True,
    )

    state = models.CharField(max_length=10, choices=MerchantState, default=MerchantState.APPLIED)
    slug = models.CharField(max_length=60)
    names = models.JSONField(default=dict)
    contact_email_sealed = models.TextField(default="", blank=True)
    payout_bank = models.CharField(max_length=100, default="", blank=True)
    payout_holder_sealed = models.TextField(default="", blank=True)
    payout_account_sealed = models.TextField(default="", blank=True)
    payout_account_last4 = models.CharField(max_length=4, default="", blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "slug"], name="platforms_merchant_slug"),
            models.UniqueConstraint(
                fields=["platform_id", "external_id"], name="platforms_merchant_external"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="platforms_merchant_updated"
            ),
            models.Index(fields=["platform_id", "state", "id"], name="platforms_merchant_state"),
        ]
