"""Evidence packages: the files against the manifest, then everything in them."""

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Any

import orjson
from asn1crypto import pem
from asn1crypto import x509 as asn1

from certification.crypto import Sm2Unavailable
from certification.pki.algorithms import Algorithm, algorithm_of, verify
from certification.pki.certificates import signed_by, spki_of
from certification.verification import dss, tokens
from certification.verification.evidence import Evidence, Proof, Status
from certification.verification.findings import (
    CertificateReport,
    DocumentReport,
    Finding,
    Problem,
    SignatureReport,
    verdict_of,
)
from certification.verification.pdf import verify_pdf

_WITHDRAWN = {"revoked": Problem.REVOKED, "suspended": Problem.SUSPENDED}
GENESIS = "0" * 64
MOST_FILES = 500
LARGEST = 100 * 1024 * 1024  # bytes of all files unpacked
_SEAL_CHANGED = {"unreadable", "document_changed", "signature_wrong", "seal_changed"}
_OUTSIDE = {"manifest.json", "manifest.tst"}


@dataclass(frozen=True)
class NationalEvidence:
    """What SM2 certificates are judged by: trusted roots (DER), and who knows their status now
    (of a certificate in DER; None for a stranger's)."""

    roots: tuple[bytes, ...] = ()
    status: Callable[[bytes], Status | None] = lambda _der: None


@dataclass(frozen=True)
class SealJudgement:
    """What an SES signature shows; ``problems`` is empty when all ten steps of GB/T 38540 hold."""

    seal: str
    signer: str
    at: datetime | None
    problems: tuple[str, ...]


SealJudge = Callable[[bytes, bytes], SealJudgement]
"""From an SES signature (DER) and the document's bytes."""


def is_package(data: bytes) -> bool:
    """Whether these bytes are a ZIP at all."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def verify_package(
    data: bytes,
    *,
    evidence: Evidence,
    national: NationalEvidence,
    now: datetime,
    judge_seal: SealJudge | None = None,
) -> DocumentReport:
    """What an evidence package proves. Never raises for a bad one: it says so."""
    base = DocumentReport(
        kind="package",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        checked_at=now,
    )
    try:
        files, problem = _unpacked(data)
        if problem is not None:
            return replace(base, findings=(problem,))
        report, in_time = _verify(files, base, evidence, national, now)
        seals = _seals(files, judge_seal, in_time) if judge_seal else []
        return replace(report, signatures=(*report.signatures, *seals))
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, IndexError,
            NotImplementedError, RuntimeError, OSError, EOFError) as error:  # fmt: skip
        if isinstance(error, Sm2Unavailable):
            raise
        return replace(base, findings=(_finding(Problem.NOT_READABLE, detail=str(error)[:200]),))


def _unpacked(data: bytes) -> tuple[dict[str, bytes], Finding | None]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        listed = archive.infolist()
        if len(listed) > MOST_FILES or sum(info.file_size for info in listed) > LARGEST:
            return {}, _finding(Problem.TOO_COMPLEX, detail="too many or too large files")
        if any(info.flag_bits & 1 for info in listed):
            return {}, _finding(Problem.ENCRYPTED)
        files: dict[str, bytes] = {}
        for info in listed:
            with archive.open(info) as opened:
                found = opened.read(info.file_size + 1)  # what is said to be small, stays small
            if len(found) > info.file_size or info.filename in files:
                return {}, _finding(Problem.NOT_READABLE, detail=info.filename)
            files[info.filename] = found
    if "manifest.json" not in files or "contract.pdf" not in files:
        missing = "manifest.json" if "manifest.json" not in files else "contract.pdf"
        return {}, _finding(Problem.FILE_MISSING, file=missing)
    return files, None


def _verify(
    files: dict[str, bytes],
    base: DocumentReport,
    evidence: Evidence,
    national: NationalEvidence,
    now: datetime,
) -> tuple[DocumentReport, bool]:
    """The report, and whether the manifest's timestamp holds."""
    manifest = orjson.loads(files["manifest.json"])
    findings = [*_listed(files, manifest["files"]), *_trail(files, manifest)]
    pdf = verify_pdf(files["contract.pdf"], evidence=evidence, now=now)
    signatures = [*pdf.signatures]
    findings += pdf.findings
    for one in manifest["detached"]:
        signatures.append(_detached(files, one, national, pdf, now))
    stamped = files.get("manifest.tst")
    if stamped is None:
        wrong = [_finding(Problem.FILE_MISSING, file="manifest.tst")]
    else:
        extra = _certificates_of(files, "certificates/package-tsa-chain.pem")
        wider = dss.wider(evidence, extra)
        for name, content in files.items():  # proof of the last timestamp lies beside it
            if name.startswith("revocation/") and name.endswith((".ocsp", ".crl")):
                into = wider.ocsps if name.endswith(".ocsp") else wider.crls
                into.append(Proof(content, now))
        wrong = tokens.check(stamped, files["manifest.json"], wider, at=now)
    report = replace(
        base,
        findings=(*findings, *wrong),
        signatures=tuple(signatures),
        timestamps=pdf.timestamps,
        files=tuple(sorted(files)),
        title=f"{manifest['document']['title']} {manifest['document']['number']}".strip(),
    )
    return report, not wrong


