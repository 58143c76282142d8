"""Answers that are a file."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

# What a paper (证件、资料) is sent as.
PAPERS = ("application/pdf", "image/jpeg", "image/png")


def file_answer(
    content: bytes | str, content_type: str, name: str, *, inline: bool = False
) -> HttpResponse:
    """A file to be saved under ``name``, in any script; ``inline``: shown first, and saved so."""
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(not inline, name) or "inline"
    return answer


def shown_alone(data: bytes, content_type: str) -> HttpResponse:
    """The file, made by somebody outside the product, as what it is and as nothing else: it runs
    no script and is kept nowhere."""
    return HttpResponse(
        data,
        content_type=content_type,
        headers={
            "Content-Disposition": "inline",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
