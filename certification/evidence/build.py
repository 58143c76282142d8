"""Putting a package together from a signed PDF and what belongs to it; same in, same out."""

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import orjson
from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader

from certification.crypto import sm3
from certification.evidence import script
from certification.evidence.chain import head_of
from certification.evidence.contents import Contents
from certification.signing.reading import Embedded, embedded
from certification.verification import dss

FORMAT = "quancheng-evidence-1"
DISTINGUISHING_ID = "1234567812345678"


def build(
    contents: Contents, *, stamp: Callable[[bytes], tuple[bytes, tuple[bytes, ...]]]
) -> bytes:
    """The ZIP. ``stamp`` gives an RFC 3161 token (DER) over some bytes and its authority's chain,
    the authority's own certificate first."""
    signatures = embedded(contents.document)
    files: dict[str, bytes] = {"contract.pdf": contents.document, **contents.extra}
    _certificates(files, contents, signatures)
    _revocation(files, contents.document)
    for place, one in enumerate(signatures, 1):
        folder = "timestamps" if one.timestamp else "signatures"
        suffix = "tst" if one.timestamp else "p7s"
        files[f"{folder}/{place}.{suffix}"] = one.contents
        if one.token:
            files[f"signatures/{place}.value"] = one.value
            files[f"timestamps/{place}-signature.tst"] = one.token
            files[f"certificates/{place}-tsa-chain.pem"] = _pem(one.token_chain)
    for place, detached in enumerate(contents.detached, 1):
        files[f"signatures/sm2-{place}.sig"] = detached.signature
    for place, seal in enumerate(contents.seals, 1):
        files[f"seals/{place}.ses"] = seal.signature
        if seal.picture:
            files[f"seals/{place}.picture"] = seal.picture
    for name, consent in contents.consents.items():
        files[f"consents/{name}.json"] = _json(consent)
    head = head_of(contents.trail)
    files["audit/trail.jsonl"] = "".join(f"{line}\n" for line in contents.trail).encode()
    files["audit/head.txt"] = f"{head}\n".encode()
    token, authority = stamp(files["audit/head.txt"])
    files["audit/head.tst"] = token
    files["certificates/package-tsa.pem"] = _pem(authority[:1])
    files["certificates/package-tsa-chain.pem"] = _pem(authority[1:])
    plan = script.Plan.of(contents.document, signatures, contents.detached)
    files["verify.sh"] = script.verify_script(plan).encode()
    files["README.md"] = script.readme(plan, contents.title, contents.number).encode()
    files["SHA256SUMS"] = "".join(
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)
    ).encode()
    manifest = _manifest(contents, signatures, head, files)
    files["manifest.json"] = manifest
    files["manifest.tst"] = stamp(manifest)[0]
    return _zip(files, contents.made_at)


def parts_of(package: bytes) -> dict[str, bytes]:
    """The files of a package made by ``build``; for renewal, not for what strangers send."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _certificates(files: dict[str, bytes], contents: Contents, signatures: list[Embedded]) -> None:
    for place, one in enumerate(signatures, 1):
        files[f"certificates/{place}.pem"] = _pem((one.certificate,))
        files[f"certificates/{place}-chain.pem"] = _pem(one.chain)
    roots = dict.fromkeys(one.chain[-1] for one in signatures if one.chain)
    files["certificates/root.pem"] = _pem(tuple(roots))
    sm2_roots: dict[bytes, None] = {}
    for place, detached in enumerate(contents.detached, 1):
        files[f"certificates/sm2-{place}.pem"] = _pem((detached.certificate,))
        files[f"certificates/sm2-{place}-chain.pem"] = _pem(detached.chain)
        for link, der in enumerate(detached.chain[:-1], 1):
            files[f"certificates/sm2-{place}-issuer-{link}.pem"] = _pem((der,))
        if detached.chain:
            sm2_roots[detached.chain[-1]] = None
    if sm2_roots:
        files["certificates/sm2-root.pem"] = _pem(tuple(sm2_roots))


def _revocation(files: dict[str, bytes], document: bytes) -> None:
    ocsps, crls = dss.revocation_data(PdfFileReader(BytesIO(document), strict=False))
    for place, data in enumerate(ocsps, 1):
        files[f"revocation/{place}.ocsp"] = data
    for place, data in enumerate(crls, 1):
        files[f"revocation/{place}.crl"] = data
    files["revocation/all-crls.pem"] = b"".join(pem.armor("X509 CRL", data) for data in crls)


def _manifest(
    contents: Contents, signatures: list[Embedded], head: str, files: Mapping[str, bytes]
) -> bytes:
    shown = {
        "format": FORMAT,
        "document": {
            "id": contents.document_id,
            "number": contents.number,
            "title": contents.title,
        },
        "generation": contents.generation,
        "previous_package_sha256": contents.previous_sha256 or None,
        "made_at": contents.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "parties": list(contents.parties),
        "signatures": [
            {
                "number": place,
                "field": one.field,
                "kind": "document timestamp" if one.timestamp else "PAdES",
                "byte_range": list(one.byte_range),
                "time": one.time.astimezone(UTC).isoformat(timespec="seconds")
                if one.time
                else None,
            }
            for place, one in enumerate(signatures, 1)
        ],
        "detached": [
            {
                "number": place,
                "party": one.party,
                "algorithm": "SM2 with SM3",
                "distinguishing_id": DISTINGUISHING_ID,
                "length": one.length,
            }
            for place, one in enumerate(contents.detached, 1)
        ],
        "seals": [
            {"number": place, "party": one.party, "length": one.length}
            for place, one in enumerate(contents.seals, 1)
        ],
        "audit_head": head,
        "files": {
            name: {
                "sha256": hashlib.sha256(data).hexdigest(),
                "sm3": sm3(data).hex(),
                "size": len(data),
            }
            for name, data in sorted(files.items())
        },
    }
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2) + b"\n"


def _zip(files: Mapping[str, bytes], at: datetime) -> bytes:
    output = BytesIO()
    moment = at.astimezone(UTC).timetuple()[:6]
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (max(1980, moment[0]), *moment[1:]))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o755 if name.endswith(".sh") else 0o644) << 16
            archive.writestr(info, files[name])
    return output.getvalue()


def _pem(certificates: tuple[bytes, ...]) -> bytes:
    shown = b""
    for der in certificates:
        found = x509.Certificate.load(der)
        shown += f"# {found.subject.human_friendly}\n".encode() + pem.armor("CERTIFICATE", der)
    return shown


def _json(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
