"""API keys; the raw key is shown once and never stored."""

from typing import ClassVar

from django.db import models

from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from platforms.contracts import KeyKind, KeyState


class ApiKey(StatefulModel):
    """One key. ``key_id`` is its public part, ``secret_hash`` the SHA-256 of the whole key: its
    190 random bits need no slow hash. ``expires_at`` ends the overlap after a rotation."""

    TEXTS_OF: ClassVar = ("person_id",)

    TRANSITIONS = Transitions(
        KeyState,
        initial=KeyState.ACTIVE,
        moves={KeyState.ACTIVE: {KeyState.REVOKED}},
    )

    state = models.CharField(max_length=10, choices=KeyState, default=KeyState.ACTIVE)
    key_id = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64)
    last4 = models.CharField(max_length=4)
    name = SealedText()
    kind = models.CharField(max_length=10, choices=KeyKind)
    merchant = TenantForeignKey(
        "platforms.Merchant",
        on_delete=models.PROTECT,
        related_name="keys",
        null=True,
        db_index=False,
    )
    person = TenantForeignKey(
        "platforms.Person", on_delete=models.PROTECT, related_name="keys", null=True
    )
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    replaced_by = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key_id"], name="platforms_key_public"),
            models.CheckConstraint(
                condition=models.Q(kind=KeyKind.MERCHANT, merchant__isnull=False)
                | models.Q(kind=KeyKind.BUYER, person__isnull=False, merchant__isnull=True)
                | models.Q(kind=KeyKind.OPERATOR, merchant__isnull=True),
                name="platforms_key_holder",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant", "id"], name="platforms_key_list")
        ]
