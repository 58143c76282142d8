"""Reads of certificates."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asn1crypto import pem
from django.db.models import QuerySet

from certification.contracts.authority import Algorithm, CertificateInfo, CertificateState
from certification.models import Certificate
from kernel import clock, personal, tenancy
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset


def certificate(*, certificate_id: UUID) -> CertificateInfo:
    """One certificate. Raises NotFound."""
    row = Certificate.objects.filter(id=certificate_id).first()
    if row is None:
        raise NotFound
    return certificate_info(row)


def certificates_page(
    *,
    merchant_id: UUID | None = None,
    person_id: UUID | None = None,
    state: str | None = None,
    profile: str | None = None,
    algorithm: str | None = None,
    serial: str | None = None,
    ends_before: datetime | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[CertificateInfo]:
    """Certificates, all of the platform for no merchant. ``state`` may be ``expired``."""
    rows: QuerySet[Certificate] = Certificate.objects.all()
    wanted = {
        "merchant_id": merchant_id,
        "person_id": person_id,
        "profile": profile,
        "algorithm": algorithm,
        "serial": serial.lower().lstrip("0").replace(":", "") if serial else None,
    }
    rows = rows.filter(**{k: v for k, v in wanted.items() if v is not None})
    if state == "expired":
        rows = rows.filter(state=CertificateState.VALID, not_after__lt=clock.business())
    elif state is not None:
        rows = rows.filter(state=state)
    if ends_before is not None:
        rows = rows.filter(not_after__lt=ends_before)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(certificate_info)


def by_external_id(*, merchant_id: UUID, external_id: str) -> CertificateInfo | None:
    """The merchant's certificate by its own id."""
    row = Certificate.objects.filter(merchant_id=merchant_id, external_id=external_id).first()
    return certificate_info(row) if row else None


def certificate_info(row: Certificate) -> CertificateInfo:
    """The contract of a row."""
    der = opened(row.certificate_sealed)
    return CertificateInfo(
        id=row.id,
        state=str(row.state),
        expired=row.not_after is not None and row.not_after <= clock.business(),
        algorithm=Algorithm(row.algorithm),
        profile=row.profile,
        merchant_id=row.merchant_id,
        person_id=row.person_id,
        subject=orjson.loads(opened(row.subject_sealed) or b"{}"),
        serial=row.serial,
        der=der,
        chain=chain_of(row),
        key_id=row.key_id,
        days=row.days,
        not_before=row.not_before,
        not_after=row.not_after,
        revoked_at=row.revoked_at,
        reason=row.reason,
        note=row.note,
        renews_id=row.renews_id,
        external_id=row.external_id,
        metadata=row.metadata,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def chain_of(row: Certificate) -> tuple[bytes, ...]:
    """The issuers' certificates, DER, nearest first, the root last."""
    data = opened(row.chain_sealed)
    return tuple(der for _kind, _headers, der in pem.unarmor(data, multiple=True)) if data else ()


def sealed(data: bytes) -> bytes:
    """At rest under the platform's own data key, no person's: certificates name people, and the
    law has them kept for years after their end (电子签名法 art. 24), erased or not."""
    return personal.seal_data(tenancy.current_id(), data)


def opened(data: Any) -> bytes:
    """What ``sealed`` sealed; empty for nothing."""
    if data is None:
        return b""
    plain = personal.open_data(tenancy.current_id(), bytes(data))
    if plain is None:
        raise RuntimeError("The platform's records can't be opened: the master key isn't theirs.")
    return plain
