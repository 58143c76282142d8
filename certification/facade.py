"""The door of this context: identities, certificates, e-contracts (电子认证), seals, timestamps."""

from certification.contracts.agreements import (
    Box,
    Change,
    ContractInfo,
    ContractKind,
    ContractLanguage,
    ContractState,
    PartyInfo,
    PartyInput,
    ProposalInfo,
    SigningOrder,
    TemplateInfo,
)
from certification.contracts.authority import (
    REASONS as REVOCATION_REASONS,
)
from certification.contracts.authority import (
    Algorithm,
    AuthorityInfo,
    CertificateInfo,
    CertificateState,
    ProfileInfo,
    RevocationListInfo,
    TimestampInfo,
)
from certification.contracts.evidence import (
    AuditRow,
    BulkInfo,
    ConsentInfo,
    EvidenceSource,
    PackageInfo,
    PartyEvidence,
)
from certification.contracts.identity import (
    AccessInfo,
    CheckKind,
    CheckState,
    IdentityInfo,
    IdentityKind,
    IdentityState,
    NumberKind,
    PaperInfo,
    PaperKind,
    Particulars,
    Subject,
)
from certification.contracts.seals import SealGrantInfo, SealInfo, SealKind, SealState, SealUseInfo
from certification.domain.assurance import LEVELS as ASSURANCE_LEVELS
from certification.domain.assurance import NEEDS as ASSURANCE_NEEDS
from certification.errors.agreements import BadTemplate, BadValues, ContractTooLarge, UploadRefused
from certification.errors.authority import InvalidRequestFile
from certification.errors.evidence import InvalidRows, NoEvidence, UploadEmpty, UploadTooLarge
from certification.errors.identity import (
    AssuranceTooLow,
    InvalidNumber,
    NoProofPending,
    PapersMissing,
    ProviderNotConfigured,
    ReviewNotClaimed,
    ReviewTaken,
    UnderLegalHold,
    UnreadablePaper,
    WrongAmount,
)
from certification.errors.seals import InvalidSealPicture
from certification.pki.certificates import pem_chain
from certification.selectors.agreements import (
    box_counts as contract_counts,
)
from certification.selectors.agreements import (
    by_key as contract_by_key,
)
from certification.selectors.agreements import (
    contract as contract_state,
)
from certification.selectors.agreements import (
    contract_for,
    contracts_page,
    current_template,
    templates_page,
)
from certification.selectors.agreements import (
    document as contract_document,
)
from certification.selectors.agreements import (
    history as contract_history,
)
from certification.selectors.agreements import (
    proposals as contract_proposals,
)
from certification.selectors.agreements import (
    role_of as contract_role,
)
from certification.selectors.agreements import template as contract_template
from certification.selectors.agreements import values_shown as contract_values
from certification.selectors.authorities import (
    authorities_page,
    certificate_count,
    latest_list,
    timestamps_page,
)
from certification.selectors.certificates import certificate, certificates_page
from certification.selectors.identity import accesses as identity_accesses
from certification.selectors.identity import (
    identities_page,
    identity,
    identity_of,
    merchant_with_number,
)
from certification.selectors.seals import seal, seal_grants, seal_uses_page, seals_page
from certification.services.agreements.agreed import call_off as call_off_contract
from certification.services.agreements.agreed import open_agreed as open_agreed_contract
from certification.services.agreements.chaining import amend as amend_contract
from certification.services.agreements.chaining import terminate as terminate_contract
from certification.services.agreements.draft import change_draft as change_contract_draft
from certification.services.agreements.draft import draft_contract
from certification.services.agreements.draft import put_document as put_contract_document
from certification.services.agreements.ending import reject as reject_contract
from certification.services.agreements.ending import remind as remind_party
from certification.services.agreements.ending import withdraw as withdraw_contract
from certification.services.agreements.inspecting import inspect_document as inspect_contract
from certification.services.agreements.inspecting import inspect_evidence, inspections
from certification.services.agreements.inspecting import inspect_terms as inspect_contract_terms
from certification.services.agreements.negotiate import agree as agree_contract
from certification.services.agreements.negotiate import join as join_contract
from certification.services.agreements.negotiate import open_signing
from certification.services.agreements.negotiate import propose as propose_contract
from certification.services.agreements.negotiate import (
    read_invitation as read_contract_invitation,
)
from certification.services.agreements.proof import evidence_source
from certification.services.agreements.reading import mark as contract_mark
from certification.services.agreements.reading import page_count as contract_pages
from certification.services.agreements.reading import picture_of as contract_picture
from certification.services.agreements.reading import readable as contract_reading
from certification.services.agreements.signing import Signer
from certification.services.agreements.signing import sign as sign_contract
from certification.services.agreements.uploads import UPLOAD_MAX as CONTRACT_LIMIT
from certification.services.apply_certificate import apply_certificate
from certification.services.authority_state import key_store_state
from certification.services.bulk import PURPOSE as AUTOMATIC_SIGNING
from certification.services.bulk import (
    bulk_signing,
    bulk_signings_page,
    cancel_bulk,
    consent_digest,
    consents_of,
    give_consent,
    start_bulk,
    withdraw_consent,
)
from certification.services.bulk import (
    rows_page as bulk_rows_page,
)
from certification.services.bulk import (
    signed_document as bulk_document,
)
from certification.services.enrol import renew as renew_certificate
from certification.services.evidence import (
    make_package,
    package,
    package_info,
    signed_by,
    verification_code,
)
from certification.services.identity import (
    add_paper,
    assurance_of,
    erase_identity,
    identity_kept_until,
    paper_type,
    require_level,
    state_identity,
    submit_identity,
)
from certification.services.identity_checks import name_amount, send_small_amount
from certification.services.identity_provider import configure_identity_provider
from certification.services.identity_review import (
    approve_identity,
    ask_for_more,
    claim_review,
    open_paper,
    reject_identity,
    release_review,
    reveal,
    verified_particulars,
)
from certification.services.open_code import verify_code
from certification.services.problem_texts import problem_text, verdict_text
from certification.services.profiles import algorithms as certificate_profile_algorithms
from certification.services.profiles import change as change_certificate_profile
from certification.services.profiles import current as certificate_profiles
from certification.services.profiles import longest as certificate_profile_days
from certification.services.profiles import profile_info as certificate_profile
from certification.services.profiles import versions as certificate_profile_versions
from certification.services.revoke import resume as resume_certificate
from certification.services.revoke import revoke as revoke_certificate
from certification.services.revoke import suspend as suspend_certificate
from certification.services.seals import apply as apply_for_seal
from certification.services.seals import change as change_seal
from certification.services.seals import grant as grant_seal
from certification.services.seals import make as make_seal
from certification.services.seals import refuse as refuse_seal
from certification.services.seals import withdraw_grant as withdraw_seal_grant
from certification.services.sign_document import SignatureOrder, SignedDocument, sign_document
from certification.services.sign_message import SignedMessage, sign_message
from certification.services.stamp import timestamp as _timestamp
from certification.services.statuses import revocation_list
from certification.services.templates import create_template as create_contract_template
from certification.services.templates import load_shipped as load_contract_templates
from certification.services.templates import preview as preview_contract_template
from certification.services.templates import preview_pictures as contract_template_pictures
from certification.services.templates import publish_template as publish_contract_template
from certification.services.templates import retire_template as retire_contract_template
from certification.services.templates import shipped as shipped_contract_template
from certification.services.templates import update_template as update_contract_template
from certification.services.use_seal import apply_seal, check_seal_signature
from certification.services.verify_document import stamped_file, verify_document
from certification.services.verify_document import timestamp_problems as _timestamp_problems
from certification.signing import Level, Placement
from certification.verification import LIMIT as UPLOAD_LIMIT
from certification.verification import DocumentReport
from certification.wording.fields import TYPES as CONTRACT_FIELD_TYPES
from certification.wording.templates import BLOCKS as CONTRACT_BLOCKS
from certification.wording.templates import check as contract_template_problems

