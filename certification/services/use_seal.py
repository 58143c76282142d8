"""Using a seal (用印): an SES signature over a document, by who may, entered in the log."""

import hashlib
from datetime import datetime
from uuid import UUID

from asn1crypto import x509
from django.db.models import F, Q
from django.utils.translation import gettext as _

from certification import locks
from certification.contracts.seals import SealState
from certification.crypto import sm3
from certification.errors.seals import SealNotGranted, SealNotUsable
from certification.models import Authority, Certificate
from certification.models.seals import Seal, SealGrant, SealUse
from certification.pki.algorithms import Algorithm
from certification.pki.certificates import spki_of
from certification.seals import checking
from certification.seals.checking import SealReport, Trust
from certification.seals.making import sign_with_seal, with_timestamp
from certification.seals.structures import bytes_of
from certification.selectors.certificates import opened, sealed
from certification.services import holders, stamp
from kernel import audit, clock
from kernel.actors import Actor, current_actor
from kernel.transactions import atomic


def apply_seal(
    *, seal_id: UUID, digest: bytes, document: str, key: UUID, actor: Actor | None = None
) -> bytes:
    """An SES_Signature (DER, with a timestamp) over the SM3 digest of a document; repeatable under
    ``key``. ``document`` names it in ASCII (its public id). ``actor`` uses the seal; by default
    the acting one.

    Raises NotFound, SealNotUsable, SealNotGranted, CertificateNotUsable.
    """
    known = _known(seal_id, key)
    if known is not None:
        return known
    if len(digest) != 32:
        raise ValueError("An SM3 digest has 32 bytes.")
    with atomic():
        row = locks.seal(seal_id)
        known = _known(seal_id, key)
        if known is not None:
            return known
        now = clock.business()
        if row.state != SealState.VALID or row.valid_until is None or row.valid_until <= now:
            state = "expired" if row.state == SealState.VALID else row.state
            shown = _("Expired") if state == "expired" else row.get_state_display()
            raise SealNotUsable(_("It is %(state)s.") % {"state": shown}, state=state)
        who = actor or current_actor()
        allowed = _grant(row, who, now)
        found, signer = holders.signer(row.certificate_id)
        made = sign_with_seal(
            opened(row.seal_sealed), digest=digest, document=document, at=now, signer=signer,
            certificate=found.der,
        )  # fmt: skip
        imprint = hashlib.sha256(bytes_of(made["signature"])).digest()
        token = stamp.timestamp(imprint, purpose="seal").token
        der = with_timestamp(made, token)
        SealUse.objects.create(
            seal_id=row.id, key=key, document=document[:200], digest=digest.hex(),
            actor_kind=who.kind, person_id=who.person_id, grant=allowed, at=now,
            signature_sealed=sealed(der), signature_sha256=hashlib.sha256(der).hexdigest(),
        )  # fmt: skip
        Seal.objects.filter(id=row.id).update(uses=F("uses") + 1)
        audit.record(
            action="certification.seal.used", target=row,
            after={"document": document, "digest": digest.hex()}, texts={"document"},
        )  # fmt: skip
    return der


def check_seal_signature(der: bytes, document: bytes) -> SealReport:
    """Judge an SES signature over a document by this platform's own chains: ten steps, each with
    its reason."""
    return checking.check(der, document_digest=sm3(document), trust=trust())


def trust() -> Trust:
    """This platform's issuing authorities, and what it knows of revocation."""
    rows = Authority.objects.filter(role="issuing").values_list("certificate", flat=True)
    return Trust(tuple(bytes(der) for der in rows), _revoked)


def _revoked(certificate: bytes, at: datetime) -> bool:
    """Whether it was revoked or held at that time."""
    spki = spki_of(certificate)
    rows = Certificate.objects.filter(
        algorithm__in=[a.value for a in Algorithm], revoked_at__lte=at,
        serial=f"{x509.Certificate.load(certificate).serial_number:x}",
    )  # fmt: skip
    return any(bytes(row.spki) == spki for row in rows)


def _grant(row: Seal, who: Actor, at: datetime) -> SealGrant | None:
    """The authorisation by which the actor may use the seal. The platform's own work, done for a
    party who gave its consent, needs none: the consent is recorded with the signature."""
    if who.kind == "system":
        return None
    if who.merchant_id != row.merchant_id:
        raise SealNotGranted
    if row.person_id is not None and row.person_id == who.person_id:
        return None
    rows = SealGrant.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at), seal_id=row.id, revoked_at=None,
        valid_from__lte=at,
    )  # fmt: skip
    if who.person_id is not None:
        rows = rows.filter(Q(person_id=who.person_id) | Q(person_id=None))
    else:
        rows = rows.filter(person_id=None)
    found = rows.order_by("-id").first()
    if found is None:
        raise SealNotGranted
    return found


def _known(seal_id: UUID, key: UUID) -> bytes | None:
    row = SealUse.objects.filter(key=key, seal_id=seal_id).first()
    return opened(row.signature_sealed) if row else None
