"""Certificates and their status: chains to a trusted root, and what revocation data prove.

Revocation data count when their issuer was entitled and its certificate was still valid when the
data provably existed (ETSI EN 319 102-1, 5.2.5 and 5.6.2).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from certification.verification.findings import CertificateReport, Finding, Problem

GRACE = timedelta(minutes=5)  # clocks of authorities may differ by this much
TIME_STAMPING = ExtendedKeyUsageOID.TIME_STAMPING


@dataclass(frozen=True)
class Proof:
    """A piece of revocation data and since when it is proven to exist."""

    data: bytes
    known_at: datetime


@dataclass(frozen=True)
class Status:
    """``good``, ``revoked`` or ``suspended`` (since when), or ``unknown``."""

    word: str
    revoked_at: datetime | None = None


_Answer = tuple[datetime, datetime | None, Status | None]
_WITHDRAWN = {"revoked": Problem.REVOKED, "suspended": Problem.SUSPENDED}

# How the product's own authority sees a certificate now, by issuer and serial; None: not its own.
StatusNow = Callable[[x509.Certificate], Status | None]


@dataclass
class Evidence:
    """All that is known about certificates: trust anchors, candidates, revocation data."""

    roots: list[x509.Certificate]
    certificates: list[x509.Certificate] = field(default_factory=list)
    ocsps: list[Proof] = field(default_factory=list)
    crls: list[Proof] = field(default_factory=list)
    status_now: StatusNow | None = None

    def chain(self, certificate: x509.Certificate) -> tuple[list[x509.Certificate], Finding | None]:
        """The issuers up to a trusted root, nearest first; or how far it goes and why no further.

        The times of validity are judged elsewhere.
        """
        found: list[x509.Certificate] = []
        here = certificate
        while not self._trusted(here):
            if len(found) > 8:
                return found, _finding(Problem.BROKEN_CHAIN, certificate=name_of(here))
            named = [c for c in (*self.roots, *self.certificates) if c.subject == here.issuer]
            above = next((c for c in named if c != here and _issued(here, c)), None)
            if above is None:
                problem = Problem.UNKNOWN_ROOT
                if any(c != here for c in named) and here.issuer != here.subject:
                    problem = Problem.BROKEN_CHAIN
                return found, _finding(
                    problem, certificate=name_of(here), issuer=name_from(here.issuer)
                )
            found.append(above)
            here = above
        return found, None

    def check(
        self,
        certificate: x509.Certificate,
        *,
        at: datetime,
        used_at: datetime | None = None,
        usage: ObjectIdentifier | None = None,
    ) -> tuple[list[Finding], Status]:
        """Whether the certificate was good at ``at``, a time at which the use is proven.

        ``used_at`` is the earlier time of a timestamp: revocation data need only be as fresh as
        that, while a revocation until ``at`` still counts.
        """
        chain, broken = self.chain(certificate)
        if broken:
            return [broken], Status("unknown")
        findings: list[Finding] = []
        if usage is not None and not _has_usage(certificate, usage):
            findings.append(_finding(Problem.WRONG_USE, certificate=name_of(certificate)))
        if usage is None and not _may_sign(certificate):
            findings.append(_finding(Problem.WRONG_USE, certificate=name_of(certificate)))
        status = Status("good")
        # The last of the chain is an anchor: trusted as such, whatever its dates.
        for link, issuer in zip([certificate, *chain], chain, strict=False):
            found, here = self._check_one(link, issuer, at, used_at or at)
            findings += found
            if link is certificate:
                status = here
        return findings, status

    def _check_one(
        self, link: x509.Certificate, issuer: x509.Certificate, at: datetime, used_at: datetime
    ) -> tuple[list[Finding], Status]:
        params = {"certificate": name_of(link), "at": at}
        if at < link.not_valid_before_utc - GRACE:
            return [
                _finding(Problem.NOT_YET_VALID, **params, since=link.not_valid_before_utc)
            ], Status("unknown")
        if at > link.not_valid_after_utc:
            return [_finding(Problem.EXPIRED, **params, ended=link.not_valid_after_utc)], Status(
                "unknown"
            )
        status = self.status(link, issuer, used_at)
        if status.word in _WITHDRAWN and status.revoked_at and status.revoked_at <= at:
            return [_finding(_WITHDRAWN[status.word], **params, since=status.revoked_at)], status
        if status.word == "unknown":
            return [_finding(Problem.STATUS_UNKNOWN, **params)], status
        return [], Status("good", status.revoked_at)  # a revocation after ``at`` came too late

    def status(
        self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime
    ) -> Status:
        """What revocation data say: a revocation at whatever time is told; ``good`` needs data
        made not before ``at``, or still current then."""
        found, told = Status("unknown"), datetime.min.replace(tzinfo=UTC)
        for answer in self._answers(certificate, issuer):
            this, following, withdrawn = answer
            if withdrawn is not None and withdrawn.word == "revoked":
                return withdrawn
            current = this >= at - GRACE or (following is not None and this <= at <= following)
            if (withdrawn is not None or current) and this >= told:  # holds come and go
                found, told = withdrawn or Status("good"), this
        own = self.status_now(certificate) if self.status_now else None
        if own is not None and (own.word in _WITHDRAWN or found.word == "unknown"):
            return own
        return found

    def report(
        self, certificate: x509.Certificate, *, then: Status, now: datetime
    ) -> CertificateReport:
        """The certificate as shown to people."""
        chain, broken = self.chain(certificate)
        current = Status("unknown")
        if chain and not broken:
            current = self.status(certificate, chain[0], now)
        word = current.word
        if word not in _WITHDRAWN and now > certificate.not_valid_after_utc:
            word = "expired"
        status_then = then.word
        return CertificateReport(
            subject=name_of(certificate),
            issuer=name_from(certificate.issuer),
            serial=f"{certificate.serial_number:x}",
            organisation=_part(certificate.subject, NameOID.ORGANIZATION_NAME),
            valid_from=certificate.not_valid_before_utc,
            valid_to=certificate.not_valid_after_utc,
            status_then=status_then,
            status_now=word,
            revoked_at=current.revoked_at or then.revoked_at,
            test_only="TEST" in certificate.issuer.rfc4514_string().upper(),
        )

    def _trusted(self, certificate: x509.Certificate) -> bool:
        return certificate in self.roots

    def _answers(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Iterable[_Answer]:
        """(this update, next update, revoked or held) of every usable answer about it."""
        for proof in self.ocsps:
            found = self._ocsp(proof, certificate, issuer)
            if found:
                yield found
        for proof in self.crls:
            crl = _read_crl(proof.data)
            if crl is None or crl.issuer != issuer.subject:
                continue
            if proof.known_at > issuer.not_valid_after_utc or not _signed_crl(crl, issuer):
                continue
            entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None and _reason(entry) == x509.ReasonFlags.remove_from_crl:
                continue
            withdrawn = _withdrawn(_reason(entry), entry.revocation_date_utc) if entry else None
            yield crl.last_update_utc, crl.next_update_utc, withdrawn

    def _ocsp(
        self, proof: Proof, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> _Answer | None:
        try:
            answer = ocsp.load_der_ocsp_response(proof.data)
            if answer.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
                return None
            if answer.serial_number != certificate.serial_number:
                return None
            if not _same_issuer(answer, issuer):
                return None
        except (ValueError, UnsupportedAlgorithm):
            return None
        responder = _responder(answer, [issuer, *self.certificates], issuer)
        if responder is None or proof.known_at > responder.not_valid_after_utc:
            return None
        if answer.certificate_status == ocsp.OCSPCertStatus.REVOKED:
            withdrawn = _withdrawn(answer.revocation_reason, answer.revocation_time_utc)
            return answer.this_update_utc, answer.next_update_utc, withdrawn
        if answer.certificate_status == ocsp.OCSPCertStatus.GOOD:
            return answer.this_update_utc, answer.next_update_utc, None
        return None


def verified(
    key: object, signature: bytes, data: bytes, algorithm: HashAlgorithm | None
) -> bool | None:
    """Whether the signature is right; None when the algorithm isn't one we know."""
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(signature, data, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(signature, data, padding.PKCS1v15(), algorithm)
        else:
            return None
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None
    return True


def name_of(certificate: x509.Certificate) -> str:
    """The subject's common name, else all of it."""
    return name_from(certificate.subject)


def name_from(name: x509.Name) -> str:
    return _part(name, NameOID.COMMON_NAME) or name.rfc4514_string()


def _part(name: x509.Name, oid: ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def _finding(problem: Problem, **params: object) -> Finding:
    return Finding(problem, dict(params))


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
        if not basic.ca or not usage.key_cert_sign:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return True


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _has_usage(certificate: x509.Certificate, wanted: ObjectIdentifier) -> bool:
    try:
        return wanted in certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False


def _read_crl(data: bytes) -> x509.CertificateRevocationList | None:
    try:
        return x509.load_der_x509_crl(data)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _signed_crl(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (UnsupportedAlgorithm, TypeError, ValueError):
        return False


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None


def _withdrawn(reason: x509.ReasonFlags | None, at: datetime | None) -> Status:
    held = reason == x509.ReasonFlags.certificate_hold
    return Status("suspended" if held else "revoked", at)


def _same_issuer(answer: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    request = ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, answer.hash_algorithm)
    return request.build().issuer_key_hash == answer.issuer_key_hash


def _responder(
    answer: ocsp.OCSPResponse, pool: list[x509.Certificate], issuer: x509.Certificate
) -> x509.Certificate | None:
    """The certificate that signed the answer: the issuer's own or one it made for that."""
    for candidate in (*answer.certificates, *pool):
        entitled = candidate == issuer or (
            _has_usage(candidate, ExtendedKeyUsageOID.OCSP_SIGNING)
            and candidate.issuer == issuer.subject
            and _directly(candidate, issuer)
        )
        if entitled and verified(
            candidate.public_key(),
            answer.signature,
            answer.tbs_response_bytes,
            answer.signature_hash_algorithm,
        ):
            return candidate
    return None


def _directly(candidate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        candidate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
