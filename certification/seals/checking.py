"""Verifying seal signatures in the steps of GB/T 38540-2020 (7.3, and 6.3 for the seal in it).

Every step is carried out as far as it can be, so that all that is wrong is told, not only the
first. Revocation is told by the caller, who knows the authority.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, x509

from certification.crypto import sm3
from certification.crypto.sm2 import SIGNATURE_OID
from certification.pki.algorithms import SHA256_OID, digest, verify
from certification.seals.structures import (
    BROKEN,
    DIGESTS,
    WHOLE,
    Seal,
    SealSignature,
    bytes_of,
    certificate_of,
)

Revoked = Callable[[bytes, datetime], bool]
"""Whether a certificate (DER) was revoked or held at a time."""


class Step(enum.StrEnum):
    """The ten steps, in order."""

    FORMAT = "format"
    SIGNATURE = "signature"
    DIGEST = "digest"
    SIGNER_IN_SEAL = "signer_in_seal"
    SEAL_SIGNATURE = "seal_signature"
    MAKER = "maker"
    SIGNER = "signer"
    SEAL_PERIOD = "seal_period"
    TIME = "time"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True)
class Finding:
    """One step: held or not, and if not, why (English; the page translates by ``code``)."""

    step: Step
    ok: bool
    code: str = ""


@dataclass(frozen=True)
class SealReport:
    """What a seal signature shows. ``name``: of the seal; ``at``: the time it claims or, with a
    timestamp, was proven to exist at; ``signer``: the certificate's common name."""

    findings: tuple[Finding, ...]
    code: str = ""
    name: str = ""
    signer: str = ""
    at: datetime | None = None
    picture: bytes = b""
    timestamped: bool = False

    @property
    def ok(self) -> bool:
        return len(self.findings) == len(Step) and all(f.ok for f in self.findings)

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(f.code for f in self.findings if not f.ok)


@dataclass(frozen=True)
class Trust:
    """What the judge goes by: trusted issuers of certificates (DER, intermediate ones included),
    and who knows of revocation."""

    issuers: tuple[bytes, ...]
    revoked: Revoked


def check(der: bytes, *, document_digest: bytes, trust: Trust) -> SealReport:
    """Judge an SES_Signature over a document with this SM3 digest."""
    try:
        found = SealSignature.load(der, strict=True)
        seal, signer = found["to_sign"]["eseal"], certificate_of(found["cert"])
        maker, info = certificate_of(seal["cert"]), seal["es_eal_info"]
        _read_all(found)
        at: datetime = found["to_sign"]["time_info"].native
        proven = _token_time(found)
        signed, made = bytes_of(found["signature"]), bytes_of(seal["signed_value"])
        hashed = bytes_of(found["to_sign"]["data_hash"])
    except BROKEN:
        return SealReport((Finding(Step.FORMAT, False, "unreadable"),))
    period = (info["property"]["valid_start"].native, info["property"]["valid_end"].native)
    results = {
        Step.FORMAT: _format(found, seal),
        Step.SIGNATURE: verify(_spki(signer), found["to_sign"].dump(), signed) or "signature_wrong",
        Step.DIGEST: hashed == document_digest or "document_changed",
        Step.SIGNER_IN_SEAL: _listed(seal, signer.dump()) or "signer_not_in_seal",
        Step.SEAL_SIGNATURE: verify(_spki(maker), info.dump(), made) or "seal_changed",
        Step.MAKER: _certificate(maker, at, trust, "maker"),
        Step.SIGNER: _certificate(signer, at, trust, "signer"),
        Step.SEAL_PERIOD: period[0] <= at <= period[1] or "seal_not_valid_then",
        Step.TIME: (proven is None or abs((proven[0] - at).total_seconds()) <= 300)
        or "time_differs_from_timestamp",
        Step.TIMESTAMP: proven is None or _token(proven, signed, trust),
    }
    findings = tuple(
        Finding(step, outcome is True, "" if outcome is True else str(outcome))
        for step, outcome in results.items()
    )
    return SealReport(
        findings=findings,
        code=info["es_id"].native,
        name=info["property"]["name"].native,
        signer=str(signer.subject.native.get("common_name", "")),
        at=at,
        picture=info["picture"]["data"].native,
        timestamped=proven is not None,
    )


