"""An application to become a merchant (入驻申请), its papers, what happened to it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from journeys.contracts_onboarding import LIVE, ApplicationState, DocumentKind
from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions

S = ApplicationState


class MerchantApplication(StatefulModel):
    """Sealed under its own id, so that one that came to nothing can be erased, and what a merchant
    came by outlives the person who applied.

    ``verdict`` is what was decided and the journey carries out: ``approve``, ``refuse`` or
    ``withdraw``. ``attempt`` counts how often it was handed in.
    """

    TRANSITIONS = Transitions(
        S,
        initial=S.DRAFT,
        moves={
            S.DRAFT: {S.SUBMITTED, S.WITHDRAWN, S.ERASED},
            S.SUBMITTED: {S.IN_REVIEW, S.REFUSED, S.WITHDRAWN, S.CLOSED},
            S.IN_REVIEW: {S.NEEDS_MORE, S.APPROVED, S.REFUSED, S.WITHDRAWN, S.CLOSED},
            S.NEEDS_MORE: {S.IN_REVIEW, S.REFUSED, S.WITHDRAWN, S.CLOSED},
            S.APPROVED: {S.OPEN},
            S.REFUSED: {S.DRAFT, S.ERASED},
            S.WITHDRAWN: {S.DRAFT, S.ERASED},
            S.CLOSED: {S.DRAFT, S.ERASED},
        },
    )

    state = models.CharField(max_length=10, choices=S, default=S.DRAFT)
    person_id = models.UUIDField()
    merchant_id = models.UUIDField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    filled_sealed = models.TextField(default="", blank=True)
    asked_sealed = models.TextField(default="", blank=True)
    company_lookup = models.CharField(max_length=64, default="", blank=True)
    verdict = models.CharField(max_length=10, default="", blank=True)
    reason = SealedText()
    asked_at = models.DateTimeField(null=True)
    answer_by = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "person_id"],
                name="journeys_application_one",
                condition=Q(state__in=[S.DRAFT, *LIVE]),
            ),
            models.UniqueConstraint(
                fields=["platform_id", "company_lookup"],
                name="journeys_application_company",
                condition=Q(state__in=[*LIVE, S.APPROVED, S.OPEN]),
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "state", "id"], name="journeys_application_state"),
            models.Index(fields=["platform_id", "person_id"], name="journeys_application_person"),
            models.Index(fields=["platform_id", "merchant_id"], name="journeys_application_shop"),
        ]


class ApplicationDocument(TenantModel):
    """A paper, sealed for its application; the one of a kind that isn't replaced counts."""

    TEXTS_OF: ClassVar = ("application_id",)

    application = TenantForeignKey(
        MerchantApplication, models.PROTECT, related_name="documents", db_index=False
    )
    kind = models.CharField(max_length=24, choices=DocumentKind)
    name = SealedText()
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    data_sealed = models.BinaryField()
    uploaded_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "application", "id"], name="journeys_app_document")
        ]


class ApplicationEntry(TenantModel):
    """One line of an application's timeline; rows are only added."""

    TEXTS_OF: ClassVar = ("application_id",)

    application = TenantForeignKey(
        MerchantApplication, models.PROTECT, related_name="entries", db_index=False
    )
    what = models.CharField(max_length=20)
    kind = models.CharField(max_length=24, default="", blank=True)
    actor_kind = models.CharField(max_length=20)
    text = SealedText()
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "application", "id"], name="journeys_app_entry")
        ]
