"""Enrolment (证书申请) and renewal: the order is kept, the provider issues, the result is kept."""

from collections.abc import Mapping
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from certification import locks
from certification.authority import keyring
from certification.contracts.authority import Algorithm, CertificateInfo, CertificateState
from certification.crypto import Sm2Unavailable
from certification.domain.profiles import SUBJECT, Profile
from certification.errors.authority import (
    AlgorithmNotOffered,
    AuthorityUnavailable,
    CertificateExternalIdTaken,
    CertificateKeyReused,
    CertificateNotUsable,
    InvalidRequestFile,
    InvalidSubject,
    KeyIsTheHolders,
    Sm2NotAvailable,
)
from certification.events.authority import CertificateIssued
from certification.gateways.base import CertificateOrder, Issued, ProviderRefused
from certification.keystore import KeyStoreProblem
from certification.models import Certificate
from certification.pki import certificates
from certification.selectors.certificates import certificate_info, opened, sealed
from certification.services.profiles import profile as profile_by_code
from certification.services.provider import provider
from kernel import audit, outbox
from kernel.errors import FieldProblem
from kernel.transactions import assert_outside_transaction, atomic

LONGEST_NAME = 64  # X.520's upper bounds


def enrol(
    *,
    key: UUID,
    profile: str,
    algorithm: Algorithm | None = None,
    subject: Mapping[str, str],
    merchant_id: UUID | None = None,
    person_id: UUID | None = None,
    days: int | None = None,
    csr: bytes | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
    renews_id: UUID | None = None,
) -> CertificateInfo:
    """A certificate for a subject whose identity the caller has made sure of.

    With ``csr`` (PKCS#10, PEM or DER) the holder keeps the key and has proven its possession; else
    a key is made and held here. The same ``key`` again is the same certificate. Raises
    UnknownProfile, AlgorithmNotOffered, KeyIsTheHolders, InvalidSubject, InvalidRequestFile,
    CertificateKeyReused, CertificateExternalIdTaken, Sm2NotAvailable, AuthorityUnavailable.
    """
    kind = profile_by_code(profile)
    known = Certificate.objects.filter(request_key=key).first()
    if known is None:
        names = checked_subject(kind, subject)
        spki, wanted = _requested(csr, algorithm)
        if wanted.value not in kind.algorithms:
            raise AlgorithmNotOffered(field="algorithm", offered=list(kind.algorithms))
        if csr is None and not kind.held_here:
            raise KeyIsTheHolders(field="csr")
        with atomic():
            known = _prepare(
                Certificate(
                    request_key=key,
                    provider=provider().name,
                    algorithm=wanted.value,
                    profile=kind.code,
                    merchant_id=merchant_id,
                    person_id=person_id,
                    spki=spki,
                    subject_sealed=sealed(orjson.dumps(names)),
                    days=min(days or kind.days, kind.days),
                    external_id=external_id,
                    metadata=dict(metadata or {}),
                    renews_id=renews_id,
                )
            )
            if known.state == CertificateState.REQUESTED and provider().inside:
                return _carry_out(known)
    if (known.profile, known.merchant_id, known.person_id) != (profile, merchant_id, person_id):
        raise CertificateKeyReused
    if known.state == CertificateState.REQUESTED:
        return carry_out(known.id)
    return certificate_info(known)


def check_same(
    *, certificate_id: UUID, profile: str, algorithm: Algorithm | None, csr: bytes | None
) -> None:
    """Refuse an application that isn't the one that this certificate was made by. Raises
    CertificateExternalIdTaken naming the field that differs; InvalidRequestFile."""
    row = Certificate.objects.get(id=certificate_id)
    spki, wanted = _requested(csr, algorithm)
    differs = {
        "profile": row.profile != profile,
        "algorithm": row.algorithm != wanted.value,
        "csr": bytes(row.spki) != spki if spki else row.key_id is None,
    }
    for field, other in differs.items():
        if other:
            raise CertificateExternalIdTaken(field=field)


def carry_out(certificate_id: UUID) -> CertificateInfo:
    """Have a requested certificate issued, unless it has been. Repeatable."""
    row = Certificate.objects.get(id=certificate_id)
    if row.state != CertificateState.REQUESTED:
        return certificate_info(row)
    if not provider().inside:
        assert_outside_transaction("Asking the provider for a certificate")
    return _carry_out(row)


def renew(*, certificate_id: UUID, key: UUID, csr: bytes | None = None) -> CertificateInfo:
    """A new certificate for the same subject with a new key (证书更新); the old one stays as it is.

    Raises CertificateNotUsable when the old one is revoked or suspended; NotFound.
    """
    with atomic():
        row = locks.certificate(certificate_id)
        if row.state != CertificateState.VALID:
            raise CertificateNotUsable(
                _("It is %(state)s.") % {"state": row.get_state_display()}, state=row.state
            )
    return enrol(
        key=key,
        profile=row.profile,
        algorithm=None if csr else Algorithm(row.algorithm),
        subject=orjson.loads(opened(row.subject_sealed)),
        merchant_id=row.merchant_id,
        person_id=row.person_id,
        csr=csr,
        metadata=row.metadata,
        renews_id=row.id,
    )


