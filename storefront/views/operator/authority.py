"""The authority's desk: chains, certificates, revocation, timestamps, where the keys are."""

from datetime import datetime
from typing import Any

from asn1crypto import pem
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import facade as certification
from certification.facade import Algorithm, CertificateInfo, CertificateState
from kernel import clock
from kernel.audit import latest_for
from kernel.errors import DomainError, Malformed, NotFound
from kernel.files import file_answer
from kernel.ids import parse_public_id
from kernel.pagination import PageOf
from storefront import certified
from storefront.forms.certificates import Kind, offer
from storefront.lists import choice, csv_answer, every, window
from storefront.pages import done, operator_desk, public
from storefront.templatetags.shop import said
from storefront.views.account import put_error

STATES = ["requested", "valid", "suspended", "revoked", "failed", "expired"]


@require_safe
@operator_desk("contracts")
def overview(request: HttpRequest) -> HttpResponse:
    """Everything that must work, at a glance."""
    authorities = certification.authorities_page(limit=50).items
    now = clock.business()
    context = {
        "authorities": [_chain(one, now) for one in authorities],
        "keys": certification.key_store_state(),
        "profiles": certification.certificate_profiles(),
        "counts": [
            (state, certification.certificate_count(state=state))
            for state in CertificateState.values
        ],
        "timestamps": certification.timestamps_page(limit=8).items,
        "seals": certification.seals_page(state="applied", limit=20),
        "levels": certified.LEVELS,
        "api": f"{reverse('storefront:home')}api/v1",
    }
    return render(request, "storefront/operator/authority.html", context)


def _chain(one: certification.AuthorityInfo, now: datetime) -> dict[str, Any]:
    last = certification.latest_list(authority_id=one.id)
    return {"info": one, "list": last, "late": last is not None and last.next_update <= now}


