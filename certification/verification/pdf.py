"""Signed PDFs: from the last timestamp back to each signature (PAdES, ETSI EN 319 102-1, 5.6).

The last document timestamp must hold now. Each one before it, and each signature, need only hold at
the time that the timestamp after it proves; so a signature outlives its certificates.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.diff_analysis.policy_api import DiffResult
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from certification.signing.reading import token_of
from certification.verification import dss, raw
from certification.verification.evidence import TIME_STAMPING, Evidence, Status, name_of, verified
from certification.verification.findings import (
    LIMIT,
    DocumentReport,
    Finding,
    Problem,
    SignatureReport,
    TimestampReport,
    Verdict,
    verdict_of,
)

MOST_SIGNATURES = 100
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512,
}  # fmt: skip


@dataclass
class _Found:
    """One embedded signature or document timestamp while it is judged."""

    embedded: EmbeddedPdfSignature
    findings: list[Finding]
    certificate: x509.Certificate | None

    @property
    def timestamp(self) -> bool:
        return bool(self.embedded.sig_object_type == "/DocTimeStamp")


def verify_pdf(document: bytes, *, evidence: Evidence, now: datetime) -> DocumentReport:
    """What the PDF's signatures prove at ``now``. Never raises for a bad document: it says so.

    ``evidence`` holds the trust anchors and whatever is known beside the document.
    """
    problem = _unreadable(document)
    if problem is None:
        try:
            return _verify(document, evidence, now)
        except (PdfError, SignatureValidationError, ValueError, KeyError, TypeError,
                IndexError, AttributeError, RecursionError, OverflowError) as error:  # fmt: skip
            complex_ = "limit" in str(error).lower() or isinstance(error, RecursionError)
            kind = Problem.TOO_COMPLEX if complex_ else Problem.NOT_READABLE
            if raw.changed(document):
                kind = Problem.CHANGED  # what broke the file is what the signature tells of
            problem = Finding(kind, {"detail": str(error)[:200]})
    return _report(document, now, findings=(problem,))


def _unreadable(document: bytes) -> Finding | None:
    if not document:
        return Finding(Problem.EMPTY)
    if len(document) > LIMIT:
        return Finding(Problem.TOO_LARGE, {"limit": LIMIT})
    return None


def _verify(document: bytes, evidence: Evidence, now: datetime) -> DocumentReport:
    reader = PdfFileReader(BytesIO(document), strict=False)
    if reader.encrypted:
        return _report(document, now, findings=(Finding(Problem.ENCRYPTED),))
    found = [_basics(e) for e in reader.embedded_signatures[:MOST_SIGNATURES]]
    if not found:
        return _report(document, now, findings=(Finding(Problem.NO_SIGNATURE),))
    evidence = _widened(evidence, reader, found)
    times, stamps = _timestamps(reader, found, evidence, now)
    # Revocation data weigh by when they provably existed, which the timestamps have now told.
    evidence = dss.collect(reader, evidence, times, now)
    signatures = [_signature(f, evidence, times, now) for f in found if not f.timestamp]
    findings: tuple[Finding, ...] = () if signatures else (Finding(Problem.NO_SIGNATURE),)
    return _report(document, now, findings=findings, signatures=tuple(signatures), stamps=stamps)


def _basics(embedded: EmbeddedPdfSignature) -> _Found:
    """What can be said of the bytes alone: unchanged, whole, and really signed."""
    findings: list[Finding] = []
    embedded.compute_integrity_info()  # type: ignore[no-untyped-call]
    coverage: Any = embedded.coverage
    if coverage in (
        SignatureCoverageLevel.UNCLEAR, SignatureCoverageLevel.CONTIGUOUS_BLOCK_FROM_START
    ):  # fmt: skip
        findings.append(Finding(Problem.NOT_COVERED))
    elif coverage != SignatureCoverageLevel.ENTIRE_FILE and not _harmless(embedded):
        findings.append(Finding(Problem.CHANGED_LATER))
    signer = embedded.signer_info
    algorithm = signer["digest_algorithm"]["algorithm"].native
    certificate = _certificate(embedded)
    if algorithm not in _HASHES or certificate is None:
        return _Found(embedded, [*findings, Finding(Problem.UNKNOWN_ALGORITHM)], certificate)
    content, expected = embedded.compute_digest(), _attribute(signer, "message_digest")
    if embedded.sig_object_type == "/DocTimeStamp":
        info = embedded.signed_data["encap_content_info"]["content"]
        imprint = info.parsed["message_imprint"]["hashed_message"].native
        if imprint != content:
            findings.append(Finding(Problem.CHANGED))
        content = hashlib.new(algorithm, info.contents).digest()
        if content != expected:
            findings.append(Finding(Problem.BAD_SIGNATURE))
    elif expected != content:
        findings.append(Finding(Problem.CHANGED))
    findings += _signed(signer, certificate, _HASHES[algorithm]())
    return _Found(embedded, findings, certificate)


def _signed(
    signer: cms.SignerInfo, certificate: x509.Certificate, algorithm: hashes.HashAlgorithm
) -> list[Finding]:
    """Whether the certificate's key signed the attributes, and these name that certificate."""
    attributes = signer["signed_attrs"].untag().dump()
    right = verified(certificate.public_key(), signer["signature"].native, attributes, algorithm)
    if right is None:
        return [Finding(Problem.UNKNOWN_ALGORITHM)]
    findings = [] if right else [Finding(Problem.BAD_SIGNATURE)]
    named = _attribute(signer, "signing_certificate_v2")
    if named:
        first = named["certs"][0]
        kind = (first["hash_algorithm"]["algorithm"] or "sha256") if first else "sha256"
        if certificate.fingerprint(_HASHES[kind]()) != first["cert_hash"]:
            findings.append(Finding(Problem.OTHER_CERTIFICATE))
    return findings


