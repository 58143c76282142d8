"""Tokens sent by mail: invitations and password resets. Only their hashes are stored."""

from django.db import models

from kernel.models import TenantForeignKey, TenantModel
from kernel.states import StatefulModel, Transitions
from platforms.contracts import InvitationState, Role


class Invitation(StatefulModel):
    """An offer of a role to an address, taken once, until it expires."""

    TRANSITIONS = Transitions(
        InvitationState,
        initial=InvitationState.PENDING,
        moves={InvitationState.PENDING: {InvitationState.ACCEPTED, InvitationState.REVOKED}},
    )

    state = models.CharField(
        max_length=10, choices=InvitationState, default=InvitationState.PENDING
    )
    email_sealed = models.TextField()
    email_lookup = models.CharField(max_length=64)
    role = models.CharField(max_length=20, choices=Role)
    merchant = TenantForeignKey(
        "platforms.Merchant",
        on_delete=models.PROTECT,
        related_name="invitations",
        null=True,
        db_index=False,
    )
    staff_role = TenantForeignKey(
        "platforms.StaffRole", on_delete=models.PROTECT, related_name="invitations", null=True
    )
    language = models.CharField(max_length=10, default="zh-hans")
    token_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    accepted_by = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "token_hash"], name="platforms_invitation_token"
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant"], name="platforms_invitation_team")
        ]


class PasswordReset(TenantModel):
    """One permission to set a new password; used once."""

    person = TenantForeignKey("platforms.Person", on_delete=models.CASCADE, related_name="resets")
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "token_hash"], name="platforms_reset_token"
            )
        ]


class EmailChange(TenantModel):
    """One permission to use another address, mailed to that address; used once. The address is
    sealed under the person's key."""

    person = TenantForeignKey("platforms.Person", on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64)
    email_sealed = models.TextField()
    email_lookup = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "token_hash"], name="platforms_email_token"
            )
        ]
