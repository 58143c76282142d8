"""A small public key infrastructure in memory, with every time in the test's hand.

Root, issuing authority, signers, timestamp authority, OCSP responder, all P-256; revocation is a
set of serial numbers. It stands in for the product's own authority where a test needs certificates
that the product would never issue: expired ones, foreign roots, revoked in the past.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute

from certification.signing import Holder, TimestampService, ValidationData

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Entity:
    """A certificate and its key."""

    cert: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    issuer: "Entity | None" = None

    @property
    def der(self) -> bytes:
        return self.cert.public_bytes(Encoding.DER)

    @property
    def chain(self) -> tuple[bytes, ...]:
        return (self.issuer.der, *self.issuer.chain) if self.issuer else ()

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))

    def holder(self) -> Holder:
        return Holder(self.der, self.chain, self.sign)


@dataclass
class Authority:
    """One hierarchy. ``at`` is its clock; ``revoked`` maps serial numbers to times."""

    name: str = "Test"
    at: datetime = START + 30 * DAY
    revoked: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.issue(f"{self.name} Root", ca=True, years=30)
        self.ca = self.issue(f"{self.name} CA", self.root, ca=True, years=10)
        self.tsa = self.issue(f"{self.name} TSA", self.ca, years=3, usage="time_stamping")
        self.responder = self.issue(f"{self.name} OCSP", self.ca, years=3, usage="ocsp_signing")

    def issue(
        self,
        name: str,
        issuer: Entity | None = None,
        *,
        ca: bool = False,
        years: float = 1,
        start: datetime = START,
        usage: str = "",
    ) -> Entity:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Quancheng TEST ONLY"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        above = issuer.cert if issuer else None
        build = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(above.subject if above else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=365 * years))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(_key_usage(ca), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    issuer.key.public_key() if issuer else key.public_key()
                ),
                critical=False,
            )
        )
        if usage == "time_stamping":
            build = build.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
            )
        if usage == "ocsp_signing":
            build = build.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False
            ).add_extension(x509.OCSPNoCheck(), critical=False)
        cert = build.sign(issuer.key if issuer else key, hashes.SHA256())
        return Entity(cert, key, issuer)

    def crl(self, issuer: Entity) -> bytes:
        build = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.cert.subject)
            .last_update(self.at)
            .next_update(self.at + 7 * DAY)
            .add_extension(x509.CRLNumber(int(self.at.timestamp())), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False
            )
        )
        for serial, when in self.revoked.items():
            build = build.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(when)
                .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
                .build()
            )
        return build.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def ocsp(self, cert: x509.Certificate) -> bytes:
        when = self.revoked.get(cert.serial_number)
        build = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=cert,
                issuer=self.ca.cert,
                algorithm=hashes.SHA256(),
                cert_status=ocsp.OCSPCertStatus.REVOKED if when else ocsp.OCSPCertStatus.GOOD,
                this_update=self.at,
                next_update=self.at + DAY,
                revocation_time=when,
                revocation_reason=x509.ReasonFlags.key_compromise if when else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.responder.cert)
            .certificates([self.responder.cert])
        )
        return build.sign(self.responder.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def proof(self, certificate: bytes, chain: tuple[bytes, ...]) -> ValidationData:
        """OCSP for the certificate itself, CRLs for the authorities above."""
        return ValidationData(
            (certificate, *chain, self.responder.der),
            (self.ocsp(x509.load_der_x509_certificate(certificate)),),
            (self.crl(self.ca), self.crl(self.root)),
        )

    def renew_tsa(self, years: float = 3) -> None:
        """A new timestamp authority and responder, valid from the present time on."""
        self.tsa = self.issue(
            f"{self.name} TSA 2", self.ca, years=years, start=self.at, usage="time_stamping"
        )
        self.responder = self.issue(
            f"{self.name} OCSP 2", self.ca, years=years, start=self.at, usage="ocsp_signing"
        )

    def timestamps(self) -> TimestampService:
        return TimestampService(self.answer, self.tsa.der, self.tsa.chain)

    def answer(self, request: bytes) -> bytes:
        """RFC 3161 over the request."""
        asked = tsp.TimeStampReq.load(request)
        info = {
            "version": "v1",
            "policy": "1.3.6.1.4.1.4146.2.2",
            "message_imprint": asked["message_imprint"],
            "serial_number": int.from_bytes(os.urandom(8), "big"),
            "gen_time": self.at,
        }
        if asked["nonce"].native is not None:
            info["nonce"] = asked["nonce"].native
        content = tsp.TSTInfo(info).dump()
        mine = asn1_x509.Certificate.load(self.tsa.der)
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", _sha256(content)),
                _attribute("signing_certificate_v2", as_signing_certificate_v2(mine)),
            ]
        )
        algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                            {"issuer": mine.issuer, "serial_number": mine.serial_number}
                        )
                    }
                ),
                "digest_algorithm": algorithm,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signed_attrs": attributes,
                "signature": self.tsa.sign(attributes.untag().dump()),
            }
        )
        token = cms.ContentInfo(
            {
                "content_type": "signed_data",
                "content": cms.SignedData(
                    {
                        "version": "v3",
                        "digest_algorithms": [algorithm],
                        "encap_content_info": {
                            "content_type": "tst_info",
                            "content": core.ParsableOctetString(content),
                        },
                        "certificates": _certificates([self.tsa.der, self.ca.der]),
                        "signer_infos": [signer],
                    }
                ),
            }
        )
        response = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})
        return bytes(response.dump())


def _attribute(kind: str, value: Any) -> Any:
    return simple_cms_attribute(kind, value)  # type: ignore[no-untyped-call]


def _certificates(ders: Iterable[bytes]) -> cms.CertificateSet:
    return cms.CertificateSet(
        [cms.CertificateChoices("certificate", asn1_x509.Certificate.load(d)) for d in ders]
    )


def _key_usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _sha256(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()
