"""What an uploaded PDF must be to become a contract, and what is said of one that can't."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from certification.errors.agreements import ContractTooLarge, UploadRefused
from kernel.errors import Text
from kernel.typeset import inspect_pdf

UPLOAD_MAX = 10 * 2**20
PAGES_MAX = 300

EMPTY = _("The file is empty.")
TOO_LARGE = _("The file is larger than 10 MB.")
NOT_A_PDF = _("The file isn't a PDF.")
TEXTS: dict[str, Text] = {
    "encrypted": _("The PDF is encrypted; save it without a password."),
    "signed": _("The PDF carries signatures already; send the unsigned text."),
    "active": _("The PDF holds scripts or a dynamic form; print it to a plain PDF."),
    "pages": _("The PDF has more than 300 pages."),
    "bomb": _("The PDF needs more memory or time to read than any contract does."),
    "broken": _("The PDF is damaged and can't be read."),
}


def refuse_large(announced: Any) -> None:
    """By the length that a request announces, before any of it is read. Raises ContractTooLarge."""
    text = str(announced or "")
    if text.isdigit() and int(text) > UPLOAD_MAX:
        raise ContractTooLarge(TOO_LARGE, field="file", limit=UPLOAD_MAX)


def refuse_bad(data: bytes) -> None:
    """Looked into by a process with limits. Raises ContractTooLarge, or UploadRefused and why."""
    if not data:
        raise UploadRefused(EMPTY, field="file")
    refuse_large(len(data))
    if not data[:1024].lstrip().startswith(b"%PDF-"):
        raise UploadRefused(NOT_A_PDF, field="file")
    problem = inspect_pdf(data, pages=PAGES_MAX)["problem"]
    if problem:
        raise UploadRefused(TEXTS[problem], field="file", reason=problem)
