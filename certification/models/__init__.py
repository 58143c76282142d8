"""The tables of this context, a module a part."""

from certification.models.agreements import (
    Contract,
    ContractParty,
    ContractProposal,
    ContractTemplate,
)
from certification.models.authority import (
    Authority,
    Certificate,
    CertificateProfile,
    RevocationList,
    StoredKey,
    Timestamp,
)
from certification.models.evidence import (
    AutomaticConsent,
    BulkRow,
    BulkSigning,
    EvidencePackage,
    Signing,
    VerificationLink,
)
from certification.models.identity import (
    Identity,
    IdentityCheck,
    IdentityPaper,
    IdentityProvider,
)
from certification.models.seals import Seal, SealGrant, SealUse

__all__ = [
    "Authority",
    "AutomaticConsent",
    "BulkRow",
    "BulkSigning",
    "Certificate",
    "CertificateProfile",
    "Contract",
    "ContractParty",
    "ContractProposal",
    "ContractTemplate",
    "EvidencePackage",
    "Identity",
    "IdentityCheck",
    "IdentityPaper",
    "IdentityProvider",
    "RevocationList",
    "Seal",
    "SealGrant",
    "SealUse",
    "Signing",
    "StoredKey",
    "Timestamp",
    "VerificationLink",
]