def _timestamps(
    reader: PdfFileReader, found: list[_Found], evidence: Evidence, now: datetime
) -> tuple[list[tuple[int, datetime]], tuple[TimestampReport, ...]]:
    """Proven times as (revision, time), and the report of each document timestamp."""
    times: list[tuple[int, datetime]] = []
    reports: list[TimestampReport] = []
    for one in reversed([f for f in found if f.timestamp and f.certificate]):
        certificate = one.certificate
        if certificate is None:
            continue
        at = dss.proven(times, one.embedded.signed_revision, now)
        known = dss.collect(reader, evidence, times, now)
        findings = [*one.findings]
        time = _token_time(one.embedded.signed_data)
        more, _status = known.check(certificate, at=at, used_at=time, usage=TIME_STAMPING)
        findings += more
        if not findings and time <= at:
            times.append((one.embedded.signed_revision, time))
        reports.append(
            TimestampReport(
                field=one.embedded.field_name,
                authority=name_of(certificate),
                time=time,
                verdict=verdict_of(findings),
                findings=tuple(findings),
                valid_to=certificate.not_valid_after_utc,
            )
        )
    return times, tuple(reversed(reports))


def _signature(
    one: _Found, evidence: Evidence, times: list[tuple[int, datetime]], now: datetime
) -> SignatureReport:
    embedded, certificate, findings = one.embedded, one.certificate, [*one.findings]
    latest = dss.proven(times, embedded.signed_revision, now)
    stamped, more = _signature_time(embedded, evidence, latest)
    best = min(stamped, latest) if stamped else latest
    claimed = embedded.self_reported_timestamp
    status = Status("unknown")
    findings += more
    if certificate is not None:
        broken, status = evidence.check(certificate, at=best)
        findings += broken
        trusted = stamped is not None or latest != now
        if not trusted:
            findings.append(Finding(Problem.NO_TRUSTED_TIME))
    signed = embedded.sig_object
    return SignatureReport(
        field=embedded.field_name,
        kind="pdf",
        signer=name_of(certificate) if certificate else "",
        verdict=_weigh(findings),
        findings=tuple(findings),
        time=best if stamped or latest != now else claimed,
        time_claimed_only=stamped is None and latest == now,
        level=_level(embedded, stamped, times),
        unchanged=not {f.problem for f in one.findings}
        & {Problem.CHANGED, Problem.CHANGED_LATER, Problem.NOT_COVERED, Problem.BAD_SIGNATURE},
        certificate=evidence.report(certificate, then=status, now=now) if certificate else None,
        reason=str(signed.get("/Reason", "")),
        location=str(signed.get("/Location", "")),
    )


