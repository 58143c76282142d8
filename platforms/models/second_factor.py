"""A person's second factor (双因素验证), its recovery codes, and what was confirmed with it."""

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey, TenantModel
from kernel.states import StatefulModel, Transitions
from platforms.contracts import SecondFactorState


class SecondFactor(StatefulModel):
    """One authenticator app of a person (RFC 6238). The secret is sealed under the person's key.

    ``last_step`` is the last time step whose code was taken, so that no code works twice.
    """

    TRANSITIONS = Transitions(
        SecondFactorState,
        initial=SecondFactorState.PENDING,
        moves={
            SecondFactorState.PENDING: {SecondFactorState.ACTIVE, SecondFactorState.REMOVED},
            SecondFactorState.ACTIVE: {SecondFactorState.REMOVED},
        },
    )

    person = TenantForeignKey("platforms.Person", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10, choices=SecondFactorState, default=SecondFactorState.PENDING
    )
    secret_sealed = models.TextField()
    last_step = models.BigIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "person"],
                condition=Q(state=SecondFactorState.ACTIVE),
                name="platforms_factor_active",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "person"],
                condition=Q(state=SecondFactorState.PENDING),
                name="platforms_factor_pending",
            ),
        ]


class RecoveryCode(TenantModel):
    """A code for when the app is lost, as a keyed hash; each works once."""

    factor = TenantForeignKey(SecondFactor, on_delete=models.PROTECT, related_name="codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "factor", "code_hash"], name="platforms_recovery_code"
            )
        ]


class Confirmation(TenantModel):
    """A person's word, given with the second factor at that moment, for one purpose and object.

    ``digest`` is the SHA-256 of what was before the person's eyes. Used once, within minutes.
    """

    person = TenantForeignKey("platforms.Person", on_delete=models.PROTECT, related_name="+")
    factor = TenantForeignKey(SecondFactor, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    method = models.CharField(max_length=10)
    confirmed_at = models.DateTimeField()
    business_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "person", "id"], name="platforms_confirmation_of")
        ]
