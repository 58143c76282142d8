"""Evidence packages: made when a document is complete, renewed before their proof ends, kept.

Whoever owns the document (the lifecycle of contracts) says what belongs to it as an
``EvidenceSource``; the signatures and what lies beside them are taken from the signings here.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from asn1crypto import pem, x509

from certification.contracts.evidence import AuditRow, EvidenceSource, PackageInfo, SigningState
from certification.errors.evidence import NoEvidence
from certification.evidence import Contents, Detached, Seal
from certification.models import Certificate
from certification.models.evidence import EvidencePackage, Signing, VerificationLink
from certification.selectors.certificates import certificate
from certification.services import signing_identity as identity
from certification.services.sign_document import outcome
from kernel import audit, clock, personal
from kernel.audit import AuditTarget
from kernel.ids import public_id
from kernel.transactions import assert_outside_transaction, atomic

RENEW_BEFORE = timedelta(days=120)
"""Before the last timestamp's certificate ends. Its authority has had a new one since the last
tenth of its life began (half a year), so the new timestamp lasts for years again."""
KEPT = timedelta(days=365 * 10)
"""电子签名法 art. 24 asks for five years after a certificate's end; contracts are kept for ten."""
_BATCH = 20


def make_package(source: EvidenceSource) -> PackageInfo:
    """The document's first package; the one there is, when it was made before.

    Outside of any transaction: it asks the timestamp authority.
    """
    assert_outside_transaction("Making an evidence package")
    known = _latest(source.document_id)
    if known is not None:
        return _info(known)
    signings = {
        row.key: row
        for row in Signing.objects.filter(
            document_id=source.document_id, state=SigningState.DONE
        ).order_by("sequence")
    }
    detached, seals = [], []
    for row in signings.values():
        party = next((p.name for p in source.parties if p.signing_key == row.key), row.field)
        length = len(outcome(row).document)
        if row.sm2_signature and row.sm2_certificate_id:
            found = certificate(certificate_id=row.sm2_certificate_id)
            signature = bytes(row.sm2_signature)
            detached.append(Detached(party, length, signature, found.der, found.chain))
        if row.seal_signature:
            picture = identity.seal_picture(row.seal_id) if row.seal_id else b""
            seals.append(Seal(party, length, bytes(row.seal_signature), picture))
    at = clock.business()
    trail = tuple(_line(place, row) for place, row in enumerate(source.history, 1))
    contents = Contents(
        document=source.document,
        title=source.title,
        number=source.number,
        document_id=public_id("ctr", source.document_id),
        generation=1,
        made_at=at,
        parties=tuple({"name": p.name, "role": p.role} for p in source.parties),
        trail=trail,
        consents={
            f"{place}-{party.role or 'party'}": dict(party.consent)
            for place, party in enumerate(source.parties, 1)
        },
        detached=tuple(detached),
        seals=tuple(seals),
        extra={f"extra/{name}": data for name, data in source.extra.items()},
    )
    return _keep(source.document_id, contents, at + KEPT)


def package(*, document_id: UUID, generation: int | None = None) -> tuple[PackageInfo, bytes]:
    """The newest package (or one generation) and its bytes. Raises NoEvidence."""
    rows = EvidencePackage.objects.filter(document_id=document_id)
    if generation is not None:
        rows = rows.filter(generation=generation)
    row = rows.order_by("-generation").first()
    content = personal.open_data(document_id, bytes(row.content_sealed)) if row else None
    if row is None or content is None:
        raise NoEvidence
    return _info(row), content


def package_info(*, document_id: UUID) -> PackageInfo | None:
    """The newest package without its bytes; None until there is one."""
    row = _latest(document_id)
    return _info(row) if row else None


def signed_by(
    *, document_id: UUID, merchant_id: UUID | None = None, person_id: UUID | None = None
) -> bool:
    """Whether one of the document's signatures was made with a certificate of this merchant, or of
    this person on their own behalf."""
    if merchant_id is None and person_id is None:
        return False
    ids = Signing.objects.filter(document_id=document_id).values_list("certificate_id", flat=True)
    found = Certificate.objects.filter(id__in=list(ids), merchant_id=merchant_id)
    if merchant_id is None:
        found = found.filter(person_id=person_id)
    return found.exists()


def renew_due() -> int:
    """Renew the packages whose proof ends soon, by the platform's clock; how many. Repeatable."""
    due = EvidencePackage.objects.filter(renew_at__lte=clock.business())
    renewed = 0
    for document_id in list(
        due.order_by("renew_at").values_list("document_id", flat=True)[:_BATCH]
    ):
        renew(document_id=document_id)
        renewed += 1
    return renewed


