"""What the sides of a dispute say and show; kept sealed under the dispute's own key."""

import hashlib
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import clock, personal
from kernel.errors import NotFound
from kernel.ids import uuid7
from payments.contracts_guarantee import DisputeKind, EvidenceAbout, Side
from payments.errors_guarantee import InvalidEvidence
from payments.models import Dispute, DisputeEvidence

LARGEST = 5 * 1024 * 1024
MOST = 20  # pieces from one side
LONGEST = 5_000
_KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def add(
    row: Dispute,
    *,
    side: Side,
    text: str = "",
    file: bytes | None = None,
    name: str = "",
    about: str = EvidenceAbout.OTHER,
) -> DisputeEvidence:
    """One more piece for the locked dispute. Raises InvalidEvidence."""
    if about not in EvidenceAbout.values:
        raise InvalidEvidence(
            _("One of %(all)s.") % {"all": ", ".join(EvidenceAbout.values)}, field="about"
        )
    text = text.strip()
    if not text and not file:
        raise InvalidEvidence(_("Say or show something."), field="text")
    if len(text) > LONGEST:
        raise InvalidEvidence(_("At most %(n)s characters.") % {"n": LONGEST}, field="text")
    kind = _kind(file) if file else ""
    if DisputeEvidence.objects.filter(dispute=row, side=side).count() >= MOST:
        raise InvalidEvidence(_("There are %(n)s pieces from you already.") % {"n": MOST})
    if file and row.kind == DisputeKind.CHARGEBACK and side != Side.BUYER:
        _room_at_the_bank(row, about)
    piece = DisputeEvidence(
        id=uuid7(),
        dispute=row,
        side=side,
        about=about,
        text_sealed=personal.seal(row.id, text) if text else "",
        file_name=_plain(name) if file else "",
        file_type=kind,
        file_size=len(file) if file else 0,
        file_sha256=hashlib.sha256(file).hexdigest() if file else "",
        file_sealed=personal.seal_data(row.id, file) if file else None,
        created_at=clock.system(),
    )
    piece.save(force_insert=True)
    return piece


def file_of(*, dispute_id: UUID, evidence_id: UUID) -> tuple[str, str, bytes]:
    """(name, type, content) of a piece's file. Raises NotFound, also once it was erased."""
    row = DisputeEvidence.objects.filter(id=evidence_id, dispute_id=dispute_id).first()
    if row is None or row.file_sealed is None:
        raise NotFound
    content = personal.open_data(dispute_id, bytes(row.file_sealed))
    if content is None:
        raise NotFound
    return row.file_name, row.file_type, content


def files_for_the_bank(row: Dispute) -> list[tuple[DisputeEvidence, bytes]]:
    """The merchant's and the operator's files that were not erased, one of each kind."""
    rows = DisputeEvidence.objects.filter(dispute=row, file_size__gt=0).exclude(side=Side.BUYER)
    opened = [
        (piece, personal.open_data(row.id, bytes(piece.file_sealed)))
        for piece in rows.order_by("id")
        if piece.file_sealed is not None
    ]
    return [(piece, content) for piece, content in opened if content is not None]


def _room_at_the_bank(row: Dispute, about: str) -> None:
    rows = DisputeEvidence.objects.filter(dispute=row, about=about, file_size__gt=0)
    if rows.exclude(side=Side.BUYER).exists():
        raise InvalidEvidence(
            _("The bank takes one file of each kind: choose another kind, or join both in a PDF."),
            field="about",
        )


def _kind(file: bytes) -> str:
    if len(file) > LARGEST:
        raise InvalidEvidence(_("At most 5 MB."), field="file")
    for start, kind in _KINDS:
        if file.startswith(start):
            return kind
    raise InvalidEvidence(_("It is no PDF, PNG or JPEG."), field="file")


def _plain(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[-100:] or "file"
