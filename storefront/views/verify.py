"""Verification of documents, for everyone: what holds and what doesn't. Nothing sent is kept."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from certification import facade as certification
from kernel import ratelimit
from kernel.errors import DomainError, TooMany
from storefront.pages import page

PER_MINUTE = 30


@csrf_exempt  # nothing is changed and nobody need be signed in; a token would read the whole body
@require_http_methods(["GET", "HEAD", "POST"])
@page
def verify(request: HttpRequest) -> HttpResponse:
    """The form, and the answer to what was sent."""
    if request.method != "POST":
        return _shown(request, None)
    try:
        _limited(request)
        return _shown(request, certification.verify_document(_sent(request)))
    except DomainError as error:
        return _shown(request, None, error)


@require_safe
@page
def code(request: HttpRequest, code: str) -> HttpResponse:
    """What the code printed on a document leads to."""
    _limited(request)
    return _shown(request, certification.verify_code(code), printed=True)


def _sent(request: HttpRequest) -> bytes:
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    limit = certification.UPLOAD_LIMIT
    if announced > limit + 4096:
        raise certification.UploadTooLarge(field="file", limit=limit)
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise certification.UploadEmpty(field="file")
    if file.size > limit:
        raise certification.UploadTooLarge(field="file", limit=limit)
    return bytes(file.read())


def _limited(request: HttpRequest) -> None:
    bucket = f"verify:{request.META.get('REMOTE_ADDR', '')}"
    verdict = ratelimit.hit(bucket, limit=PER_MINUTE, seconds=60)
    if not verdict.allowed:
        raise TooMany(
            _("%(limit)s verifications a minute are allowed.") % {"limit": PER_MINUTE},
            retry_after=verdict.reset,
        )


def _shown(
    request: HttpRequest,
    report: certification.DocumentReport | None,
    error: DomainError | None = None,
    *,
    printed: bool = False,
) -> HttpResponse:
    context: dict[str, object] = {"report": report, "error": error, "printed": printed}
    if report is not None:
        context["verdict"] = certification.verdict_text(report.verdict)
        context["problems"] = [certification.problem_text(f) for f in report.findings]
        context["signatures"] = [
            {"info": one, "problems": [certification.problem_text(f) for f in one.findings]}
            for one in report.signatures
        ]
        context["timestamps"] = [
            {"info": one, "problems": [certification.problem_text(f) for f in one.findings]}
            for one in report.timestamps
        ]
    status = error.status if error else HTTPStatus.OK
    response = render(request, "storefront/verify/verify.html", context, status=status)
    response["X-Robots-Tag"] = "noindex" if report else "all"
    return response
