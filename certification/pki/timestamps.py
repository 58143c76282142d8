"""Timestamps (RFC 3161, RFC 5816): reading requests, building tokens."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import algos, cms, core, tsp, x509

from certification.pki.algorithms import SHA256_OID, SM3_OID, Algorithm, Signer, signature_algorithm

IMPRINTS = {
    SHA256_OID: 32,
    "2.16.840.1.101.3.4.2.2": 48,
    "2.16.840.1.101.3.4.2.3": 64,
    SM3_OID: 32,
}
"""Accepted digests (SHA-256, SHA-384, SHA-512, SM3) and their lengths in bytes."""
NAMES = {"sha256": SHA256_OID, "sm3": SM3_OID}


class Rejected(Exception):
    """The request is refused; ``failure`` is RFC 3161's PKIFailureInfo, the text says why."""

    def __init__(self, failure: str, text: str) -> None:
        super().__init__(text)
        self.failure = failure


@dataclass(frozen=True)
class Wanted:
    """A request for a timestamp."""

    hash_oid: str
    imprint: bytes
    nonce: int | None
    policy: str | None
    certificates: bool


def read(der: bytes) -> Wanted:
    """A request in DER. Raises Rejected."""
    try:
        request = tsp.TimeStampReq.load(der, strict=True)
        version = request["version"].native
        hash_oid = request["message_imprint"]["hash_algorithm"]["algorithm"].dotted
        imprint = request["message_imprint"]["hashed_message"].native
        nonce, policy = request["nonce"].native, request["req_policy"]
        extensions = list(request["extensions"] or ())
        certificates = bool(request["cert_req"].native)
        wanted_policy = policy.dotted if policy.native is not None else None
    except (ValueError, TypeError, KeyError) as error:
        raise Rejected("bad_data_format", "This isn't a TimeStampReq of RFC 3161.") from error
    if version != "v1":
        raise Rejected("bad_request", "Only version 1 is spoken here.")
    length = IMPRINTS.get(hash_oid)
    if length is None:
        raise Rejected("bad_alg", "Send a SHA-256, SHA-384, SHA-512 or SM3 digest.")
    if len(imprint) != length:
        raise Rejected("bad_data_format", f"A digest of this kind has {length} bytes.")
    if extensions:
        raise Rejected("unaccepted_extensions", "Extensions aren't accepted.")
    return Wanted(hash_oid, imprint, nonce, wanted_policy, certificates)


def token(
    wanted: Wanted,
    *,
    serial: int,
    policy: str,
    at: datetime,
    authority: Signer,
    certificate: bytes,
    chain: Sequence[bytes],
) -> bytes:
    """The signed TimeStampToken (CMS SignedData over TSTInfo), DER; ``at`` to the second."""
    info: dict[str, object] = {
        "version": "v1",
        "policy": policy,
        "message_imprint": {
            "hash_algorithm": {"algorithm": wanted.hash_oid},
            "hashed_message": wanted.imprint,
        },
        "serial_number": serial,
        "gen_time": at.replace(microsecond=0),
        "accuracy": {"seconds": 1},
        "ordering": False,
    }
    if wanted.nonce is not None:
        info["nonce"] = wanted.nonce
    content = tsp.TSTInfo(info).dump()
    own = x509.Certificate.load(certificate)
    attributes = cms.CMSAttributes(
        [
            _attribute("content_type", "tst_info"),
            _attribute("message_digest", hashlib.sha256(content).digest()),
            _attribute("signing_certificate_v2", _certificate_id(own)),
        ]
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                name="issuer_and_serial_number",
                value={"issuer": own.issuer, "serial_number": own.serial_number},
            ),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": signature_algorithm(Algorithm.P256),
            "signature": authority.sign(attributes.dump()),
        }
    )
    body: dict[str, object] = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {
            "content_type": "tst_info",
            "content": core.ParsableOctetString(content),
        },
        "signer_infos": [signer],
    }
    if wanted.certificates:
        body["certificates"] = [x509.Certificate.load(der) for der in (certificate, *chain)]
    made = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(body)})
    return bytes(made.dump())


def granted(made: bytes) -> bytes:
    """A TimeStampResp that carries this token."""
    return bytes(
        tsp.TimeStampResp(
            {"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(made)}
        ).dump()
    )


def refused(why: Rejected) -> bytes:
    """A TimeStampResp that says no, and why."""
    status = {
        "status": "rejection",
        "status_string": [str(why)],
        "fail_info": {why.failure},
    }
    return bytes(_Refusal({"status": status}).dump())


def token_of(response: bytes) -> bytes:
    """The token of a granted response. Raises ValueError for a refusal."""
    if _Refusal.load(response)["status"]["status"].native not in ("granted", "granted_with_mods"):
        raise ValueError("The timestamp was refused.")
    found = tsp.TimeStampResp.load(response)
    return bytes(found["time_stamp_token"].dump())


class _Refusal(core.Sequence):  # type: ignore[misc]
    """A TimeStampResp without its token, which is optional (RFC 3161, 2.4.2)."""

    _fields = [("status", tsp.PKIStatusInfo)]


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


def _certificate_id(own: x509.Certificate) -> tsp.SigningCertificateV2:
    """RFC 5816: which certificate signed, by SHA-256, so that it can't be exchanged."""
    issuer = x509.GeneralName(name="directory_name", value=own.issuer)
    return tsp.SigningCertificateV2(
        {
            "certs": [
                {
                    "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                    "cert_hash": hashlib.sha256(own.dump()).digest(),
                    "issuer_serial": {"issuer": [issuer], "serial_number": own.serial_number},
                }
            ]
        }
    )
