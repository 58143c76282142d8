"""Suspension (挂起), resumption and revocation (吊销) of certificates."""

from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from certification import locks
from certification.contracts.authority import HOLD, REASONS, CertificateInfo, CertificateState
from certification.events.authority import (
    CertificateResumed,
    CertificateRevoked,
    CertificateSuspended,
)
from certification.models import Authority, Certificate
from certification.selectors.certificates import certificate_info
from certification.services.provider import provider
from kernel import clock, outbox
from kernel.errors import Invalid
from kernel.outbox import Event
from kernel.transactions import atomic


def revoke(*, certificate_id: UUID, reason: str, note: str = "") -> CertificateInfo:
    """Revoke for good, from now on by the platform's clock. A second time changes nothing.

    Raises NotFound, Invalid for an unknown reason, InvalidTransition.
    """
    if reason not in REASONS:
        told = _("reason is one of %(values)s.") % {"values": ", ".join(REASONS)}
        raise Invalid(told, field="reason")
    with atomic():
        row = locks.certificate(certificate_id)
        if row.state == CertificateState.REVOKED:
            return certificate_info(row)
        row.move(
            CertificateState.REVOKED, action="certification.certificate.revoked", reason=reason
        )
        row.revoked_at, row.reason, row.note = clock.business(), reason, note[:500]
        event = CertificateRevoked(
            certificate_id=row.id, merchant_id=row.merchant_id, serial=row.serial, reason=reason,
            at=row.revoked_at,
        )  # fmt: skip
        _keep(row, event)
    provider(row.provider).revoke(certificate_id=row.id, serial=row.serial, reason=reason)
    return certificate_info(row)


def suspend(*, certificate_id: UUID, note: str = "") -> CertificateInfo:
    """Hold a certificate: not to be relied on until resumed. Raises NotFound, InvalidTransition."""
    with atomic():
        row = locks.certificate(certificate_id)
        if row.state == CertificateState.SUSPENDED:
            return certificate_info(row)
        row.move(CertificateState.SUSPENDED, action="certification.certificate.suspended",
                 reason=note)  # fmt: skip
        row.revoked_at, row.reason, row.note = clock.business(), HOLD, note[:500]
        event = CertificateSuspended(
            certificate_id=row.id, merchant_id=row.merchant_id, serial=row.serial,
            at=row.revoked_at,
        )  # fmt: skip
        _keep(row, event)
    provider(row.provider).suspend(certificate_id=row.id, serial=row.serial)
    return certificate_info(row)


def resume(*, certificate_id: UUID) -> CertificateInfo:
    """Take the hold away. Raises NotFound, InvalidTransition."""
    with atomic():
        row = locks.certificate(certificate_id)
        if row.state == CertificateState.VALID:
            return certificate_info(row)
        row.TRANSITIONS.check(row.state, CertificateState.VALID)
        row.move(CertificateState.VALID, action="certification.certificate.resumed")
        row.revoked_at, row.reason, row.note = None, "", ""
        event = CertificateResumed(
            certificate_id=row.id, merchant_id=row.merchant_id, serial=row.serial,
            at=clock.business(),
        )  # fmt: skip
        _keep(row, event)
    provider(row.provider).resume(certificate_id=row.id, serial=row.serial)
    return certificate_info(row)


def _keep(row: Certificate, event: Event) -> None:
    row.save()
    outbox.append(event, aggregate=row, merchant_id=row.merchant_id)
    if row.authority_id is not None:  # the next CRL is made anew
        Authority.objects.filter(id=row.authority_id).update(changes=F("changes") + 1)