@require_POST
@operator_desk("contracts")
def publish(request: HttpRequest) -> HttpResponse:
    """Look at an authority's CRL: made anew when it is stale."""
    made = certification.revocation_list(
        authority_id=public("cau", request.POST.get("authority", ""))
    )
    text = _("The revocation list has number %(number)s.") % {"number": made.number}
    return done(request, text, "storefront:operator_authority")


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("contracts")
def kind(request: HttpRequest, code: str) -> HttpResponse:
    """A kind of certificate: what it is, was, and what may be changed of it."""
    info = certification.certificate_profile(code)
    most = certification.certificate_profile_days(code)
    form = Kind(request.POST or None, initial=_initial(info))
    offer(
        form,
        algorithms=[
            (one, one.upper()) for one in certification.certificate_profile_algorithms(code)
        ],
        level=[(one, certified.LEVELS[one]) for one in certification.ASSURANCE_LEVELS[1:]],
    )
    form.fields["days"].help_text = _("1 to %(most)s days.") % {"most": most}
    if request.method == "POST" and form.is_valid():
        try:
            certification.change_certificate_profile(code=code, changes=form.changes())
        except DomainError as error:
            put_error(form, error)
        else:
            text = _("Certificates of this kind are issued like this from now on.")
            return done(request, text, "storefront:operator_kind", code=code)
    context = {
        "info": info,
        "form": form,
        "versions": certification.certificate_profile_versions(code),
        "levels": certified.LEVELS,
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/certificate_kind.html", context, status=status)


def _initial(info: certification.ProfileInfo) -> dict[str, Any]:
    names = {"en": info.names.get("en", ""), "zh": info.names.get("zh-Hans", "")}
    plain = ("days", "level", "held_here")
    return {**names, **{name: getattr(info, name) for name in plain},
            "algorithms": list(info.algorithms)}  # fmt: skip


@require_safe
@operator_desk("contracts")
def certificates(request: HttpRequest) -> HttpResponseBase:
    """Certificates by state, profile, algorithm; by serial, own number or merchant."""
    filters = _filters(request)
    if filters is None:
        page: PageOf[CertificateInfo] = PageOf([], False, None)
    elif "one" in filters:
        page = PageOf([filters["one"]], False, None)
    elif request.GET.get("export") == "csv":
        return _export(filters)
    else:
        page = certification.certificates_page(**filters, **window(request))
    context = {
        "page": page,
        "states": STATES,
        "state": choice(request, "state", STATES),
        "q": request.GET.get("q", ""),
        "profiles": certification.certificate_profiles(services=True),
        "kinds": _kinds(),
        "profile": request.GET.get("profile", ""),
        "algorithms": list(Algorithm),
        "algorithm": request.GET.get("algorithm", ""),
    }
    return render(request, "storefront/operator/certificates.html", context)


def _kinds() -> dict[str, str]:
    found = certification.certificate_profiles(services=True)
    return {one.code: said(one.names) for one in found}


def _filters(request: HttpRequest) -> dict[str, Any] | None:
    """What the address asks for; None for a number that leads nowhere."""
    found: dict[str, Any] = {
        "state": choice(request, "state", STATES),
        "algorithm": choice(request, "algorithm", [str(one) for one in Algorithm]),
        "profile": request.GET.get("profile", "")[:40] or None,
    }
    text = request.GET.get("q", "").strip()
    if not text:
        return found
    try:
        if text.startswith("cer_"):
            number = parse_public_id("cer", text)
            return {"one": certification.certificate(certificate_id=number)}
        if text.startswith("mer_"):
            return {**found, "merchant_id": parse_public_id("mer", text)}
    except DomainError:
        return None
    return {**found, "serial": text.replace(" ", "")[:60]}


def _export(filters: dict[str, Any]) -> StreamingHttpResponse:
    rows = every(certification.certificates_page, **filters)
    header = ("number", "state", "profile", "algorithm", "name", "serial", "from", "until")
    return csv_answer(
        "certificates",
        header,
        (
            (one.public_id, one.state, one.profile, str(one.algorithm),
             one.subject.get("common_name", ""), one.serial, one.not_before, one.not_after)
            for one in rows
        ),
    )  # fmt: skip


@require_safe
@operator_desk("contracts")
def certificate(request: HttpRequest, certificate: str) -> HttpResponse:
    """One certificate: whose, of whom, how it stands, and what can be done."""
    info = certification.certificate(certificate_id=public("cer", certificate))
    context = {
        "certificate": info,
        "kind": _kinds().get(info.profile, info.profile),
        "reasons": certified.REASONS,
        "history": latest_for(info.id, limit=50),
    }
    return render(request, "storefront/operator/certificate.html", context)


@require_safe
@operator_desk("contracts")
def certificate_file(request: HttpRequest, certificate: str) -> HttpResponse:
    """The certificate with its chain, PEM."""
    info = certification.certificate(certificate_id=public("cer", certificate))
    if not info.der:
        raise NotFound
    chain = b"".join(pem.armor("CERTIFICATE", der) for der in (info.der, *info.chain))
    return file_answer(chain, "application/x-pem-file", f"{info.public_id}.pem")


@require_POST
@operator_desk("contracts")
def act(request: HttpRequest, certificate: str) -> HttpResponse:
    """Suspend, resume, revoke."""
    number, what = public("cer", certificate), request.POST.get("do", "")
    note = request.POST.get("note", "").strip()
    if what == "suspend":
        certification.suspend_certificate(certificate_id=number, note=note)
        text = _("Suspended. OCSP and the next revocation list say so at once.")
    elif what == "resume":
        certification.resume_certificate(certificate_id=number)
        text = _("It may be relied on again.")
    elif what == "revoke" and request.POST.get("reason") in certification.REVOCATION_REASONS:
        certification.revoke_certificate(
            certificate_id=number, reason=request.POST["reason"], note=note
        )
        text = _("Revoked for good. What it signed before stays valid.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_certificate", certificate=certificate)


@require_safe
@operator_desk("contracts")
def timestamps(request: HttpRequest) -> HttpResponse:
    """The log of timestamps given, newest first."""
    page = certification.timestamps_page(**window(request))
    return render(request, "storefront/operator/timestamps.html", {"page": page})
