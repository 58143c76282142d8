"""RFC 3161 tokens over some bytes: unchanged, really signed, by an authority that is trusted."""

import hashlib
from datetime import datetime
from typing import Any

from asn1crypto import cms
from cryptography.hazmat.primitives import hashes

from certification.verification import dss
from certification.verification.evidence import TIME_STAMPING, Evidence, verified
from certification.verification.findings import Finding, Problem

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512,
}  # fmt: skip


def check(token: bytes, content: bytes, evidence: Evidence, *, at: datetime) -> list[Finding]:
    """What is wrong with a token (DER) over ``content``, judged at ``at``."""
    data = cms.ContentInfo.load(token)["content"]
    signer, info = data["signer_infos"][0], data["encap_content_info"]["content"]
    certificate = dss.signer_of(data, evidence.certificates)
    imprint = info.parsed["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    mine = HASHES.get(signer["digest_algorithm"]["algorithm"].native)
    if certificate is None or mine is None or algorithm not in HASHES:
        return [Finding(Problem.TIME_NOT_PROVEN)]
    if hashlib.new(algorithm, content).digest() != imprint["hashed_message"].native:
        return [Finding(Problem.TIME_NOT_PROVEN), Finding(Problem.CHANGED)]
    inner = hashlib.new(mine().name, info.contents).digest()
    attributes = signer["signed_attrs"].untag().dump()
    right = verified(certificate.public_key(), signer["signature"].native, attributes, mine())
    if inner != attribute(signer, "message_digest") or not right:
        return [Finding(Problem.TIME_NOT_PROVEN), Finding(Problem.BAD_SIGNATURE)]
    time: datetime = info.parsed["gen_time"].native
    wider = dss.wider(evidence, [c.chosen.dump() for c in data["certificates"]])
    findings, _status = wider.check(certificate, at=at, used_at=time, usage=TIME_STAMPING)
    return findings


def attribute(signer: cms.SignerInfo, name: str) -> Any:
    """The first value of a signed attribute; None without it."""
    for found in signer["signed_attrs"]:
        if found["type"].native == name:
            return found["values"][0].native
    return None