def _seals(files: Mapping[str, bytes], judge: SealJudge, in_time: bool) -> list[SignatureReport]:
    """The seals' signatures (GB/T 38540), each over the PDF's first ``length`` bytes. They are
    judged as of their own time, which only the manifest's timestamp still proves years later."""
    found = []
    for one in orjson.loads(files["manifest.json"])["seals"]:
        covered = files["contract.pdf"][: int(one["length"])]
        said = judge(files[f"seals/{int(one['number'])}.ses"], covered)
        findings = tuple(
            _finding(
                Problem.SEAL_UNTRUSTED if step.endswith("_not_trusted") else Problem.SEAL_BROKEN,
                step=step,
            )
            for step in said.problems
        )
        if not in_time:
            findings = (*findings, _finding(Problem.TIME_NOT_PROVEN))
        found.append(
            SignatureReport(
                field=str(one["party"]), kind="seal", signer=said.seal or said.signer,
                verdict=verdict_of(findings), findings=findings, time=said.at,
                time_claimed_only=said.at is None, level="SES",
                unchanged=not _SEAL_CHANGED & set(said.problems), certificate=None,
            )
        )  # fmt: skip
    return found


def _listed(files: Mapping[str, bytes], listed: Mapping[str, Any]) -> list[Finding]:
    findings = [_finding(Problem.FILE_MISSING, file=n) for n in sorted(set(listed) - set(files))]
    findings += [
        _finding(Problem.FILE_ADDED, file=n) for n in sorted(set(files) - set(listed) - _OUTSIDE)
    ]
    for name in sorted(set(listed) & set(files)):
        if hashlib.sha256(files[name]).hexdigest() != listed[name]["sha256"]:
            findings.append(_finding(Problem.FILE_CHANGED, file=name))
    return findings