def renew(*, document_id: UUID) -> PackageInfo:
    """A new generation with today's revocation data and a new timestamp over all before.

    Raises NoEvidence.
    """
    from certification.evidence.build import parts_of
    from certification.signing.pades import renew_proof

    assert_outside_transaction("Renewing an evidence package")
    info, content = package(document_id=document_id)
    files = parts_of(content)
    manifest = orjson.loads(files["manifest.json"])
    at = clock.business()
    document = renew_proof(
        files["contract.pdf"], revocation=identity.revocation(), timestamps=identity.timestamps()
    )
    replaced = ("manifest.json", "manifest.tst", "SHA256SUMS")
    earlier = {f"earlier/{info.generation}/{name}": files[name] for name in replaced}
    contents = Contents(
        document=document,
        title=manifest["document"]["title"],
        number=manifest["document"]["number"],
        document_id=manifest["document"]["id"],
        generation=info.generation + 1,
        made_at=at,
        parties=tuple(manifest["parties"]),
        trail=tuple(files["audit/trail.jsonl"].decode().splitlines()),
        consents={
            name.removeprefix("consents/").removesuffix(".json"): orjson.loads(data)
            for name, data in files.items()
            if name.startswith("consents/")
        },
        detached=tuple(
            Detached(
                one["party"],
                one["length"],
                files[f"signatures/sm2-{one['number']}.sig"],
                _ders(files[f"certificates/sm2-{one['number']}.pem"])[0],
                tuple(_ders(files[f"certificates/sm2-{one['number']}-chain.pem"])),
            )
            for one in manifest["detached"]
        ),
        seals=tuple(
            Seal(
                one["party"],
                one["length"],
                files[f"seals/{one['number']}.ses"],
                files.get(f"seals/{one['number']}.picture", b""),
            )
            for one in manifest["seals"]
        ),
        extra={n: d for n, d in files.items() if n.startswith(("extra/", "earlier/"))} | earlier,
        previous_sha256=info.sha256,
    )
    return _keep(document_id, contents, info.keep_until)


def forget_expired() -> int:
    """Remove packages whose term is over, with the key that opens them; how many."""
    rows = EvidencePackage.objects.filter(keep_until__lt=clock.business())
    gone = list(rows.values_list("document_id", flat=True).distinct()[:_BATCH])
    for document_id in gone:
        with atomic():
            EvidencePackage.objects.filter(document_id=document_id).delete()
            audit.record(
                action="certification.evidence.term_ended",
                target=AuditTarget("certification.evidencepackage", document_id),
            )
    return len(gone)


def verification_code(*, document_id: UUID) -> str:
    """The code to print on a document (as a QR link), made once; in the caller's transaction."""
    for _attempt in range(2):
        found = VerificationLink.objects.filter(document_id=document_id).first()
        if found is not None:
            return str(found.code)
        VerificationLink.objects.bulk_create(
            [
                VerificationLink(
                    code=secrets.token_urlsafe(18),
                    document_id=document_id,
                    created_at=clock.system(),
                )
            ],
            ignore_conflicts=True,
        )
    return str(VerificationLink.objects.get(document_id=document_id).code)


def document_of_code(code: str) -> UUID | None:
    """Which document a printed code belongs to."""
    if not 20 <= len(code) <= 32:
        return None
    found: UUID | None = (
        VerificationLink.objects.filter(code=code).values_list("document_id", flat=True).first()
    )
    return found


def _keep(document_id: UUID, contents: Contents, keep_until: datetime) -> PackageInfo:
    from certification.evidence.build import build, parts_of

    content = build(contents, stamp=_stamp)
    row = EvidencePackage(
        document_id=document_id,
        generation=contents.generation,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content_sealed=b"",
        audit_head=parts_of(content)["audit/head.txt"].decode().strip(),
        made_at=contents.made_at,
        renew_at=_renew_at(contents.document, keep_until),
        keep_until=keep_until,
    )
    with atomic():
        row.content_sealed = personal.seal_data(document_id, content)
        EvidencePackage.objects.bulk_create([row], ignore_conflicts=True)
        kept = EvidencePackage.objects.get(document_id=document_id, generation=contents.generation)
        EvidencePackage.objects.filter(
            document_id=document_id, generation__lt=contents.generation
        ).update(renew_at=None)
        if kept.id == row.id:
            audit.record(
                action="certification.evidence.made",
                target=row,
                after={"document": document_id, "generation": row.generation},
            )
    return _info(kept)


def _renew_at(document: bytes, keep_until: datetime) -> datetime | None:
    """Before the last timestamp's certificate ends; None when the term ends first."""
    from certification.signing.reading import embedded

    stamps = [one for one in embedded(document) if one.timestamp]
    ends = [x509.Certificate.load(one.certificate).not_valid_after for one in stamps[-1:]]
    due = ends[0] - RENEW_BEFORE if ends else clock.business()
    return due if due < keep_until else None


def _stamp(data: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    from certification.signing.pades import timestamp

    service = identity.timestamps()
    return timestamp(data, service), (service.certificate, *service.chain)


def _latest(document_id: UUID) -> EvidencePackage | None:
    return EvidencePackage.objects.filter(document_id=document_id).order_by("-generation").first()


def _line(place: int, row: AuditRow) -> str:
    shown = {
        "number": place,
        "at": row.at.isoformat(),
        "action": row.action,
        "actor": row.actor,
        "detail": dict(row.detail),
    }
    return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS).decode()


def _ders(data: bytes) -> list[bytes]:
    start = data.find(b"-----BEGIN")
    return [der for _kind, _headers, der in pem.unarmor(data[start:], multiple=True)]


def _info(row: EvidencePackage) -> PackageInfo:
    return PackageInfo(
        id=row.id,
        document_id=row.document_id,
        generation=row.generation,
        sha256=row.sha256,
        size=row.size,
        made_at=row.made_at,
        renew_at=row.renew_at,
        keep_until=row.keep_until,
    )
