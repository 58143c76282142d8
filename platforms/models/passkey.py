"""Passkeys (通行密钥, WebAuthn) and the questions that are put to them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from platforms.contracts_passkeys import ChallengePurpose, PasskeyState


class Passkey(StatefulModel):
    """A key pair whose private half stays with the person's device; it works at ``rp_id`` only.

    ``sign_count`` is what the device counted last: one that falls back is that of a copy. Once
    removed, nothing of the key is kept.
    """

    TEXTS_OF: ClassVar = ("person_id",)

    TRANSITIONS = Transitions(
        PasskeyState,
        initial=PasskeyState.ACTIVE,
        moves={
            PasskeyState.ACTIVE: {PasskeyState.SUSPENDED, PasskeyState.REMOVED},
            PasskeyState.SUSPENDED: {PasskeyState.REMOVED},
        },
    )

    person = TenantForeignKey(
        "platforms.Person", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=PasskeyState, default=PasskeyState.ACTIVE)
    name = SealedText()
    rp_id = models.CharField(max_length=253)
    credential_id = models.BinaryField()
    credential_hash = models.CharField(max_length=64)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    synced = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "credential_hash"],
                condition=~Q(state=PasskeyState.REMOVED),
                name="platforms_passkey_credential",
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "person", "id"], name="platforms_passkey_of")
        ]


class PasskeyChallenge(TenantModel):
    """A random question, put to one browser at one host for one purpose, answered once.

    The browser is known by ``holder_hash``. After the right answer to ``prove``, ``proof_hash``
    is that of the code which stands for it until ``expires_at``; using it deletes the row.
    """

    person = TenantForeignKey(
        "platforms.Person",
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        db_index=False,
    )
    purpose = models.CharField(max_length=10, choices=ChallengePurpose)
    holder_hash = models.CharField(max_length=64)
    challenge_hash = models.CharField(max_length=64)
    rp_id = models.CharField(max_length=253)
    passkey = TenantForeignKey(Passkey, on_delete=models.CASCADE, related_name="+", null=True)
    proof_hash = models.CharField(max_length=64, default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "challenge_hash"], name="platforms_passkey_challenge"
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "person"], name="platforms_passkey_asked"),
            models.Index(fields=["platform_id", "expires_at"], name="platforms_passkey_expiry"),
        ]
