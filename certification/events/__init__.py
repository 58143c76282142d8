"""The facts this context publishes, a module a part."""

from certification.events.agreements import (
    ContractAgreed,
    ContractAmended,
    ContractEffective,
    ContractEnded,
    ContractProposed,
    ContractSigned,
    ContractSigningOpened,
)
from certification.events.authority import (
    CertificateIssued,
    CertificateResumed,
    CertificateRevoked,
    CertificateSuspended,
)
from certification.events.evidence import BulkSigningFinished, DocumentSigned
from certification.events.identity import IdentityChanged, IdentityExpiring

__all__ = [
    "BulkSigningFinished",
    "CertificateIssued",
    "CertificateResumed",
    "CertificateRevoked",
    "CertificateSuspended",
    "ContractAgreed",
    "ContractAmended",
    "ContractEffective",
    "ContractEnded",
    "ContractProposed",
    "ContractSigned",
    "ContractSigningOpened",
    "DocumentSigned",
    "IdentityChanged",
    "IdentityExpiring",
]
