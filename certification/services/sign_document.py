"""Sign one document for one party: intent committed, work done outside, result committed.

The caller (the lifecycle of contracts) decides who signs when and holds the document's bytes; this
makes the signature exactly once, whatever is killed in between, and keeps what came of it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from certification.contracts.evidence import SigningState
from certification.errors.evidence import SigningFailed, SigningInProgress, SigningKeyReused
from certification.events.evidence import DocumentSigned
from certification.models.evidence import Signing
from certification.services import signing_identity as identity
from certification.signing import Appearance, Level, Placement, SigningRefused
from kernel import audit, clock, outbox, personal
from kernel.errors import DomainError
from kernel.failpoints import hit
from kernel.transactions import assert_outside_transaction, atomic

LEASE = timedelta(seconds=60)
BROKEN = "The work on it was given up and done by another attempt."


@dataclass(frozen=True)
class SignatureOrder:
    """What to sign, as whom, and where it shows.

    ``key`` makes it repeatable: the same key is the same signature, for ever. ``document_id`` names
    what is signed (the contract); ``sequence`` counts its signatures from 0, so that of two
    signers at once one is told to come again. ``document`` is the PDF with all earlier signatures.
    ``certificate_id`` is the party's P-256 certificate; ``sm2_certificate_id`` (a detached SM2
    signature over the resulting PDF) and ``seal_id`` (an SES signature, and its picture on the
    page) where the party has them. ``consent_id`` is the record of the second factor, or of the
    prior consent to automatic signing (自动签).
    """

    key: UUID
    document_id: UUID
    sequence: int
    document: bytes
    certificate_id: UUID
    place: Placement
    consent_id: UUID
    signer_name: str
    sm2_certificate_id: UUID | None = None
    seal_id: UUID | None = None
    picture: bytes = b""
    reason: str = ""
    location: str = ""
    level: Level = Level.LTA


@dataclass(frozen=True)
class SignedDocument:
    """The outcome: the PDF with the new signature, and what lies beside it (DER)."""

    signing_id: UUID
    document: bytes
    sha256: str
    signed_at: datetime
    level: Level
    sm2_signature: bytes = b""
    seal_signature: bytes = b""


def sign_document(order: SignatureOrder) -> SignedDocument:
    """Make the signature and return the signed document; outside of any transaction.

    Repeating with the same ``key`` returns the first outcome. Raises SigningInProgress (409: the
    same or another signature of this document is being made, with ``retry_after``), KeyReused (the
    key was used for another order), CertificateNotUsable (revoked, suspended, expired, not the
    party's: with the reason), SigningFailed (the document is encrypted or broken, with the reason).
    """
    assert_outside_transaction("Signing a document")
    row = _begin(order)
    if row.state == SigningState.DONE:
        return outcome(row)
    hit("certification.sign.before_work")
    try:
        made = _make(order)
    except SigningRefused as refused:
        _give_up(row, str(refused))
        raise SigningFailed(str(refused)) from refused
    except DomainError as error:
        _give_up(row, str(error), again=True)
        raise
    hit("certification.sign.after_work")
    return _finish(row, made, order)


def outcome(row: Signing) -> SignedDocument:
    """What a signing that is done came to."""
    document = personal.open_data(row.document_id, bytes(row.result_sealed or b"")) or b""
    return SignedDocument(
        signing_id=row.id,
        document=document,
        sha256=row.sha256,
        signed_at=row.signed_at or clock.business(),
        level=Level(row.level),
        sm2_signature=bytes(row.sm2_signature or b""),
        seal_signature=bytes(row.seal_signature or b""),
    )


def _begin(order: SignatureOrder) -> Signing:
    now, digest = clock.system(), _digest(order)
    with atomic():
        row = Signing.objects.select_for_update().filter(key=order.key).first()
        if row is None:
            _clear_the_way(order, now)
            row = _new(order, digest, now)
            Signing.objects.bulk_create([row], ignore_conflicts=True)
            if not Signing.objects.filter(id=row.id).exists():
                raise SigningInProgress(retry_after=1)
            audit.record(
                action="certification.document.signing_begun",
                target=row,
                after={"document": order.document_id, "sequence": order.sequence},
            )
            return row
        if row.order_sha256 != digest:
            raise SigningKeyReused
        if row.state == SigningState.FAILED:
            raise SigningFailed(row.failure)
        if row.state == SigningState.BEGUN:
            if row.lease_until > now:
                raise SigningInProgress(retry_after=_seconds(row.lease_until - now))
            row.lease_until, row.attempts = now + LEASE, row.attempts + 1
            row.save(update_fields=["lease_until", "attempts"])
        return row


def _clear_the_way(order: SignatureOrder, now: datetime) -> None:
    """Another attempt at the same turn: wait for it while it lives, else write it off."""
    others = Signing.objects.select_for_update().filter(
        document_id=order.document_id, sequence=order.sequence
    )
    for other in others.exclude(state=SigningState.FAILED):
        if other.state == SigningState.DONE:
            raise SigningInProgress(retry_after=1)
        if other.lease_until > now:
            raise SigningInProgress(retry_after=_seconds(other.lease_until - now))
        other.failure = BROKEN
        other.move(SigningState.FAILED, action="certification.document.signing_failed")
        other.save()


def _new(order: SignatureOrder, digest: str, now: datetime) -> Signing:
    row = Signing(
        key=order.key,
        document_id=order.document_id,
        sequence=order.sequence,
        field=order.place.field,
        certificate_id=order.certificate_id,
        sm2_certificate_id=order.sm2_certificate_id,
        seal_id=order.seal_id,
        consent_id=order.consent_id,
        level=order.level,
        order_sha256=digest,
        lease_until=now + LEASE,
    )
    row.touch()
    return row


@dataclass(frozen=True)
class _Made:
    document: bytes
    at: datetime
    sm2_signature: bytes
    seal_signature: bytes


def _make(order: SignatureOrder) -> _Made:
    from certification.signing.pades import sign_pdf

    at = clock.business().replace(microsecond=0)
    holder = identity.holder(order.certificate_id)
    picture = order.picture
    if order.seal_id is not None and not picture:
        picture = identity.seal_picture(order.seal_id)
    look = None
    if order.place.visible:
        look = Appearance(
            name=order.signer_name,
            at=at,
            note=f"№ {order.consent_id.hex[-12:]}",
            picture=picture,
            width=order.place.width,
            height=order.place.height,
        )
    document = sign_pdf(
        order.document,
        holder=holder,
        at=at,
        place=order.place,
        level=order.level,
        timestamps=identity.timestamps(),
        revocation=identity.revocation(),
        look=look,
        reason=order.reason,
        location=order.location,
        contact=f"consent {order.consent_id}",
    )
    sm2_signature = seal_signature = b""
    if order.sm2_certificate_id is not None:
        sm2_signature = identity.sm2_sign(order.sm2_certificate_id, document)
    if order.seal_id is not None:
        seal_signature = identity.seal_sign(
            order.seal_id, document, key=order.key, document_id=order.document_id
        )
    return _Made(document, at, sm2_signature, seal_signature)


def _finish(row: Signing, made: _Made, order: SignatureOrder) -> SignedDocument:
    with atomic():
        mine = Signing.objects.select_for_update().get(id=row.id)
        if mine.state == SigningState.DONE:
            return outcome(mine)
        if mine.state == SigningState.FAILED or mine.attempts != row.attempts:
            raise SigningInProgress(retry_after=1)
        mine.sha256 = hashlib.sha256(made.document).hexdigest()
        mine.result_sealed = personal.seal_data(mine.document_id, made.document)
        mine.sm2_signature = made.sm2_signature or None
        mine.seal_signature = made.seal_signature or None
        mine.signed_at = made.at
        mine.move(SigningState.DONE, action="certification.document.signed")
        mine.save()
        outbox.append(
            DocumentSigned(
                document_id=order.document_id,
                sequence=order.sequence,
                certificate_id=order.certificate_id,
                level=order.level,
                sha256=mine.sha256,
                signed_at=made.at,
            ),
            aggregate=mine,
        )
    hit("certification.sign.after_commit")
    return outcome(mine)


def _give_up(row: Signing, reason: str, *, again: bool = False) -> None:
    """Nothing came of it. ``again``: what is in the way may pass, so the key stays open."""
    with atomic():
        mine = Signing.objects.select_for_update().get(id=row.id)
        if mine.state != SigningState.BEGUN or mine.attempts != row.attempts:
            return
        mine.lease_until = clock.system()
        if not again:
            mine.failure = reason[:500]
            mine.move(SigningState.FAILED, action="certification.document.signing_failed")
        mine.save()


def _digest(order: SignatureOrder) -> str:
    """What makes two orders the same one."""
    parts = [
        order.document_id, order.sequence, hashlib.sha256(order.document).hexdigest(),
        order.certificate_id, order.sm2_certificate_id, order.seal_id, order.consent_id,
        order.place.field, order.signer_name, order.reason, order.location, str(order.level),
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps([str(part) for part in parts])).hexdigest()


def _seconds(left: timedelta) -> int:
    return max(1, int(left.total_seconds()) + 1)