__all__ = [
    "ASSURANCE_LEVELS",
    "ASSURANCE_NEEDS",
    "AUTOMATIC_SIGNING",
    "CONTRACT_BLOCKS",
    "CONTRACT_FIELD_TYPES",
    "CONTRACT_LIMIT",
    "REVOCATION_REASONS",
    "UPLOAD_LIMIT",
    "AccessInfo",
    "Algorithm",
    "AssuranceTooLow",
    "AuditRow",
    "AuthorityInfo",
    "BadTemplate",
    "BadValues",
    "Box",
    "BulkInfo",
    "CertificateInfo",
    "CertificateState",
    "Change",
    "CheckKind",
    "CheckState",
    "ConsentInfo",
    "ContractInfo",
    "ContractKind",
    "ContractLanguage",
    "ContractState",
    "ContractTooLarge",
    "DocumentReport",
    "EvidenceSource",
    "IdentityInfo",
    "IdentityKind",
    "IdentityState",
    "InvalidNumber",
    "InvalidRequestFile",
    "InvalidRows",
    "InvalidSealPicture",
    "Level",
    "NoEvidence",
    "NoProofPending",
    "NumberKind",
    "PackageInfo",
    "PaperInfo",
    "PaperKind",
    "PapersMissing",
    "Particulars",
    "PartyEvidence",
    "PartyInfo",
    "PartyInput",
    "Placement",
    "ProfileInfo",
    "ProposalInfo",
    "ProviderNotConfigured",
    "ReviewNotClaimed",
    "ReviewTaken",
    "RevocationListInfo",
    "SealGrantInfo",
    "SealInfo",
    "SealKind",
    "SealState",
    "SealUseInfo",
    "SignatureOrder",
    "SignedDocument",
    "SignedMessage",
    "Signer",
    "SigningOrder",
    "Subject",
    "TemplateInfo",
    "TimestampInfo",
    "UnderLegalHold",
    "UnreadablePaper",
    "UploadEmpty",
    "UploadRefused",
    "UploadTooLarge",
    "WrongAmount",
    "add_paper",
    "agree_contract",
    "amend_contract",
    "apply_certificate",
    "apply_for_seal",
    "apply_seal",
    "approve_identity",
    "ask_for_more",
    "assurance_of",
    "authorities_page",
    "bulk_document",
    "bulk_rows_page",
    "bulk_signing",
    "bulk_signings_page",
    "call_off_contract",
    "cancel_bulk",
    "certificate",
    "certificate_count",
    "certificate_profile",
    "certificate_profile_algorithms",
    "certificate_profile_days",
    "certificate_profile_versions",
    "certificate_profiles",
    "certificates_page",
    "change_certificate_profile",
    "change_contract_draft",
    "change_seal",
    "check_seal_signature",
    "claim_review",
    "configure_identity_provider",
    "consent_digest",
    "consents_of",
    "contract_by_key",
    "contract_counts",
    "contract_document",
    "contract_for",
    "contract_history",
    "contract_mark",
    "contract_pages",
    "contract_picture",
    "contract_proposals",
    "contract_reading",
    "contract_role",
    "contract_state",
    "contract_template",
    "contract_template_pictures",
    "contract_template_problems",
    "contract_values",
    "contracts_page",
    "create_contract_template",
    "current_template",
    "draft_contract",
    "erase_identity",
    "evidence_source",
    "give_consent",
    "grant_seal",
    "identities_page",
    "identity",
    "identity_accesses",
    "identity_kept_until",
    "identity_of",
    "inspect_contract",
    "inspect_contract_terms",
    "inspect_evidence",
    "inspections",
    "join_contract",
    "key_store_state",
    "latest_list",
    "load_contract_templates",
    "make_package",
    "make_seal",
    "merchant_with_number",
    "name_amount",
    "open_agreed_contract",
    "open_paper",
    "open_signing",
    "package",
    "package_info",
    "paper_type",
    "pem_chain",
    "preview_contract_template",
    "problem_text",
    "propose_contract",
    "publish_contract_template",
    "put_contract_document",
    "read_contract_invitation",
    "refuse_seal",
    "reject_contract",
    "reject_identity",
    "release_review",
    "remind_party",
    "renew_certificate",
    "require_level",
    "resume_certificate",
    "retire_contract_template",
    "reveal",
    "revocation_list",
    "revoke_certificate",
    "seal",
    "seal_grants",
    "seal_uses_page",
    "seals_page",
    "send_small_amount",
    "shipped_contract_template",
    "sign_contract",
    "sign_document",
    "sign_message",
    "signed_by",
    "stamped_file",
    "start_bulk",
    "state_identity",
    "submit_identity",
    "suspend_certificate",
    "templates_page",
    "terminate_contract",
    "timestamp_problems",
    "timestamps_page",
    "update_contract_template",
    "verdict_text",
    "verification_code",
    "verified_particulars",
    "verify_code",
    "verify_document",
    "withdraw_consent",
    "withdraw_contract",
    "withdraw_seal_grant",
]


def timestamp_problems(token: bytes, content: bytes) -> list[str]:
    """What is wrong with a timestamp of the platform's own authority over ``content``, now."""
    return _timestamp_problems(token, content)


def timestamp_digest(*, digest: bytes, hash: str = "sha256", purpose: str = "") -> TimestampInfo:
    """An RFC 3161 timestamp by the platform's own authority over a digest (``sha256`` or ``sm3``);
    ``purpose`` stands in the authority's log. Raises Invalid for another kind of digest."""
    return _timestamp(digest, hash=hash, purpose=purpose)
