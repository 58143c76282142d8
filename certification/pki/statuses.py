"""OCSP (RFC 6960): reading requests, building responses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import core, ocsp, x509

from certification.pki.algorithms import Signer, digest, key_identifier, signature_algorithm

MAX_ASKED = 20
NONCE_MAX = 128  # RFC 9654


@dataclass(frozen=True)
class Asked:
    """One certificate asked about; ``certid`` goes back as it came."""

    certid: ocsp.CertId
    serial: int
    hash_oid: str
    name_hash: bytes
    key_hash: bytes

    def is_of(self, issuer_name: bytes, issuer_spki: bytes) -> bool:
        """Whether the question names this issuer."""
        key = bytes(x509.PublicKeyInfo.load(issuer_spki)["public_key"])
        return (
            digest(self.hash_oid, issuer_name) == self.name_hash
            and digest(self.hash_oid, key) == self.key_hash
        )


@dataclass(frozen=True)
class Status:
    """``good``, ``revoked`` (then with time and reason) or ``unknown``."""

    asked: Asked
    state: str
    revoked_at: datetime | None = None
    reason: str = "unspecified"


@dataclass(frozen=True)
class Question:
    """A request: the certificates asked about, and its nonce, if any."""

    asked: tuple[Asked, ...]
    nonce: bytes | None


def read(der: bytes) -> Question:
    """A request in DER. Raises ValueError for anything that isn't one."""
    try:
        request = ocsp.OCSPRequest.load(der, strict=True)["tbs_request"]
        asked = tuple(_asked(one["req_cert"]) for one in request["request_list"])
        nonce = None
        for extension in request["request_extensions"] or ():
            if extension["extn_id"].native == "nonce":
                nonce = extension["extn_value"].parsed.native
            elif extension["critical"].native:
                raise ValueError("an unknown critical extension")
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"This isn't an OCSP request: {error}") from error
    if not 1 <= len(asked) <= MAX_ASKED or (nonce is not None and not 1 <= len(nonce) <= NONCE_MAX):
        raise ValueError(f"Ask for 1 to {MAX_ASKED} certificates, with a nonce of 1 to 128 bytes.")
    return Question(asked, nonce)


def question_for(certificate: bytes, issuer: bytes, *, nonce: bytes | None = None) -> Question:
    """The question a verifier would ask, by SHA-1 as OpenSSL and PDF readers do."""
    above = x509.Certificate.load(issuer)
    oid = "1.3.14.3.2.26"
    certid = ocsp.CertId(
        {
            "hash_algorithm": {"algorithm": "sha1"},
            "issuer_name_hash": digest(oid, above.subject.dump()),
            "issuer_key_hash": digest(oid, bytes(above.public_key["public_key"])),
            "serial_number": x509.Certificate.load(certificate).serial_number,
        }
    )
    return Question((_asked(certid),), nonce)


def answer(
    statuses: Sequence[Status],
    *,
    responder: Signer,
    certificate: bytes,
    nonce: bytes | None,
    produced_at: datetime,
    next_update: datetime,
) -> bytes:
    """A signed response in DER with the responder's certificate inside."""
    whole = produced_at.replace(microsecond=0)
    body: dict[str, object] = {
        "responder_id": ocsp.ResponderId(name="by_key", value=key_identifier(responder.spki)),
        "produced_at": whole,
        "responses": [_single(one, whole, next_update.replace(microsecond=0)) for one in statuses],
    }
    if nonce is not None:
        body["response_extensions"] = [
            {
                "extn_id": "nonce",
                "critical": False,
                "extn_value": core.ParsableOctetString(core.OctetString(nonce).dump()),
            }
        ]
    data = ocsp.ResponseData(body)
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": data,
            "signature_algorithm": signature_algorithm(responder.algorithm),
            "signature": responder.sign(data.dump()),
            "certs": [x509.Certificate.load(certificate)],
        }
    )
    return bytes(
        ocsp.OCSPResponse(
            {
                "response_status": "successful",
                "response_bytes": {
                    "response_type": "basic_ocsp_response",
                    "response": core.ParsableOctetString(basic.dump()),
                },
            }
        ).dump()
    )


def refusal(status: str) -> bytes:
    """An unsigned error response: ``malformed_request``, ``unauthorized``, ``try_later``, …"""
    return bytes(ocsp.OCSPResponse({"response_status": status}).dump())


def _asked(certid: ocsp.CertId) -> Asked:
    return Asked(
        certid=certid,
        serial=certid["serial_number"].native,
        hash_oid=certid["hash_algorithm"]["algorithm"].dotted,
        name_hash=certid["issuer_name_hash"].native,
        key_hash=certid["issuer_key_hash"].native,
    )


def _single(status: Status, this_update: datetime, next_update: datetime) -> dict[str, object]:
    shown: ocsp.CertStatus
    if status.state == "revoked":
        assert status.revoked_at is not None
        body: dict[str, object] = {"revocation_time": status.revoked_at.replace(microsecond=0)}
        if status.reason != "unspecified":
            body["revocation_reason"] = status.reason
        shown = ocsp.CertStatus(name="revoked", value=ocsp.RevokedInfo(body))
    else:
        shown = ocsp.CertStatus(name=status.state, value=core.Null())
    return {
        "cert_id": status.asked.certid,
        "cert_status": shown,
        "this_update": this_update,
        "next_update": next_update,
    }