def _trail(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[Finding]:
    head = GENESIS
    for line in files.get("audit/trail.jsonl", b"").decode().splitlines():
        head = hashlib.sha256(f"{head}\n{line}".encode()).hexdigest()
    return [] if head == manifest["audit_head"] else [_finding(Problem.AUDIT_BROKEN)]


def _detached(
    files: Mapping[str, bytes],
    one: Mapping[str, Any],
    national: NationalEvidence,
    pdf: DocumentReport,
    now: datetime,
) -> SignatureReport:
    """One SM2 signature over the PDF's first ``length`` bytes."""
    number = int(one["number"])
    der = _ders(files[f"certificates/sm2-{number}.pem"])[0]
    chain = _ders(files[f"certificates/sm2-{number}-chain.pem"])
    covered = files["contract.pdf"][: int(one["length"])]
    findings: list[Finding] = []
    spki = spki_of(der)
    if algorithm_of(spki) is not Algorithm.SM2 or not verify(
        spki, covered, files[f"signatures/sm2-{number}.sig"]
    ):
        findings.append(_finding(Problem.DETACHED_BROKEN))
    times = [stamp.time for stamp in pdf.timestamps if not stamp.findings]
    at = min(times, default=now)
    status = national.status(der) or Status("unknown")
    then, wrong = _national_then(der, status, at)
    findings += [*_national_chain(der, chain, national, at), *wrong]
    found = asn1.Certificate.load(der)
    subject = found.subject.native
    return SignatureReport(
        field=str(one["party"]),
        kind="sm2",
        signer=str(subject.get("common_name", "")),
        verdict=verdict_of(findings),
        findings=tuple(findings),
        time=at if times else None,
        time_claimed_only=not times,
        level="SM2",
        unchanged=not any(f.problem == Problem.DETACHED_BROKEN for f in findings),
        certificate=CertificateReport(
            subject=str(subject.get("common_name", "")),
            issuer=str(found.issuer.native.get("common_name", "")),
            serial=f"{found.serial_number:x}",
            organisation=str(subject.get("organization_name", "")),
            valid_from=found.not_valid_before,
            valid_to=found.not_valid_after,
            status_then=then,
            status_now="expired" if _ended(found, status, now) else status.word,
            revoked_at=status.revoked_at,
            test_only="TEST" in found.issuer.human_friendly.upper(),
        ),
    )


def _national_then(der: bytes, status: Status, at: datetime) -> tuple[str, list[Finding]]:
    """How an SM2 certificate stood at ``at``. What was withdrawn later was good then."""
    if status.word in _WITHDRAWN and status.revoked_at and status.revoked_at <= at:
        problem = _WITHDRAWN[status.word]
        params = {"certificate": _name(der), "at": at, "since": status.revoked_at}
        return status.word, [Finding(problem, params)]
    return ("unknown" if status.word == "unknown" else "good"), []


def _ended(found: asn1.Certificate, status: Status, now: datetime) -> bool:
    return status.word not in _WITHDRAWN and now > found.not_valid_after


def _national_chain(
    der: bytes, chain: list[bytes], national: NationalEvidence, at: datetime
) -> list[Finding]:
    here, findings = der, []
    for issuer in [*chain, *national.roots]:
        if here in national.roots:
            break
        above = asn1.Certificate.load(issuer)
        if asn1.Certificate.load(here).issuer != above.subject:
            continue
        if not signed_by(here, spki_of(issuer)):
            return [_finding(Problem.BROKEN_CHAIN, certificate=_name(here), issuer=_name(issuer))]
        found = asn1.Certificate.load(here)
        if at < found.not_valid_before:
            findings.append(
                _finding(Problem.NOT_YET_VALID, certificate=_name(here), at=at,
                         since=found.not_valid_before)
            )  # fmt: skip
        elif at > found.not_valid_after:
            findings.append(
                _finding(Problem.EXPIRED, certificate=_name(here), at=at,
                         ended=found.not_valid_after)
            )  # fmt: skip
        here = issuer
    if here not in national.roots:
        issuer_name = asn1.Certificate.load(here).issuer.native.get("common_name", "")
        findings.append(_finding(Problem.UNKNOWN_ROOT, certificate=_name(here), issuer=issuer_name))
    return findings


def _certificates_of(files: Mapping[str, bytes], name: str) -> list[bytes]:
    return _ders(files[name]) if name in files else []


def _ders(data: bytes) -> list[bytes]:
    start = data.find(b"-----BEGIN")
    if start < 0:
        return []
    return [der for _kind, _headers, der in pem.unarmor(data[start:], multiple=True)]


def _name(der: bytes) -> str:
    return str(asn1.Certificate.load(der).subject.native.get("common_name", ""))


def _finding(problem: Problem, **params: object) -> Finding:
    return Finding(problem, dict(params))
