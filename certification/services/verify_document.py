"""Verify what someone uploads: judged in memory, nothing kept."""

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certification.contracts.authority import Algorithm
from certification.services import signing_identity as identity
from certification.services import use_seal
from certification.verification import LIMIT, DocumentReport, Evidence
from certification.verification.evidence import Status
from kernel import clock

if TYPE_CHECKING:
    from certification.verification.package import SealJudgement


def verify_document(data: bytes) -> DocumentReport:
    """What a signed PDF, an evidence package or a sealed head proves now, by the platform's own
    roots."""
    from certification.verification.package import NationalEvidence, is_package, verify_package
    from certification.verification.pdf import verify_pdf
    from certification.verification.stamped import is_stamped, verify_stamped

    evidence = Evidence(
        roots=[x509.load_der_x509_certificate(der) for der in identity.roots()],
        status_now=_status_now,
    )
    if len(data) <= LIMIT and is_package(data):
        if is_stamped(data):
            return verify_stamped(data, evidence=evidence, now=clock.business())
        national = NationalEvidence(tuple(identity.roots(Algorithm.SM2)), identity.status_of)
        return verify_package(
            data,
            evidence=evidence,
            national=national,
            now=clock.business(),
            judge_seal=_judge_seal,
        )
    return verify_pdf(data, evidence=evidence, now=clock.business())


def stamped_file(document: bytes, token: bytes) -> bytes:
    """A document (JSON) and its timestamp as one file that anyone can have verified here, or with
    OpenSSL alone. ``token``: the TimeStampToken, DER, as ``timestamp_digest`` gave it."""
    from certification.verification.stamped import pack

    return pack(document, token, roots=identity.roots())


def timestamp_problems(token: bytes, content: bytes) -> list[str]:
    """The codes of what is wrong with a timestamp (DER) over ``content``, by our own roots."""
    from certification.verification import tokens

    evidence = Evidence(
        roots=[x509.load_der_x509_certificate(der) for der in identity.roots()],
        status_now=_status_now,
    )
    findings = tokens.check(token, content, evidence, at=clock.business())
    return [str(finding.problem) for finding in findings]


def _status_now(certificate: x509.Certificate) -> Status | None:
    return identity.status_of(certificate.public_bytes(Encoding.DER))


def _judge_seal(der: bytes, document: bytes) -> "SealJudgement":
    from certification.verification.package import SealJudgement

    found = use_seal.check_seal_signature(der, document)
    at = found.at if found.timestamped else None
    return SealJudgement(found.name, found.signer, at, () if found.ok else found.problems)
