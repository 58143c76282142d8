"""Who a merchant or a person is: identity, its papers, questions to the provider."""

from django.db import models
from django.db.models import Q

from certification.contracts.identity import (
    CheckKind,
    CheckState,
    IdentityKind,
    IdentityState,
    NumberKind,
    PaperKind,
)
from kernel.models import AggregateModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions

S = IdentityState
C = CheckState


class Identity(StatefulModel):
    """The identity (实名信息) of one merchant or person.

    What is stated is sealed under a key of the identity's own, so that it can be erased without
    touching the merchant or person. ``number_lookup`` finds the same number again.
    """

    TRANSITIONS = Transitions(
        IdentityState,
        initial=S.DRAFT,
        moves={
            S.DRAFT: {S.CHECKING, S.ERASED},
            S.CHECKING: {S.IN_REVIEW, S.NEEDS_MORE},
            S.IN_REVIEW: {S.VERIFIED, S.REJECTED, S.NEEDS_MORE, S.ERASED},
            S.NEEDS_MORE: {S.CHECKING, S.DRAFT, S.ERASED},
            S.VERIFIED: {S.EXPIRED, S.DRAFT, S.ERASED},
            S.REJECTED: {S.DRAFT, S.ERASED},
            S.EXPIRED: {S.CHECKING, S.DRAFT, S.ERASED},
        },
    )

    kind = models.CharField(max_length=10, choices=IdentityKind)
    merchant_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    state = models.CharField(max_length=12, choices=IdentityState, default=S.DRAFT)
    level = models.CharField(max_length=10, default="none")
    proven = models.JSONField(default=list)
    particulars_sealed = models.TextField(default="", blank=True)
    number_kind = models.CharField(max_length=12, choices=NumberKind, default="", blank=True)
    number_lookup = models.CharField(max_length=64, default="", blank=True)
    valid_until = models.DateField(null=True)
    reason = SealedText()
    claimed_by = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    ever_verified_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id"],
                condition=Q(merchant_id__isnull=False) & ~Q(state=S.ERASED),
                name="certification_identity_merchant",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "person_id"],
                condition=Q(person_id__isnull=False) & ~Q(state=S.ERASED),
                name="certification_identity_person",
            ),
            models.CheckConstraint(
                condition=Q(kind="company", merchant_id__isnull=False, person_id__isnull=True)
                | Q(kind="person", merchant_id__isnull=True, person_id__isnull=False),
                name="certification_identity_subject",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "state", "submitted_at", "id"],
                name="certification_identity_queue",
            ),
            models.Index(
                fields=["platform_id", "number_lookup"],
                condition=~Q(number_lookup=""),
                name="certification_identity_number",
            ),
            models.Index(
                fields=["platform_id", "expires_at"],
                condition=Q(state=S.VERIFIED),
                name="certification_identity_end",
            ),
        ]


class IdentityPaper(TenantModel):
    """A document (证件) that proves an identity; its bytes sealed under the identity's key."""

    identity = TenantForeignKey(
        Identity, on_delete=models.PROTECT, related_name="papers", db_index=False
    )
    kind = models.CharField(max_length=20, choices=PaperKind)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    data_sealed = models.BinaryField()
    expires_on = models.DateField(null=True)
    uploaded_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "identity", "id"], name="certification_paper_of")
        ]


class IdentityCheck(StatefulModel):
    """One question to the provider, kept before it is asked; ``key`` repeats it harmlessly."""

    TRANSITIONS = Transitions(
        CheckState,
        initial=C.ASKED,
        moves={
            C.ASKED: {C.PENDING, C.PASSED, C.FAILED, C.GIVEN_UP},
            C.PENDING: {C.PASSED, C.FAILED, C.GIVEN_UP},
        },
    )

    identity = TenantForeignKey(
        Identity, on_delete=models.PROTECT, related_name="checks", db_index=False
    )
    kind = models.CharField(max_length=10, choices=CheckKind)
    state = models.CharField(max_length=10, choices=CheckState, default=C.ASKED)
    key = models.UUIDField()
    question_sealed = models.TextField(default="", blank=True)
    last4 = models.CharField(max_length=4, default="", blank=True)
    provider = models.CharField(max_length=40)
    provider_id = models.CharField(max_length=100, default="", blank=True)
    outcome = models.CharField(max_length=40, default="", blank=True)
    asks = models.PositiveIntegerField(default=0)
    guesses = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="certification_check_key")
        ]
        indexes = [
            models.Index(fields=["platform_id", "identity", "id"], name="certification_check_of"),
            models.Index(
                fields=["platform_id", "next_at"],
                condition=Q(state__in=[C.ASKED, C.PENDING]),
                name="certification_check_due",
            ),
        ]


class IdentityProvider(AggregateModel):
    """The platform's account with a provider of identity checks; key and secret are sealed."""

    provider = models.CharField(max_length=40)
    base_url = models.CharField(max_length=500)
    sealed_key = models.TextField()
    sealed_secret = models.TextField(default="")

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "provider"], name="certification_identity_provider"
            )
        ]
