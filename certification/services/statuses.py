"""What is published of certificates' validity: CRLs and OCSP responses."""

from datetime import timedelta
from uuid import UUID

from certification import locks
from certification.authority import chains, services
from certification.authority.keyring import signer
from certification.contracts.authority import CertificateState, RevocationListInfo, Role
from certification.models import Authority, Certificate, RevocationList
from certification.pki import crls
from certification.pki import statuses as ocsp
from kernel import clock
from kernel.transactions import atomic

CRL_LIFE = timedelta(days=7)
CRL_FRESH = timedelta(days=1)
OCSP_LIFE = timedelta(hours=12)


def revocation_list(*, authority_id: UUID) -> RevocationListInfo:
    """The authority's CRL: the last one, or a new one when something was revoked since, or when
    it is a day old. Raises NotFound."""
    row = Authority.objects.filter(id=authority_id).first()
    found = _last(authority_id) if row else None
    if row is not None and found is not None and not _stale(row, found):
        return _info(found)
    with atomic():
        row = locks.authority(authority_id)
        found = _last(authority_id)
        if found is not None and not _stale(row, found):
            return _info(found)
        return _info(_make(row))


def answer_ocsp(der: bytes) -> bytes:
    """The OCSP response (DER) to a request (DER); errors are responses too."""
    try:
        question = ocsp.read(der)
    except ValueError:
        return ocsp.refusal("malformed_request")
    return answer(question)


def answer(question: ocsp.Question) -> bytes:
    """The signed response. All certificates asked about must be of one of our authorities, whose
    delegated responder answers; for another's the refusal is ``unauthorized`` (RFC 6960, 2.3)."""
    owner = None
    for row in Authority.objects.select_related("key").order_by("-generation"):
        if all(one.is_of(bytes(row.subject_der), bytes(row.key.spki)) for one in question.asked):
            owner = row
            break
    if owner is None:
        return ocsp.refusal("unauthorized")
    responder = services.responder(owner)
    now = clock.business()
    return ocsp.answer(
        [_status(one, owner) for one in question.asked],
        responder=responder.signer,
        certificate=responder.certificate,
        nonce=question.nonce,
        produced_at=now,
        next_update=now + OCSP_LIFE,
    )


def _status(asked: ocsp.Asked, owner: Authority) -> ocsp.Status:
    if owner.role == Role.ROOT:
        known = Authority.objects.filter(parent_id=owner.id)
        serials = {
            chains.serial_of(bytes(der)) for der in known.values_list("certificate", flat=True)
        }
        return ocsp.Status(asked, "good" if asked.serial in serials else "unknown")
    row = (
        Certificate.objects.filter(authority_id=owner.id, serial=f"{asked.serial:x}")
        .values_list("state", "revoked_at", "reason")
        .first()
    )
    if row is None:
        return ocsp.Status(asked, "unknown")
    state, revoked_at, reason = row
    if state in (CertificateState.REVOKED, CertificateState.SUSPENDED):
        return ocsp.Status(asked, "revoked", revoked_at, reason)
    return ocsp.Status(asked, "good")


def _last(authority_id: UUID) -> RevocationList | None:
    rows = RevocationList.objects.filter(authority_id=authority_id)
    return rows.order_by("-number").first()


def _stale(row: Authority, found: RevocationList) -> bool:
    now = clock.business()
    fresh = found.this_update <= now < min(found.next_update, found.this_update + CRL_FRESH)
    return not fresh or row.changes != found.changes


def _make(row: Authority) -> RevocationList:
    """The caller holds the authority's lock, so numbers have no gaps and no two."""
    now = clock.business().replace(microsecond=0)
    held = (CertificateState.REVOKED, CertificateState.SUSPENDED)
    # What ended is listed in one more CRL after its end (RFC 5280, 3.3), here for a week.
    revoked = Certificate.objects.filter(
        authority_id=row.id, state__in=held, not_after__gte=now - CRL_LIFE
    ).order_by("id")
    entries = [
        crls.Entry(int(serial, 16), at, reason)
        for serial, at, reason in revoked.values_list("serial", "revoked_at", "reason")
        if at is not None
    ]
    row.crl_number += 1
    der = crls.build(
        entries,
        issuer=signer(row.key),
        issuer_name=chains.name_of(row),
        number=row.crl_number,
        this_update=now,
        next_update=now + CRL_LIFE,
    )
    row.save(update_fields=["crl_number"])
    return RevocationList.objects.create(
        authority_id=row.id, number=row.crl_number, this_update=now, next_update=now + CRL_LIFE,
        entries=len(entries), changes=row.changes, der=der, made_at=clock.system(),
    )  # fmt: skip


def _info(row: RevocationList) -> RevocationListInfo:
    return RevocationListInfo(
        authority_id=row.authority_id,
        number=row.number,
        this_update=row.this_update,
        next_update=row.next_update,
        entries=row.entries,
        der=bytes(row.der),
    )
