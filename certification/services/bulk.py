"""Bulk signing (批量签署): thousands of contracts of one template, from a list, by one job.

Each row is signed at B-B with the consenting party's certificate. A batch is signed outside of any
transaction and committed in one; a row takes a result only while it waits, so a killed or doubled
job never signs a contract twice.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from certification.contracts.evidence import (
    BulkInfo,
    BulkState,
    ConsentInfo,
    ConsentState,
    RowInfo,
    RowState,
)
from certification.errors.evidence import (
    BulkExternalIdTaken,
    InvalidRows,
    NoAutomaticConsent,
)
from certification.events.evidence import BulkSigningFinished
from certification.models.evidence import AutomaticConsent, BulkRow, BulkSigning
from certification.services import fill_contract
from certification.services import signing_identity as identity
from certification.signing import Placement, SigningRefused
from kernel import audit, clock, jobs, outbox, personal
from kernel.errors import DomainError, NotFound
from kernel.failpoints import hit
from kernel.ids import uuid7
from kernel.jobs import JobContext
from kernel.pagination import PageOf, keyset
from kernel.transactions import atomic
from platforms import facade as platforms

MOST = 10_000
BATCH = 25
PURPOSE = "certification.automatic_signing"
Fill = Callable[[Mapping[str, str]], tuple[bytes, Placement]]
"""From a row's values to the unsigned PDF and where the party signs."""


def consent_digest(*, template_id: UUID, party: str, certificate_id: UUID) -> str:
    """What the second factor confirms: automatic signing of this template with this certificate."""
    return hashlib.sha256(f"{template_id}|{party}|{certificate_id}".encode()).hexdigest()


def give_consent(
    *,
    merchant_id: UUID,
    person_id: UUID,
    template_id: UUID,
    party: str,
    certificate_id: UUID,
    confirmation_id: UUID,
    valid_until: datetime,
) -> ConsentInfo:
    """Record the prior consent to automatic signing, with the second factor just given.

    A newer one replaces that of the same template and party. Raises ConfirmationSpent,
    CertificateNotUsable, NotFound (the certificate isn't the merchant's), Invalid (a template that
    no list can fill).
    """
    if identity.owner_of(certificate_id) != merchant_id:
        raise NotFound
    identity.holder(certificate_id)
    fill_contract.require_fillable(template_id=template_id)
    with atomic():
        platforms.use_confirmation(
            confirmation_id=confirmation_id,
            person_id=person_id,
            purpose=PURPOSE,
            digest=consent_digest(
                template_id=template_id, party=party, certificate_id=certificate_id
            ),
        )
        former = AutomaticConsent.objects.select_for_update().filter(
            merchant_id=merchant_id, template_id=template_id, party=party, state=ConsentState.GIVEN
        )
        for row in former:
            _withdraw(row)
        row = AutomaticConsent(
            merchant_id=merchant_id,
            template_id=template_id,
            party=party,
            certificate_id=certificate_id,
            person_id=person_id,
            consent_id=confirmation_id,
            given_at=clock.business(),
            valid_until=valid_until,
        )
        row.save(force_insert=True)
        audit.record(
            action="certification.automatic_consent.given",
            target=row,
            after={"template": template_id, "party": party, "until": valid_until},
        )
    return consent_info(row)


def withdraw_consent(*, consent_id: UUID, merchant_id: UUID) -> ConsentInfo:
    """From now on nothing more is signed by it, running jobs included. Raises NotFound."""
    with atomic():
        rows = AutomaticConsent.objects.select_for_update()
        row = rows.filter(id=consent_id, merchant_id=merchant_id).first()
        if row is None:
            raise NotFound
        if row.state == ConsentState.GIVEN:
            _withdraw(row)
    return consent_info(row)


