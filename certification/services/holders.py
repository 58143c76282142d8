"""Signing with held keys, and the proof that goes with signatures: for the signing services."""

from uuid import UUID

from django.utils.translation import gettext as _

from certification.authority import keyring, services
from certification.contracts.authority import Algorithm, CertificateInfo, CertificateState, Role
from certification.errors.authority import CertificateNotUsable, KeyNotHeld
from certification.models import Authority, Certificate
from certification.pki import statuses as ocsp
from certification.pki.algorithms import Signer, key_identifier
from certification.pki.certificates import spki_of
from certification.selectors.certificates import certificate
from certification.services import stamp, statuses
from certification.signing.ports import Holder, TimestampService, ValidationData
from kernel.errors import NotFound


def make_key(algorithm: Algorithm, *, purpose: str = "holder") -> UUID:
    """A new key in the store of its kind; its id."""
    return keyring.make_key(algorithm, purpose=purpose).id


def sign(key_id: UUID, message: bytes) -> bytes:
    """A signature (DER {r, s}) over the message by the key's algorithm. Raises NotFound."""
    return keyring.signer_of(key_id).sign(message)


def usable(certificate_id: UUID, *, algorithm: Algorithm | None = None) -> CertificateInfo:
    """The certificate, if signatures may be made with it now.

    Raises NotFound, CertificateNotUsable, KeyNotHeld.
    """
    found = certificate(certificate_id=certificate_id)
    if not found.usable:
        state = "expired" if found.expired and found.state == "valid" else found.state
        shown = _("Expired") if state == "expired" else CertificateState(state).label
        raise CertificateNotUsable(_("It is %(state)s.") % {"state": shown}, state=state)
    if algorithm is not None and found.algorithm is not algorithm:
        told = _("It is for %(found)s, not %(wanted)s.")
        raise CertificateNotUsable(told % {"found": found.algorithm, "wanted": algorithm})
    if found.key_id is None:
        raise KeyNotHeld
    return found


def signer(certificate_id: UUID) -> tuple[CertificateInfo, Signer]:
    """A usable certificate with the use of its key. Raises as ``usable`` does."""
    found = usable(certificate_id)
    assert found.key_id is not None
    return found, keyring.signer_of(found.key_id)


def holder(certificate_id: UUID) -> Holder:
    """A usable P-256 certificate for PDFs; prepared once, used for many signatures."""
    found = usable(certificate_id, algorithm=Algorithm.P256)
    assert found.key_id is not None
    return Holder(found.der, found.chain, keyring.signer_of(found.key_id).sign)


def timestamp_service() -> TimestampService:
    """The timestamp authority for the signing engine."""
    made = services.timestamp_authority()
    return TimestampService(answer=stamp.answer, certificate=made.certificate, chain=made.chain)


class Revocations:
    """The proof of our own chains, by our own CRLs and responders (a ``Revocation``)."""

    def proof(self, certificate: bytes, chain: tuple[bytes, ...]) -> ValidationData:
        """Fresh OCSP response of ``certificate``, CRLs of its issuers, and all certificates."""
        if not chain:
            return ValidationData((certificate,))
        question = ocsp.question_for(certificate, chain[0])
        response = statuses.answer(question)
        crls = []
        for der in chain:
            owner = _authority(der)
            crls.append(statuses.revocation_list(authority_id=owner.id).der)
        issuer = _authority(chain[0])
        responder = services.responder(issuer)
        pool = (certificate, *chain, responder.certificate)
        return ValidationData(tuple(dict.fromkeys(pool)), (response,), tuple(crls))


def crl_for(certificate_id: UUID) -> bytes:
    """The CRL (DER) that says whether this certificate is revoked."""
    return statuses.revocation_list(authority_id=_owner(certificate_id)).der


def ocsp_for(certificate_id: UUID, *, nonce: bytes | None = None) -> bytes:
    """An OCSP response (DER) for this certificate, as of now."""
    found = certificate(certificate_id=certificate_id)
    return statuses.answer(ocsp.question_for(found.der, found.chain[0], nonce=nonce))


def _owner(certificate_id: UUID) -> UUID:
    row = Certificate.objects.filter(id=certificate_id).first()
    if row is None or row.authority_id is None:
        raise NotFound
    return row.authority_id


def _authority(der: bytes) -> Authority:
    wanted = key_identifier(spki_of(der)).hex()
    row = Authority.objects.filter(key_identifier=wanted, role__in=list(Role)).first()
    if row is None:
        raise NotFound(_("This certificate isn't of this platform's own authority."))
    return row
