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
    """A code for when app and passkeys are lost, as a keyed hash; each works once.

    It belongs to the person; those made while there were only apps, to their ``factor``.
    """

    person = TenantForeignKey(
        "platforms.Person",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
    )
    factor = TenantForeignKey(
        SecondFactor,
        on_delete=models.PROTECT,
        related_name="codes",
        null=True,
        db_index=False,
    )
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "factor", "code_hash"], name="platforms_recovery_code"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "person", "code_hash"], name="platforms_recovery_of"
            ),
        ]


class Confirmation(TenantModel):
    """A person's word, given with the second factor at that moment, for one purpose and object.

    ``digest`` is the SHA-256 of what was before the person's eyes. Used once, within minutes.
    ``method`` says by what: the app (``factor``), a ``passkey``, or a recovery code.
    """

    person = TenantForeignKey(
        "platforms.Person", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    factor = TenantForeignKey(SecondFactor, on_delete=models.PROTECT, related_name="+", null=True)
    passkey = TenantForeignKey(
        "platforms.Passkey", on_delete=models.PROTECT, related_name="+", null=True
    )
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
