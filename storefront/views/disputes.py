"""A dispute's page, as both desks show it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from kernel.files import file_answer
from payments import facade as payments
from storefront import words


def context_of(info: payments.DisputeInfo, *, side: str, action: str) -> dict[str, Any]:
    """What the page needs; ``action`` is where its forms go."""
    return {
        "dispute": info,
        "side": side,
        "action": action,
        "kinds": words.DISPUTES,
        "reasons": words.REASONS,
        "sides": words.SIDES,
        "abouts": dict(payments.EvidenceAbout.choices),
        "file_view": f"storefront:{side}_dispute_file",
    }


def add(request: HttpRequest, dispute_id: UUID, side: str) -> None:
    """Take what the form says and shows."""
    file = request.FILES.get("file")
    payments.add_evidence(
        dispute_id=dispute_id,
        side=side,
        text=request.POST.get("text", ""),
        file=file.read() if file else None,
        name=file.name or "" if file else "",
        about=request.POST.get("about") or payments.EvidenceAbout.OTHER,
    )


def evidence_answer(dispute_id: UUID, piece: UUID) -> HttpResponse:
    """A piece's file, to be saved and never run in the page."""
    name, kind, content = payments.evidence_file(dispute_id=dispute_id, evidence_id=piece)
    answer = file_answer(content, kind, name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