def check_seal(der: bytes, *, at: datetime, trust: Trust) -> tuple[str, ...]:
    """What is wrong with a seal itself (SESeal) at a time; empty when nothing is."""
    try:
        seal = Seal.load(der, strict=True)
        info, maker = seal["es_eal_info"], certificate_of(seal["cert"])
        start, end = (info["property"][name].native for name in ("valid_start", "valid_end"))
        signed = bytes_of(seal["signed_value"])
        header = info["header"].native
    except BROKEN:
        return ("unreadable",)
    results: list[bool | str] = [
        (header["id"] == "ES" and header["version"] == 4) or "unreadable",
        verify(_spki(maker), info.dump(), signed) or "seal_changed",
        _certificate(maker, at, trust, "maker"),
        start <= at <= end or "seal_not_valid_then",
    ]
    return tuple(str(outcome) for outcome in results if outcome is not True)


def _format(found: SealSignature, seal: Seal) -> bool | str:
    header = seal["es_eal_info"]["header"].native
    versions = header["id"] == "ES" and header["version"] == found["to_sign"]["version"].native == 4
    algorithms = (found["signature_alg_id"].dotted, seal["sign_alg_id"].dotted)
    return (versions and algorithms == (SIGNATURE_OID, SIGNATURE_OID)) or "unknown_version"


def _listed(seal: Seal, der: bytes) -> bool:
    """Whether the seal names this certificate, itself or by its digest."""
    found = seal["es_eal_info"]["property"]
    if found["cert_list_type"].native == DIGESTS:
        digests = {one["value"].native for one in found["cert_list"]}
        return bool(digests & {sm3(der), digest(SHA256_OID, der)})
    whole = found["cert_list_type"].native == WHOLE
    return whole and der in [one.native for one in found["cert_list"]]


def _certificate(found: x509.Certificate, at: datetime, trust: Trust, who: str) -> bool | str:
    """Issued by someone trusted, valid and not revoked at that time, and for signing."""
    issuer = next((der for der in trust.issuers if _issued(found, der)), None)
    if issuer is None:
        return f"{who}_not_trusted"
    above = x509.Certificate.load(issuer)
    for one in (found, above):
        if not one.not_valid_before <= at <= one.not_valid_after:
            return f"{who}_expired"
    usage = found.key_usage_value.native if found.key_usage_value else set()
    if not usage & {"digital_signature", "non_repudiation"}:
        return f"{who}_not_for_signing"
    return f"{who}_revoked" if trust.revoked(found.dump(), at) else True


def _issued(found: x509.Certificate, issuer: bytes) -> bool:
    above = x509.Certificate.load(issuer)
    if above.subject.dump() != found.issuer.dump():
        return False
    body, named = found["tbs_certificate"].dump(), found["tbs_certificate"]["signature"].dump()
    if found["signature_algorithm"].dump() != named:
        return False
    return verify(_spki(above), body, found["signature_value"].native)


def _token_time(found: SealSignature) -> tuple[datetime, cms.SignedData, str, bytes] | None:
    if not found["time_stamp"].native:
        return None
    token = cms.ContentInfo.load(bytes_of(found["time_stamp"]), strict=True)["content"]
    info = token["encap_content_info"]["content"].parsed
    imprint = info["message_imprint"]
    oid, value = imprint["hash_algorithm"]["algorithm"].dotted, imprint["hashed_message"].native
    return info["gen_time"].native, token, oid, value


def _token(
    proven: tuple[datetime, cms.SignedData, str, bytes], signed: bytes, trust: Trust
) -> bool | str:
    at, token, oid, imprint = proven
    if digest(oid, signed) != imprint:
        return "timestamp_of_something_else"
    signer = token["signer_infos"][0]
    serial = signer["sid"].chosen["serial_number"].native
    carried = [c.chosen for c in token["certificates"]]
    own = [c for c in carried if c.serial_number == serial]
    others = [c.dump() for c in carried if c.serial_number != serial]
    attributes = signer["signed_attrs"]
    content = token["encap_content_info"]["content"].contents
    inside = next(a["values"][0].native for a in attributes if a["type"].native == "message_digest")
    if own and not any(_issued(own[0], der) for der in trust.issuers):
        return "timestamp_not_trusted"
    if not own or set(others) - set(trust.issuers) or digest(SHA256_OID, content) != inside:
        return "timestamp_changed"
    body = attributes.untag().dump()
    if not verify(_spki(own[0]), body, signer["signature"].native):
        return "timestamp_changed"
    return _certificate(own[0], at, trust, "timestamp")


def _spki(found: x509.Certificate) -> bytes:
    return bytes(found.public_key.dump())


def _read_all(found: SealSignature) -> None:
    """Parse every field now, so that what is broken deep inside is found here."""
    for part in (found["to_sign"], found["to_sign"]["eseal"]["es_eal_info"]):
        for name, value in part.native.items():
            if value is None and name != "ext_datas":
                raise ValueError(f"{name} is missing")
