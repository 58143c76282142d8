"""Reads of authorities and of the log of timestamps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from asn1crypto import pem, x509

from certification.contracts.authority import (
    Algorithm,
    AuthorityInfo,
    RevocationListInfo,
    TimestampInfo,
)
from certification.models import Authority, Certificate, RevocationList, Timestamp
from certification.pki import timestamps
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf, keyset

_NAMES = {oid: name for name, oid in timestamps.NAMES.items()}


def authority(*, authority_id: UUID) -> AuthorityInfo:
    """One authority. Raises NotFound."""
    row = Authority.objects.filter(id=authority_id).first()
    if row is None:
        raise NotFound
    return authority_info(row)


def authorities_page(*, cursor: str | None = None, limit: int = 20) -> PageOf[AuthorityInfo]:
    """The platform's authorities, newest first."""
    rows = Authority.objects.all()
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(authority_info)


def certificate_count(*, state: str) -> int:
    """How many certificates of the platform are in a state."""
    return Certificate.objects.filter(state=state).count()


def latest_list(*, authority_id: UUID) -> RevocationListInfo | None:
    """The authority's last published CRL; None before the first."""
    row = RevocationList.objects.filter(authority_id=authority_id).order_by("-number").first()
    if row is None:
        return None
    return RevocationListInfo(
        authority_id=authority_id, number=row.number, this_update=row.this_update,
        next_update=row.next_update, entries=row.entries, der=bytes(row.der),
    )  # fmt: skip


def timestamps_page(
    *, since: datetime | None = None, cursor: str | None = None, limit: int = 20
) -> PageOf[TimestampInfo]:
    """The log of timestamps given, newest first."""
    rows = Timestamp.objects.all()
    if since is not None:
        rows = rows.filter(at__gte=since)
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(timestamp_info)


def timestamp_info(row: Timestamp) -> TimestampInfo:
    """The contract of a row."""
    return TimestampInfo(
        id=row.id,
        at=row.at,
        hash=_NAMES.get(row.hash_oid, row.hash_oid),
        imprint=bytes(row.imprint),
        policy=row.policy,
        merchant_id=row.merchant_id,
        purpose=row.purpose,
        token=bytes(row.token),
    )


def authority_info(row: Authority) -> AuthorityInfo:
    """The contract of a row."""
    der = bytes(row.certificate)
    return AuthorityInfo(
        id=row.id,
        algorithm=Algorithm(row.algorithm),
        role=row.role,
        generation=row.generation,
        subject=str(x509.Certificate.load(der).subject.native["common_name"]),
        certificate=der,
        key_identifier=row.key_identifier,
        parent_id=row.parent_id,
        not_before=row.not_before,
        not_after=row.not_after,
        crl_number=row.crl_number,
        created_at=row.created_at,
    )


def shown(info: AuthorityInfo) -> dict[str, Any]:
    """An authority as the API and pages show it."""
    return {
        "id": info.public_id,
        "algorithm": str(info.algorithm),
        "role": info.role,
        "generation": info.generation,
        "subject": info.subject,
        "key_identifier": info.key_identifier,
        "parent": public_id("cau", info.parent_id) if info.parent_id else None,
        "crl_number": info.crl_number,
        "certificate_pem": pem.armor("CERTIFICATE", info.certificate).decode(),
        "not_before": info.not_before,
        "not_after": info.not_after,
    }