def _signature_time(
    embedded: EmbeddedPdfSignature, evidence: Evidence, at: datetime
) -> tuple[datetime | None, list[Finding]]:
    """The time of the signature's own timestamp, if that holds at ``at``; else why not."""
    token = token_of(embedded.signer_info)
    if token is None:
        return None, []
    data = token["content"]
    signer, info = data["signer_infos"][0], data["encap_content_info"]["content"]
    certificate = dss.signer_of(data, evidence.certificates)
    imprint: tsp.MessageImprint = info.parsed["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    mine = _HASHES.get(signer["digest_algorithm"]["algorithm"].native)
    if certificate is None or mine is None or algorithm not in _HASHES:
        return None, [Finding(Problem.TIME_NOT_PROVEN)]
    content = hashlib.new(algorithm, embedded.signer_info["signature"].native).digest()
    inner = hashlib.new(mine().name, info.contents).digest()
    if content != imprint["hashed_message"].native or inner != _attribute(signer, "message_digest"):
        return None, [Finding(Problem.TIME_NOT_PROVEN), Finding(Problem.BAD_SIGNATURE)]
    findings = _signed(signer, certificate, mine())
    time = _token_time(data)
    more, _status = evidence.check(certificate, at=at, used_at=time, usage=TIME_STAMPING)
    if findings or more or time > at:
        return None, [*findings, *more, Finding(Problem.TIME_NOT_PROVEN)]
    return time, []


def _widened(evidence: Evidence, reader: PdfFileReader, found: list[_Found]) -> Evidence:
    """With the certificates that the document brings along."""
    pool = [*evidence.certificates, *dss.certificates(reader)]
    for one in found:
        pool += dss.certificates_in(one.embedded.signed_data)
        token = token_of(one.embedded.signer_info)
        if token is not None:
            pool += dss.certificates_in(token["content"])
    return Evidence(
        evidence.roots, list(dict.fromkeys(pool)), [*evidence.ocsps], [*evidence.crls],
        evidence.status_now,
    )  # fmt: skip


def _harmless(embedded: EmbeddedPdfSignature) -> bool:
    """Whether later revisions only add signatures, timestamps and their proof."""
    result: Any = embedded.diff_result
    return isinstance(result, DiffResult) and result.modification_level in (
        ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING
    )  # fmt: skip


def _certificate(embedded: EmbeddedPdfSignature) -> x509.Certificate | None:
    return dss.signer_of(embedded.signed_data, [])


def _attribute(signer: cms.SignerInfo, name: str) -> Any:
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native == name:
            return attribute["values"][0].native
    return None


def _token_time(data: cms.SignedData) -> datetime:
    time: datetime = data["encap_content_info"]["content"].parsed["gen_time"].native
    return time


def _level(
    embedded: EmbeddedPdfSignature, stamped: datetime | None, times: list[tuple[int, datetime]]
) -> str:
    """The level it reaches by what is there and holds."""
    later = any(revision > embedded.signed_revision for revision, _time in times)
    has_proof = dss.has_data(embedded.reader)
    if has_proof and later:
        return "B-LTA"
    if stamped is None:
        return "B-B"
    return "B-LT" if has_proof else "B-T"


def _weigh(findings: list[Finding]) -> Verdict:
    """A signature without trusted time may be right; it is only told, not held against it."""
    return verdict_of([f for f in findings if f.problem != Problem.NO_TRUSTED_TIME])


def _report(
    document: bytes,
    now: datetime,
    *,
    findings: tuple[Finding, ...] = (),
    signatures: tuple[SignatureReport, ...] = (),
    stamps: tuple[TimestampReport, ...] = (),
) -> DocumentReport:
    return DocumentReport(
        kind="pdf",
        sha256=hashlib.sha256(document).hexdigest(),
        size=len(document),
        checked_at=now,
        findings=findings,
        signatures=signatures,
        timestamps=stamps,
    )
