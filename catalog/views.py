"""Pictures and videos over HTTP: the name is the content, so a copy once fetched is good for ever.

What merchants uploaded is sent as what it was found to be and as nothing else."""

import re
from pathlib import Path

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotFound,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_safe

from catalog.contracts_video import VideoKind
from catalog.errors import MediaStoreAway
from catalog.gateways import files, store, video_files

FOR_EVER = store.FOR_EVER
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """One WebP copy, or a video, of the platform in scope; 503 while the store of pictures is
    away."""
    film = video_files.by_name(name)
    if film is not None:
        return _video(request, *film)
    named = files.by_name(name)
    if named is None:
        return HttpResponseNotFound()
    etag = f'"{name.removesuffix(".webp")}"'
    response: HttpResponse
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        try:
            data = files.read(*named)
        except MediaStoreAway as error:
            away = {"Retry-After": str(error.params["retry_after"]), "Cache-Control": "no-store"}
            return HttpResponse(status=error.status, headers=away)
        if data is None:
            return HttpResponseNotFound()
        response = HttpResponse(data, content_type="image/webp")
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER
    return response


def _video(request: HttpRequest, path: Path, kind: VideoKind) -> HttpResponseBase:
    """The video or the part of it that is asked for (RFC 9110, 14): players leap about in it."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return HttpResponseNotFound()
    size, etag = path.stat().st_size, f'"{path.stem}"'
    part = None
    if request.headers.get("If-Range", etag) == etag:
        part = _wanted(request.headers.get("Range", ""), size)
    response: HttpResponseBase
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    elif part is not None and part[0] >= part[1]:
        response = HttpResponse(status=416, content_type="text/plain")
        response["Content-Range"] = f"bytes */{size}"
    else:
        start, end = part or (0, size)
        if request.method == "HEAD":
            response = HttpResponse()
        else:
            response = StreamingHttpResponse(video_files.pieces(file, start, end))
        response["Content-Type"] = f"video/{kind.value}"
        response["Content-Length"] = str(end - start)
        if part is not None:
            response.status_code = 206
            response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if not response.streaming:
        file.close()
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _wanted(header: str, size: int) -> tuple[int, int] | None:
    """From where until before where; None for all of it, which is right for several parts, too.
    What lies behind the end is (size, size)."""
    match = RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:  # the last so many bytes
        return max(0, size - int(match[2])), size
    start, last = int(match[1]), int(match[2] or size - 1)
    if last < start and match[2]:
        return None  # no range at all
    return (start, min(last + 1, size)) if start < size else (size, size)
