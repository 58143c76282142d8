"""Certificate revocation lists (RFC 5280, section 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import crl, x509

from certification.pki.algorithms import Signer, key_identifier, signature_algorithm, verify
from certification.pki.certificates import _time


@dataclass(frozen=True)
class Entry:
    """One revoked or held certificate; ``reason`` as in RFC 5280 (``key_compromise``)."""

    serial: int
    revoked_at: datetime
    reason: str


def build(
    entries: Iterable[Entry],
    *,
    issuer: Signer,
    issuer_name: x509.Name,
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """A complete CRL in DER."""
    body: dict[str, object] = {
        "version": "v2",
        "signature": signature_algorithm(issuer.algorithm),
        "issuer": issuer_name,
        "this_update": _time(this_update),
        "next_update": _time(next_update),
        "crl_extensions": [
            {
                "extn_id": "authority_key_identifier",
                "critical": False,
                "extn_value": {"key_identifier": key_identifier(issuer.spki)},
            },
            {"extn_id": "crl_number", "critical": False, "extn_value": number},
        ],
    }
    revoked = [_entry(entry) for entry in entries]
    if revoked:  # an empty list must be left out (RFC 5280, 5.1.2.6)
        body["revoked_certificates"] = revoked
    to_sign = crl.TbsCertList(body)
    return bytes(
        crl.CertificateList(
            {
                "tbs_cert_list": to_sign,
                "signature_algorithm": signature_algorithm(issuer.algorithm),
                "signature": issuer.sign(to_sign.dump()),
            }
        ).dump()
    )


def signed_by(der: bytes, issuer_spki: bytes) -> bool:
    """Whether this key signed the list."""
    try:
        found = crl.CertificateList.load(der)
        return verify(issuer_spki, found["tbs_cert_list"].dump(), found["signature"].native)
    except (ValueError, TypeError):
        return False


def _entry(entry: Entry) -> dict[str, object]:
    body: dict[str, object] = {
        "user_certificate": entry.serial,
        "revocation_date": _time(entry.revoked_at),
    }
    if entry.reason != "unspecified":  # absent means unspecified (5.3.1)
        body["crl_entry_extensions"] = [
            {"extn_id": "crl_reason", "critical": False, "extn_value": entry.reason}
        ]
    return body
