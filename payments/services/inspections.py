"""An outside inspector's result for an escrow: it releases the money, or opens a dispute."""

import re
from decimal import Decimal
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from kernel import audit, clock, outbox
from kernel.actors import current_actor
from kernel.errors import Invalid
from kernel.transactions import together
from payments import locks
from payments.contracts_guarantee import (
    Acceptance,
    EscrowState,
    InspectionInfo,
    InspectionResult,
    Side,
)
from payments.errors_guarantee import EscrowNotHeld, InspectionGiven
from payments.events_guarantee import EscrowInspectionReported
from payments.models import DisputePart, Escrow, EscrowInspection, IntentShare
from payments.services import disputes, guarantee
from platforms import facade as platforms

RELEASED, DISPUTED, REFUNDED, NOTED = "released", "disputed", "refunded", "noted"
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
REPORT_MOST, NOTE_MOST = 100, 1000


def report_inspection(
    *, escrow_id: UUID, report: str, result: str, document_sha256: str, note: str = ""
) -> InspectionInfo:
    """What an inspector found: ``passed`` or ``failed``, with the SHA-256 of its report.

    Passed releases what is held, where the escrow waits for an inspection. Failed follows the
    platform's rule (``inspection_failed``): a dispute is opened, the rest goes back to the buyer,
    or it stays held. While a dispute is open, either is only evidence in it. The same ``report``
    again is the same result. Raises NotFound, Invalid, EscrowHeldBack, EscrowNotHeld,
    InspectionGiven.
    """
    report, note, digest = report.strip(), note.strip(), document_sha256.strip().lower()
    _check(report, result, digest, note)
    with together():
        _intent, share, escrow = locks.escrow(escrow_id)
        known = EscrowInspection.objects.filter(escrow=escrow, report=report).first()
        if known is not None:
            if (known.result, known.document_sha256, known.note) != (result, digest, note):
                raise InspectionGiven(field="report")
            return inspection_info(known)
        row = EscrowInspection(
            escrow=escrow, report=report, result=InspectionResult(result), at=clock.business(),
            document_sha256=digest, note=note, reported_by=_reporter(),
        )  # fmt: skip
        row.effect, row.dispute_id = _follow(row, escrow, share)
        row.save(force_insert=True)
        audit.record(
            action="payments.escrow.inspection_reported",
            target=escrow,
            after={"report": report, "result": result, "sha256": digest, "effect": row.effect},
        )
        outbox.append(
            EscrowInspectionReported(
                escrow.id, escrow.merchant_id, escrow.reference, report, result, digest, row.effect
            ),
            aggregate=row,
            merchant_id=escrow.merchant_id,
        )
        return inspection_info(row)


def inspections_of(*, escrow_id: UUID) -> list[InspectionInfo]:
    """What inspectors reported of an escrow, the first first."""
    rows = EscrowInspection.objects.filter(escrow_id=escrow_id).order_by("id")
    return [inspection_info(row) for row in rows[:100]]


def inspection_info(row: EscrowInspection) -> InspectionInfo:
    """The contract of a row."""
    names = (
        "id", "escrow_id", "report", "document_sha256", "note", "effect", "dispute_id",
        "reported_by", "at",
    )  # fmt: skip
    return InspectionInfo(result=str(row.result), **{name: getattr(row, name) for name in names})


def _follow(row: EscrowInspection, escrow: Escrow, share: IntentShare) -> tuple[str, UUID | None]:
    """What the result leads to, and the dispute that it speaks in."""
    part = DisputePart.objects.filter(share=share, open=True).first()
    if part is not None:
        disputes.add_evidence(dispute_id=part.dispute_id, side=Side.OPERATOR, text=_words(row))
        return NOTED, part.dispute_id
    if escrow.state != EscrowState.HELD or not share.held:
        raise EscrowNotHeld(state=str(escrow.state))
    if row.result == InspectionResult.PASSED:
        if escrow.accept != Acceptance.INSPECTION:
            return NOTED, None
        guarantee.inspected(escrow_id=escrow.id, report=row.report, released_share=Decimal(1))
        return RELEASED, None
    rule = str(platforms.setting("payments", "inspection_failed"))
    if rule == "dispute":
        opened = disputes.open_complaint(
            key=uuid5(row.id, "inspection"), escrow_id=escrow.id, reason="not_as_described"
        )
        disputes.add_evidence(dispute_id=opened.id, side=Side.OPERATOR, text=_words(row))
        return DISPUTED, opened.id
    if rule == "refund":
        guarantee.inspected(
            escrow_id=escrow.id, report=row.report, released_share=Decimal(0), rest=guarantee.REFUND
        )
        return REFUNDED, None
    return NOTED, None


def _words(row: EscrowInspection) -> str:
    """The result as evidence, in Chinese and English: it outlives the reader's language."""
    word = {"passed": "检验合格 / passed", "failed": "检验不合格 / failed"}[str(row.result)]
    lines = [f"{row.report}: {word}", f"SHA-256 {row.document_sha256}", row.note]
    return "\n".join(line for line in lines if line)


def _reporter() -> str:
    actor = current_actor()
    return f"{actor.kind}:{actor.id}"[:100]


def _check(report: str, result: str, digest: str, note: str) -> None:
    if not 1 <= len(report) <= REPORT_MOST or not report.isprintable():
        told = _("The report's number, 1 to %(most)s plain characters.") % {"most": REPORT_MOST}
        raise Invalid(told, field="report")
    if result not in InspectionResult.values:
        raise Invalid(_("passed or failed."), field="result")
    if not _HASH.fullmatch(digest):
        raise Invalid(
            _("The SHA-256 of the report: 64 hexadecimal digits."), field="document_sha256"
        )
    if len(note) > NOTE_MOST:
        raise Invalid(_("At most %(n)s characters.") % {"n": NOTE_MOST}, field="note")
