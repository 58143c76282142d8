"""Answers that show a file which somebody outside the product has made."""

from django.http import HttpResponse


def shown_alone(data: bytes, content_type: str) -> HttpResponse:
    """The file as what it is and as nothing else: it runs no script and is kept nowhere."""
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