def checked_subject(kind: Profile, subject: Mapping[str, str]) -> dict[str, str]:
    """The names to certify. Raises InvalidSubject naming every field that isn't right."""
    problems = []
    names = {name: " ".join(value.split()) for name, value in subject.items() if value.strip()}
    for name, value in names.items():
        field = f"subject.{name}"
        longest = 128 if name == "email_address" else LONGEST_NAME
        if name not in SUBJECT:
            problems.append(FieldProblem(field, _("Certificates here have no such name.")))
        elif len(value) > longest:
            told = _("At most %(most)s characters.") % {"most": longest}
            problems.append(FieldProblem(field, told))
        elif not value.isprintable() or (name == "serial_number" and not value.isascii()):
            problems.append(FieldProblem(field, _("It has characters that can't be shown.")))
    for name in kind.required:
        if name not in names:
            problems.append(FieldProblem(f"subject.{name}", _("It is needed.")))
    if problems:
        raise InvalidSubject(problems=problems)
    return names


def _requested(csr: bytes | None, algorithm: Algorithm | None) -> tuple[bytes, Algorithm]:
    """Public key (empty: to be made) and kind of key."""
    if csr is None:
        return b"", algorithm or Algorithm.P256
    try:
        spki, _name, found = certificates.read_request(csr)
    except Sm2Unavailable as error:
        raise Sm2NotAvailable(str(error)) from error
    except ValueError as error:
        raise InvalidRequestFile(str(error), field="csr") from error
    if algorithm is not None and algorithm is not found:
        told = _("Its key is for %(found)s, not %(wanted)s.")
        raise InvalidRequestFile(told % {"found": found, "wanted": algorithm}, field="csr")
    return spki, found


def _prepare(row: Certificate) -> Certificate:
    """The row, with its key, committed by the caller; another's if that was first."""
    if not bytes(row.spki):
        try:
            made = keyring.make_key(Algorithm(row.algorithm), purpose="holder")
        except Sm2Unavailable as error:
            raise Sm2NotAvailable(str(error)) from error
        except KeyStoreProblem as error:
            raise AuthorityUnavailable(str(error)) from error
        row.key, row.spki = made, made.spki
    row.touch()
    Certificate.objects.bulk_create([row], ignore_conflicts=True)
    if Certificate.objects.filter(id=row.id).exists():
        audit.record(
            action="certification.certificate.requested",
            target=row,
            after={"profile": row.profile, "algorithm": row.algorithm, "days": row.days,
                   "key": "held here" if row.key_id else "the holder's own"},
        )  # fmt: skip
        return row
    known = Certificate.objects.filter(request_key=row.request_key).first()
    if known is None:
        raise CertificateExternalIdTaken(field="external_id")
    return known


def _carry_out(row: Certificate) -> CertificateInfo:
    order = CertificateOrder(
        certificate_id=row.id,
        profile=profile_by_code(row.profile),
        algorithm=Algorithm(row.algorithm),
        subject=orjson.loads(opened(row.subject_sealed)),
        spki=bytes(row.spki),
        days=row.days,
    )
    try:
        issued: Issued | str = provider(row.provider).issue(order)
    except ProviderRefused as refused:
        issued = str(refused)
    except Sm2Unavailable as error:
        raise Sm2NotAvailable(str(error)) from error
    except KeyStoreProblem as error:
        raise AuthorityUnavailable(str(error)) from error
    with atomic():
        return _record(row.id, issued)


def _record(certificate_id: UUID, issued: Issued | str) -> CertificateInfo:
    row = locks.certificate(certificate_id)
    if row.state != CertificateState.REQUESTED:
        return certificate_info(row)
    if isinstance(issued, str):
        row.note = issued[:500]
        row.move(CertificateState.FAILED, action="certification.certificate.refused", reason=issued)
        row.save()
        return certificate_info(row)
    row.serial, row.authority_id = issued.serial, issued.authority_id
    row.certificate_sealed = sealed(issued.certificate)
    row.chain_sealed = sealed(certificates.pem_chain(issued.chain))
    row.not_before, row.not_after = issued.not_before, issued.not_after
    row.move(CertificateState.VALID, action="certification.certificate.issued")
    row.save()
    outbox.append(
        CertificateIssued(
            certificate_id=row.id, merchant_id=row.merchant_id, profile=row.profile,
            algorithm=row.algorithm, serial=row.serial, not_before=issued.not_before,
            not_after=issued.not_after,
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )  # fmt: skip
    return certificate_info(row)
