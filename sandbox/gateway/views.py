"""The HTTP face of the card gateway: every address under ``/v1/``."""

import logging
import re

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox import idents
from sandbox.transport import auth, form, idempotency, operations
from sandbox.transport.call import Answer, Call
from sandbox.transport.errors import GatewayError, internal, unknown_url
from sandbox.transport.params import Upload

from . import (
    files,
    registered,  # noqa: F401  # fills the table of operations
)

log = logging.getLogger("sandbox")
_CONTENTS = re.compile(r"/v1/files/([^/]+)/contents")
MAX_BODY = 1_000_000
MAX_FILE = 11_000_000
_FORMS = {"", "application/x-www-form-urlencoded"}


@csrf_exempt
def v1(request: HttpRequest) -> HttpResponse:
    """Answer one call; never raises."""
    request_id = idents.new("req")
    headers = {"Request-Id": request_id}
    try:
        file = _CONTENTS.fullmatch(request.path) if request.method == "GET" else None
        if file:
            call = Call(account=auth.account_of(request))
            return files.contents(files.need(call, file[1]))
        answer = _answer(request, request_id, headers)
    except GatewayError as error:
        answer = Answer.json(error.status, error.body())
        if error.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="Sandbox"'
        if error.code == "idempotency_key_in_use":
            headers["Stripe-Should-Retry"] = "true"
    except Exception:
        log.exception("The gateway met an error")
        answer = Answer.json(500, internal().body())
    response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
    for name, value in (headers | answer.headers).items():
        response[name] = value
    response["Cache-Control"] = "no-cache, no-store"
    return response


def _answer(request: HttpRequest, request_id: str, headers: dict[str, str]) -> Answer:
    method, path = str(request.method), request.path
    account = auth.account_of(request)
    headers["Stripe-Version"] = auth.version_of(request)
    found = operations.find(method, path)
    if found is None:
        raise unknown_url(method, path)
    key = None
    if method == "POST":
        key = idempotency.check_key(request.headers.get("Idempotency-Key"))
        if key:
            headers["Idempotency-Key"] = _printable(key)
    call = Call(
        account=account,
        request_id=request_id,
        idempotency_key=key,
        base_url=f"{request.scheme}://{request.get_host()}",
    )
    row, ids = found
    return operations.carry_out(call, row, ids, path, _parameters(request))


def _printable(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("\r", "").replace("\n", "")


def _parameters(request: HttpRequest) -> form.Form:
    query = form.parse(request.META.get("QUERY_STRING", ""))
    if request.method != "POST":
        return query
    kind = (request.content_type or "").lower()
    most = MAX_FILE if kind == "multipart/form-data" else MAX_BODY
    if int(request.headers.get("Content-Length") or 0) > most:
        raise GatewayError("The request body is too large.", status=413)
    if kind == "multipart/form-data":
        pairs = [(key, str(value)) for key, values in request.POST.lists() for value in values]
        files = {
            name: Upload(one.name or "file", one.content_type or "", one.read())
            for name, one in request.FILES.items()
            if isinstance(one, UploadedFile)
        }
        return query | form.nest(pairs) | files
    if kind not in _FORMS and request.body:
        raise GatewayError(
            f"Invalid request (check that your POST content type is "
            f"application/x-www-form-urlencoded; it is '{kind[:60]}')."
        )
    if len(request.body) > MAX_BODY:
        raise GatewayError("The request body is too large.", status=413)
    return query | form.parse(request.body)
