"""Contract templates, contracts, their parties and rounds of negotiation (电子合同)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from certification.contracts.agreements import (
    ContractKind,
    ContractLanguage,
    ContractState,
    SigningOrder,
    TemplateState,
)
from kernel.models import ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions

S, T = ContractState, TemplateState
OPEN = [S.DRAFT, S.NEGOTIATING, S.AGREED, S.SIGNING]


class ContractTemplate(ExternalRefModel, StatefulModel):
    """One version of a template (合同模板): written as a draft, then never changed, so that a
    contract can be read by the version it was made from. No merchant: the platform's."""

    TRANSITIONS: ClassVar[Transitions[TemplateState]] = Transitions(
        TemplateState,
        initial=T.DRAFT,
        moves={T.DRAFT: {T.PUBLISHED, T.RETIRED}, T.PUBLISHED: {T.RETIRED}},
    )

    state = models.CharField(max_length=10, choices=TemplateState, default=T.DRAFT)
    merchant_id = models.UUIDField(null=True)
    code = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    definition = models.JSONField()

    class Meta(StatefulModel.Meta):
        db_table = "certification_template"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "code", "number"],
                nulls_distinct=False,
                name="certification_template_number",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "code"],
                condition=Q(state="published"),
                nulls_distinct=False,
                name="certification_template_current",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="certification_template_external",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="certification_template_of"
            ),
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="certification_template_upd"
            ),
        ]


class Contract(ExternalRefModel, StatefulModel):
    """A contract, an amendment or a termination agreement.

    Values and documents are kept sealed under the contract's own key. ``agreed_*`` is what the
    parties agreed on, before any signature; ``document_*`` the same with the signatures so far.
    ``round`` counts proposals; ``turn`` is the role that is to answer. ``parent_sha256`` chains an
    amendment to what was in force when it was drafted.
    """

    TRANSITIONS: ClassVar[Transitions[ContractState]] = Transitions(
        ContractState,
        initial=S.DRAFT,
        moves={
            S.DRAFT: {S.NEGOTIATING, S.WITHDRAWN},
            S.NEGOTIATING: {S.AGREED, S.REJECTED, S.WITHDRAWN, S.EXPIRED},
            S.AGREED: {S.SIGNING, S.REJECTED, S.WITHDRAWN, S.EXPIRED},
            S.SIGNING: {S.EFFECTIVE, S.REJECTED, S.WITHDRAWN, S.EXPIRED},
            S.EFFECTIVE: {S.AMENDED, S.TERMINATED, S.EXPIRED},
            S.AMENDED: {S.TERMINATED, S.EXPIRED},
        },
    )

    state = models.CharField(max_length=12, choices=ContractState, default=S.DRAFT)
    kind = models.CharField(max_length=12, choices=ContractKind, default=ContractKind.ORIGINAL)
    key = models.UUIDField()
    number = models.CharField(max_length=40)
    title = SealedText()
    language = models.CharField(max_length=8, choices=ContractLanguage)
    template = TenantForeignKey(
        ContractTemplate, on_delete=models.PROTECT, null=True, related_name="+"
    )
    parent = TenantForeignKey("self", on_delete=models.PROTECT, null=True, related_name="chained")
    parent_sha256 = models.CharField(max_length=64, blank=True, default="")
    merchant_id = models.UUIDField(null=True)
    drafter = models.CharField(max_length=40)
    round = models.PositiveIntegerField(default=0)
    turn = models.CharField(max_length=40, blank=True, default="")
    values_sealed = models.BinaryField()
    order = models.CharField(max_length=12, choices=SigningOrder, default=SigningOrder.PARALLEL)
    sign_by = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    agreed_sha256 = models.CharField(max_length=64, blank=True, default="")
    agreed_sealed = models.BinaryField(null=True)
    document_sha256 = models.CharField(max_length=64, blank=True, default="")
    document_sealed = models.BinaryField(null=True)
    places = models.JSONField(default=list)
    signatures = models.PositiveSmallIntegerField(default=0)
    agreed_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason_sealed = models.BinaryField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="certification_contract_k"),
            models.UniqueConstraint(
                fields=["platform_id", "number"], name="certification_contract_number"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="certification_contract_external",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "parent"],
                condition=Q(parent__isnull=False, state__in=[str(state) for state in OPEN]),
                name="certification_contract_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "signing", "effective", "amended", "terminated"])
                | ~Q(agreed_sha256=""),
                name="certification_contract_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["effective", "amended", "terminated"])
                | Q(effective_at__isnull=False),
                name="certification_contract_effect",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="certification_contract_upd"
            ),
            models.Index(
                fields=["platform_id", "sign_by"],
                condition=Q(state="signing"),
                name="certification_contract_due",
            ),
            models.Index(
                fields=["platform_id", "ends_at"],
                condition=Q(state__in=["effective", "amended"]),
                name="certification_contract_end",
            ),
        ]


class ContractParty(TenantModel):
    """A party of a contract. ``agreed_round`` is the round it said yes to. The consent record
    (意愿确认) tells what was shown to whom and how it was confirmed, by both clocks."""

    contract = TenantForeignKey(
        Contract, on_delete=models.PROTECT, related_name="parties", db_index=False
    )
    role = models.CharField(max_length=40)
    place = models.PositiveSmallIntegerField()
    merchant_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    contact_sealed = models.BinaryField()
    invite_hash = models.CharField(max_length=64, blank=True, default="")
    joined_at = models.DateTimeField(null=True)
    agreed_round = models.PositiveIntegerField(null=True)
    certificate_id = models.UUIDField(null=True)
    sm2_certificate_id = models.UUIDField(null=True)
    seal_id = models.UUIDField(null=True)
    confirmation_id = models.UUIDField(null=True)
    consent = models.JSONField(default=dict)
    signing_key = models.UUIDField(null=True)
    signed_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "certification_party"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "contract", "role"], name="certification_party_role"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "contract", "place"], name="certification_party_place"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "invite_hash"],
                condition=~Q(invite_hash=""),
                name="certification_party_invite",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | Q(confirmation_id__isnull=False),
                name="certification_party_consent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "contract"],
                condition=Q(merchant_id__isnull=False),
                name="certification_party_of",
            ),
            models.Index(
                fields=["platform_id", "person_id", "contract"],
                condition=Q(person_id__isnull=False),
                name="certification_party_person",
            ),
        ]


class ContractProposal(TenantModel):
    """One round: the whole set of values that one party proposed. Never changed."""

    contract = TenantForeignKey(
        Contract, on_delete=models.PROTECT, related_name="proposals", db_index=False
    )
    number = models.PositiveIntegerField()
    role = models.CharField(max_length=40)
    values_sealed = models.BinaryField()
    message_sealed = models.BinaryField()
    business_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "certification_proposal"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "contract", "number"], name="certification_proposal_once"
            ),
        ]
