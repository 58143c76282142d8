"""Pictures over HTTP: the name is the content, so a copy once fetched is good for ever."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseNotModified
from django.views.decorators.http import require_safe

from catalog.gateways import files

FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponse:
    """One WebP copy of the platform in scope."""
    path = files.by_name(name)
    if path is None:
        return HttpResponseNotFound()
    etag = f'"{path.stem}"'
    response: HttpResponse
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return HttpResponseNotFound()
        response = HttpResponse(data, content_type="image/webp")
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER
    return response
