"""Signatures over messages that aren't PDFs: customs declarations, inspection reports, exports.

P-256 gives a detached CMS container (RFC 5652, SHA-256, CAdES attributes) with its certificates
and, if asked for, a signature timestamp; SM2 gives DER {r, s} over SM3 with the default id, as the
national message formats carry it beside the certificate.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from certification.contracts.authority import Algorithm
from certification.errors.authority import CertificateNotUsable
from certification.services import holders, stamp
from certification.signing.container import Container
from certification.signing.ports import Holder
from kernel import audit, clock
from kernel.audit import AuditTarget
from kernel.errors import NotFound
from kernel.transactions import atomic


@dataclass(frozen=True)
class SignedMessage:
    """``signature``: CMS (P-256) or {r, s} (SM2), DER. ``certificate`` and its issuers, DER, the
    nearest first."""

    algorithm: Algorithm
    signature: bytes
    certificate: bytes
    chain: tuple[bytes, ...]
    serial: str
    signed_at: datetime


def sign_message(
    *,
    certificate_id: UUID,
    message: bytes,
    purpose: str,
    merchant_id: UUID | None = None,
    timestamped: bool = False,
) -> SignedMessage:
    """Sign ``message`` with a key held here; ``purpose`` stands in the audit trail.

    ``merchant_id`` must be the holder when given. Raises NotFound, CertificateNotUsable,
    KeyNotHeld.
    """
    found = holders.usable(certificate_id)
    if merchant_id is not None and found.merchant_id != merchant_id:
        raise NotFound
    if found.profile == "encryption":
        raise CertificateNotUsable(_("It is for encryption, not for signatures."))
    assert found.key_id is not None
    if found.algorithm is Algorithm.SM2:
        signature = holders.sign(found.key_id, message)
    else:
        held = holders.holder(certificate_id)
        signature = _cms(held, message, stamp_it=timestamped)
    now = clock.business()
    with atomic():
        audit.record(
            action="certification.message.signed",
            target=AuditTarget("certification.certificate", found.id),
            after={
                "purpose": purpose[:100],
                "sha256": hashlib.sha256(message).hexdigest(),
                "serial": found.serial,
            },
        )
    return SignedMessage(found.algorithm, signature, found.der, found.chain, found.serial, now)


def _cms(holder: Holder, message: bytes, *, stamp_it: bool) -> bytes:
    container = Container(holder)
    attributes, signature = container.sign(hashlib.sha256(message).digest())
    token = b""
    if stamp_it:
        token = stamp.timestamp(hashlib.sha256(signature).digest(), purpose="message").token
    return container.assemble(attributes, signature, token)