def start_bulk(
    *,
    merchant_id: UUID,
    consent_id: UUID,
    text: str,
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> BulkInfo:
    """Take a list (CSV with a header) and queue its signing. Raises NoAutomaticConsent,
    InvalidRows, BulkExternalIdTaken."""
    consent = AutomaticConsent.objects.filter(id=consent_id, merchant_id=merchant_id).first()
    if consent is None or not _holds(consent):
        raise NoAutomaticConsent
    rows = read_rows(text)
    fill_contract.require_columns(template_id=consent.template_id, columns=rows[0])
    bulk = BulkSigning(
        merchant_id=merchant_id,
        template_id=consent.template_id,
        consent=consent,
        total=len(rows),
        external_id=external_id,
        metadata=dict(metadata or {}),
    )
    with atomic():
        bulk.touch()
        BulkSigning.objects.bulk_create([bulk], ignore_conflicts=True)
        if not BulkSigning.objects.filter(id=bulk.id).exists():
            raise BulkExternalIdTaken(field="external_id")
        BulkRow.objects.bulk_create(
            [
                BulkRow(
                    bulk=bulk,
                    place=place,
                    document_id=uuid7(),
                    values_sealed=personal.seal_data(bulk.id, orjson.dumps(row)),
                )
                for place, row in enumerate(rows, 1)
            ],
            batch_size=500,
        )
        job = jobs.enqueue(
            "certification.bulk_sign",
            {"bulk_id": str(bulk.id)},
            unique=str(bulk.id),
            merchant_id=merchant_id,
        )
        BulkSigning.objects.filter(id=bulk.id).update(job_id=job)
        bulk.job_id = job
        audit.record(
            action="certification.bulk.started", target=bulk, after={"contracts": len(rows)}
        )
    return bulk_info(bulk)


def cancel_bulk(*, bulk_id: UUID, merchant_id: UUID) -> BulkInfo:
    """Sign no more of it; what is signed stays signed. Raises NotFound, InvalidTransition."""
    with atomic():
        rows = BulkSigning.objects.select_for_update()
        bulk = rows.filter(id=bulk_id, merchant_id=merchant_id).first()
        if bulk is None:
            raise NotFound
        _finish(bulk, BulkState.CANCELLED)
    return bulk_info(bulk)


def run_bulk(job: JobContext, *, bulk_id: UUID, fill: Callable[[BulkSigning], Fill]) -> BulkInfo:
    """Sign what still waits, a batch at a time; runs again after a crash where it stopped."""
    bulk = BulkSigning.objects.select_related("consent").get(id=bulk_id)
    make = fill(bulk)
    while True:
        bulk.refresh_from_db()
        if bulk.state != BulkState.QUEUED:
            return bulk_info(bulk)
        waiting = BulkRow.objects.filter(bulk=bulk, state=RowState.WAITING)
        rows = list(waiting.order_by("place")[:BATCH])
        job.progress(bulk.total - waiting.count(), bulk.total)
        if not rows:
            break
        _batch(bulk, rows, make)
    with atomic():
        bulk = BulkSigning.objects.select_for_update().get(id=bulk_id)
        if bulk.state == BulkState.QUEUED:
            _finish(bulk, BulkState.DONE)
    return bulk_info(bulk)


def _told(error: Exception) -> str:
    """What is wrong with a row, with the fields that it is about."""
    problems = error.problems if isinstance(error, DomainError) else []
    named = [f"{one.field.removeprefix('values.')}: {one.problem}" for one in problems]
    return "; ".join(named)[:300] or str(error)[:300]


def _batch(bulk: BulkSigning, rows: Sequence[BulkRow], make: Fill) -> None:
    from certification.signing.pades import Signature

    consent = AutomaticConsent.objects.get(id=bulk.consent_id)
    refused, signature = "", None
    if not _holds(consent):
        refused = "The consent to automatic signing has ended."
    else:
        try:
            signature = Signature(identity.holder(consent.certificate_id))
        except DomainError as error:
            refused = str(error)
    at = clock.business().replace(microsecond=0)
    for row in rows:
        row.state, row.problem = RowState.FAILED, refused[:300]
        if signature is None:
            continue
        try:
            values = orjson.loads(personal.open_data(bulk.id, bytes(row.values_sealed)) or b"{}")
            document, place = make(values)
            made = signature.sign(
                document,
                at=at,
                place=place,
                reason="Signed automatically by prior consent",
                contact=f"consent {consent.consent_id}",
            )
        except (DomainError, SigningRefused) as error:
            row.problem = _told(error)
            continue
        row.state, row.problem, row.signed_at = RowState.SIGNED, "", at
        row.sha256 = hashlib.sha256(made).hexdigest()
        row.result_sealed = personal.seal_data(bulk.id, made)
    hit("certification.bulk.after_work")
    with atomic():
        waiting = set(
            BulkRow.objects.select_for_update()
            .filter(id__in=[row.id for row in rows], state=RowState.WAITING)
            .values_list("id", flat=True)
        )
        taken = [row for row in rows if row.id in waiting]
        BulkRow.objects.bulk_update(
            [row for row in taken if row.state == RowState.SIGNED],
            ["state", "problem", "signed_at", "sha256", "result_sealed"],
        )
        for row in taken:
            if row.state == RowState.FAILED:
                row.save(update_fields=["state", "problem"])  # seals the text
    hit("certification.bulk.after_commit")


def read_rows(text: str) -> list[dict[str, str]]:
    """The list's rows by column. Raises InvalidRows naming the row."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found: list[dict[str, str]] = []
    try:
        names = reader.fieldnames or []
        if not names or len(set(names)) != len(names) or not all(n and n.strip() for n in names):
            raise InvalidRows(_("The first row names the columns, each once."), field="csv")
        for number, row in enumerate(reader, 1):
            if None in row or None in row.values():
                told = _("Row %(row)s has another number of columns than the header.")
                raise InvalidRows(told % {"row": number}, field="csv")
            if number > MOST:
                raise InvalidRows(
                    _("At most %(most)s contracts at once.") % {"most": MOST}, field="csv"
                )
            found.append({name.strip(): value.strip() for name, value in row.items()})
    except csv.Error as error:
        raise InvalidRows(str(error), field="csv") from error
    if not found:
        raise InvalidRows(_("There is no contract in the list."), field="csv")
    return found


def bulk_signing(*, bulk_id: UUID, merchant_id: UUID | None = None) -> BulkInfo:
    """One bulk signing. Raises NotFound."""
    rows = BulkSigning.objects.filter(id=bulk_id)
    row = (rows.filter(merchant_id=merchant_id) if merchant_id else rows).first()
    if row is None:
        raise NotFound
    return bulk_info(row)


def bulk_signings_page(
    *, merchant_id: UUID, cursor: str | None = None, limit: int = 20
) -> PageOf[BulkInfo]:
    """The merchant's bulk signings, newest first."""
    rows = BulkSigning.objects.filter(merchant_id=merchant_id)
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(bulk_info)


def consents_of(*, merchant_id: UUID) -> list[ConsentInfo]:
    """The merchant's consents to automatic signing, newest first; at most 50."""
    return list(consents_page(merchant_id=merchant_id, limit=50).items)


def consents_page(
    *, merchant_id: UUID, cursor: str | None = None, limit: int = 20
) -> PageOf[ConsentInfo]:
    """The merchant's consents to automatic signing, newest first."""
    rows = AutomaticConsent.objects.filter(merchant_id=merchant_id)
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(consent_info)


def rows_page(
    *, bulk_id: UUID, state: str | None = None, cursor: str | None = None, limit: int = 20
) -> PageOf[RowInfo]:
    """Its contracts in the list's order."""
    rows = BulkRow.objects.filter(bulk_id=bulk_id).defer("values_sealed", "result_sealed")
    if state:
        rows = rows.filter(state=state)
    return keyset(rows, order=("place",), cursor=cursor, limit=limit).map(_row_info)


def signed_document(*, bulk_id: UUID, place: int) -> bytes:
    """A signed contract of it. Raises NotFound."""
    row = BulkRow.objects.filter(bulk_id=bulk_id, place=place, state=RowState.SIGNED).first()
    found = personal.open_data(bulk_id, bytes(row.result_sealed or b"")) if row else None
    if found is None:
        raise NotFound
    return found


def bulk_info(row: BulkSigning) -> BulkInfo:
    counts = BulkRow.objects.filter(bulk=row).aggregate(
        signed=Count("id", filter=Q(state=RowState.SIGNED)),
        failed=Count("id", filter=Q(state=RowState.FAILED)),
    )
    return BulkInfo(
        id=row.id, state=str(row.state), merchant_id=row.merchant_id, template_id=row.template_id,
        consent_id=row.consent_id, total=row.total, signed=counts["signed"],
        failed=counts["failed"], job_id=row.job_id, external_id=row.external_id,
        metadata=row.metadata, version=row.version, created_at=row.created_at,
        updated_at=row.updated_at, finished_at=row.finished_at,
    )  # fmt: skip


def consent_info(row: AutomaticConsent) -> ConsentInfo:
    return ConsentInfo(
        id=row.id, state=str(row.state), merchant_id=row.merchant_id, template_id=row.template_id,
        party=row.party, certificate_id=row.certificate_id, given_at=row.given_at,
        valid_until=row.valid_until, withdrawn_at=row.withdrawn_at, version=row.version,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _row_info(row: BulkRow) -> RowInfo:
    return RowInfo(
        place=row.place, state=str(row.state), document_id=row.document_id, sha256=row.sha256,
        problem=row.problem, signed_at=row.signed_at,
    )  # fmt: skip


def _holds(consent: AutomaticConsent) -> bool:
    return consent.state == ConsentState.GIVEN and clock.business() < consent.valid_until


def _withdraw(row: AutomaticConsent) -> None:
    row.withdrawn_at = clock.business()
    row.move(ConsentState.WITHDRAWN, action="certification.automatic_consent.withdrawn")
    row.save()


def _finish(bulk: BulkSigning, state: BulkState) -> None:
    bulk.move(state, action=f"certification.bulk.{state}")
    bulk.finished_at = clock.system()
    bulk.save()
    info = bulk_info(bulk)
    outbox.append(
        BulkSigningFinished(
            bulk_id=bulk.id, merchant_id=bulk.merchant_id, state=str(state), signed=info.signed,
            failed=info.failed,
        ),
        aggregate=bulk,
        merchant_id=bulk.merchant_id,
    )  # fmt: skip
