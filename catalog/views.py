"""Pictures over HTTP: the name is the content, so a copy once fetched is good for ever."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseNotModified
from django.views.decorators.http import require_safe

from catalog.errors import MediaStoreAway
from catalog.gateways import files, store

FOR_EVER = store.FOR_EVER


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponse:
    """One WebP copy of the platform in scope; 503 while the store of pictures is away."""
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
