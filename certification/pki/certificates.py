"""Building and reading certificates (RFC 5280; GB/T 20518 for those with SM2)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import core, csr, pem, x509

from certification.pki.algorithms import (
    Algorithm,
    Signer,
    algorithm_of,
    key_identifier,
    signature_algorithm,
    verify,
)

ANY_POLICY = "2.5.29.32.0"
_CPS, _NOTICE = "1.3.6.1.5.5.7.2.1", "1.3.6.1.5.5.7.2.2"


@dataclass(frozen=True)
class Contents:
    """What a certificate says. ``path_length`` None: an end entity; times aware, to the second.

    ``notice`` is shown with the first policy (at most 200 characters, RFC 5280, 4.2.1.4).
    """

    subject: Mapping[str, str | list[str]]
    spki: bytes
    not_before: datetime
    not_after: datetime
    key_usage: frozenset[str]
    extended_key_usage: tuple[str, ...] = ()
    extended_critical: bool = False
    policies: tuple[str, ...] = ()
    notice: str = ""
    path_length: int | None = None
    crl_urls: tuple[str, ...] = ()
    ocsp_urls: tuple[str, ...] = ()
    issuer_urls: tuple[str, ...] = ()
    ocsp_no_check: bool = False
    emails: tuple[str, ...] = ()
    serial: int = field(default_factory=lambda: new_serial())


def new_serial() -> int:
    """127 random bits, positive, never shorter than 16 bytes: unguessable, as CAs must."""
    return secrets.randbits(126) | 1 << 126


def name_of(parts: Mapping[str, str | list[str]]) -> x509.Name:
    """A distinguished name; keys as in asn1crypto (``common_name``), lists for repeated ones."""
    pairs: list[tuple[str, str]] = []
    for kind, value in parts.items():
        pairs += [(kind, one) for one in ([value] if isinstance(value, str) else value) if one]
    names = []
    for kind, value in pairs:
        plain = kind in ("country_name", "serial_number")
        text = x509.DirectoryString(
            name="printable_string" if plain else "utf8_string",
            value=core.PrintableString(value) if plain else core.UTF8String(value),
        )
        shown = x509.EmailAddress(value) if kind == "email_address" else text
        if kind == "country_name" or kind == "serial_number":
            shown = text
        names.append(
            x509.RelativeDistinguishedName([x509.NameTypeAndValue({"type": kind, "value": shown})])
        )
    return x509.Name(name="", value=x509.RDNSequence(names))


def issue(
    contents: Contents,
    *,
    issuer: Signer,
    issuer_name: x509.Name | None = None,
) -> bytes:
    """A certificate in DER; without ``issuer_name`` its own name: self-signed."""
    subject = name_of(contents.subject)
    to_sign = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": contents.serial,
            "signature": signature_algorithm(issuer.algorithm),
            "issuer": issuer_name or subject,
            "validity": {
                "not_before": _time(contents.not_before),
                "not_after": _time(contents.not_after),
            },
            "subject": subject,
            "subject_public_key_info": x509.PublicKeyInfo.load(contents.spki),
            "extensions": _extensions(contents, issuer),
        }
    )
    made = x509.Certificate(
        {
            "tbs_certificate": to_sign,
            "signature_algorithm": signature_algorithm(issuer.algorithm),
            "signature_value": issuer.sign(to_sign.dump()),
        }
    )
    return bytes(made.dump())


def signed_by(certificate: bytes, issuer_spki: bytes) -> bool:
    """Whether this key signed the certificate (nothing about time or names)."""
    found = x509.Certificate.load(certificate)
    try:
        return verify(issuer_spki, found["tbs_certificate"].dump(), found["signature_value"].native)
    except (ValueError, TypeError):
        return False


def spki_of(certificate: bytes) -> bytes:
    """The public key of a certificate, DER."""
    return bytes(x509.Certificate.load(certificate).public_key.dump())


def pem_chain(ders: Sequence[bytes]) -> bytes:
    """The certificates as PEM, one after another."""
    return b"".join(pem.armor("CERTIFICATE", der) for der in ders)


def read_request(data: bytes) -> tuple[bytes, x509.Name, Algorithm]:
    """Public key, subject and kind of key of a certification request (PKCS#10, PEM or DER).

    Raises ValueError when it can't be read, or when its signature doesn't prove the key's
    possession.
    """
    try:
        der = pem.unarmor(data)[2] if pem.detect(data) else data
        request = csr.CertificationRequest.load(der, strict=True)
        info = request["certification_request_info"]
        spki = bytes(info["subject_pk_info"].dump())
        name, signature = info["subject"], request["signature"].native
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("This isn't a certification request (PKCS#10) in PEM or DER.") from error
    algorithm = algorithm_of(spki)
    if not verify(spki, info.dump(), signature):
        raise ValueError(
            "The request's signature doesn't fit its key: possession of the key isn't proven "
            "(P-256 signs with ECDSA and SHA-256, SM2 with SM3 and the id 1234567812345678)."
        )
    return spki, name, algorithm


def _extensions(contents: Contents, issuer: Signer) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []

    def add(kind: str, value: object, critical: bool = False) -> None:
        found.append({"extn_id": kind, "critical": critical, "extn_value": value})

    ca = contents.path_length is not None
    constraints = {"ca": True, "path_len_constraint": contents.path_length} if ca else {"ca": False}
    add("basic_constraints", constraints, True)
    add("key_usage", set(contents.key_usage), True)
    if contents.extended_key_usage:
        usage = x509.ExtKeyUsageSyntax(list(contents.extended_key_usage))
        add("extended_key_usage", usage, contents.extended_critical)
    add("key_identifier", key_identifier(contents.spki))
    add("authority_key_identifier", {"key_identifier": key_identifier(issuer.spki)})
    if contents.policies:
        add("certificate_policies", _policies(contents))
    if contents.crl_urls:
        points = [{"distribution_point": x509.DistributionPointName(
            name="full_name", value=[_uri(url)])} for url in contents.crl_urls]  # fmt: skip
        add("crl_distribution_points", points)
    access = [("ocsp", url) for url in contents.ocsp_urls]
    access += [("ca_issuers", url) for url in contents.issuer_urls]
    if access:
        add(
            "authority_information_access",
            [{"access_method": how, "access_location": _uri(url)} for how, url in access],
        )
    if contents.ocsp_no_check:
        add("ocsp_no_check", core.Null())
    if contents.emails:
        names = [x509.GeneralName("rfc822_name", x509.EmailAddress(e)) for e in contents.emails]
        add("subject_alt_name", names)
    return found


def _policies(contents: Contents) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for place, oid in enumerate(contents.policies):
        policy: dict[str, object] = {"policy_identifier": oid}
        if place == 0 and contents.notice:
            text = x509.DisplayText(name="utf8_string", value=core.UTF8String(contents.notice))
            policy["policy_qualifiers"] = [
                {
                    "policy_qualifier_id": _NOTICE,
                    "qualifier": x509.UserNotice({"explicit_text": text}),
                }
            ]
        found.append(policy)
    return found


def _uri(url: str) -> x509.GeneralName:
    return x509.GeneralName("uniform_resource_identifier", x509.URI(url))


def _time(at: datetime) -> x509.Time:
    """UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5)."""
    whole = at.replace(microsecond=0)
    if whole.year < 2050:
        return x509.Time(name="utc_time", value=core.UTCTime(whole))
    return x509.Time(name="general_time", value=core.GeneralizedTime(whole))
