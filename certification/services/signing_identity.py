"""What signing and verifying need of this platform's own authority."""

from uuid import UUID

from asn1crypto import x509

from certification.contracts.authority import Algorithm
from certification.crypto import sm3
from certification.models import Authority, Certificate
from certification.selectors import seals
from certification.selectors.certificates import certificate
from certification.services import holders, use_seal
from certification.services.holders import Revocations
from certification.signing import Holder, TimestampService
from certification.verification.evidence import Status
from kernel.ids import public_id


def holder(certificate_id: UUID) -> Holder:
    """The use of a P-256 certificate. Raises NotFound, CertificateNotUsable, KeyNotHeld."""
    return holders.holder(certificate_id)


def sm2_sign(certificate_id: UUID, document: bytes) -> bytes:
    """A detached SM2-with-SM3 signature (DER {r, s}, default id) over the document.

    Raises NotFound, CertificateNotUsable, KeyNotHeld.
    """
    found = holders.usable(certificate_id, algorithm=Algorithm.SM2)
    assert found.key_id is not None
    return holders.sign(found.key_id, document)


def revocation() -> Revocations:
    """The proof of the platform's own chains."""
    return holders.Revocations()


def timestamps() -> TimestampService:
    """The platform's own timestamp authority."""
    return holders.timestamp_service()


def roots(algorithm: Algorithm = Algorithm.P256) -> list[bytes]:
    """The platform's own roots, DER: what documents signed here are judged by."""
    rows = Authority.objects.filter(algorithm=algorithm.value, parent=None)
    return [bytes(der) for der in rows.order_by("generation").values_list("certificate", flat=True)]


def status_of(certificate: bytes) -> Status | None:
    """How the platform itself sees one of its own certificates now; None for any other."""
    found = x509.Certificate.load(certificate)
    own = Authority.objects.filter(subject_der=found.issuer.dump()).values_list("id", flat=True)
    row = (
        Certificate.objects.filter(authority_id__in=list(own), serial=f"{found.serial_number:x}")
        .values_list("state", "revoked_at")
        .first()
    )
    if row is None:
        known = Authority.objects.filter(certificate=certificate).exists()
        return Status("good") if known else None
    state, at = row
    return Status(state, at) if state in ("revoked", "suspended") else Status("good")


def owner_of(certificate_id: UUID) -> UUID | None:
    """Whose certificate it is: its merchant. Raises NotFound."""
    return certificate(certificate_id=certificate_id).merchant_id


def seal_picture(seal_id: UUID) -> bytes:
    """The seal's picture (PNG), to be shown where it is used. Raises NotFound."""
    return seals.seal(seal_id=seal_id).picture


def seal_sign(seal_id: UUID, document: bytes, *, key: UUID, document_id: UUID) -> bytes:
    """An SES signature (GB/T 38540) over the document, entered in the seal's log of use.

    Raises NotFound, SealNotUsable, SealNotGranted, CertificateNotUsable.
    """
    return use_seal.apply_seal(
        seal_id=seal_id, digest=sm3(document), document=public_id("ctr", document_id), key=key
    )
