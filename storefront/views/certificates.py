"""Certificates: a merchant's in its console, a person's own in the account."""

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import facade as certification
from kernel.errors import DomainError, Malformed, NotFound
from kernel.files import file_answer
from storefront import words
from storefront.forms.certificates import ALGORITHMS, REASONS, Apply, Renew, offer
from storefront.lists import choice, csv_answer, every, uuid_of, window
from storefront.pages import done, person_of, public, up_to
from storefront.templatetags.shop import said
from storefront.views.account import put_error
from storefront.views.contracts.who import frame, party_page, who

STATES = list(words.STATES["certificate"])
CSR_BYTES = 20_000


@require_safe
@party_page
def listing(request: HttpRequest) -> HttpResponse | Any:
    """The certificates, newest first, by state or serial number."""
    filters: dict[str, Any] = {
        **_owner(request),
        "state": choice(request, "state", STATES),
        "serial": request.GET.get("q", "").strip()[:60] or None,
    }
    if request.GET.get("format") == "csv":
        return _export(filters)
    context = {
        "page": certification.certificates_page(**filters, **window(request)),
        "states": STATES,
        "state": filters["state"],
        "q": filters["serial"] or "",
        "profiles": _profiles(),
        **frame(request),
    }
    return render(request, "storefront/certificates/list.html", context)


@up_to(CSR_BYTES, certification.InvalidRequestFile)
@require_http_methods(["GET", "HEAD", "POST"])
@party_page
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for a certificate."""
    actor, person = who(request), person_of(request)
    assert person is not None
    holder = "merchant" if actor.merchant_id else "person"
    form = Apply(request.POST or None, request.FILES or None)
    found = [one for one in certification.certificate_profiles() if one.holder == holder]
    offer(form, profile=[(one.code, said(one.names)) for one in found])
    key = request.POST.get("key") or str(uuid4())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = certification.apply_certificate(
                key=uuid_of(key),
                profile=data["profile"],
                merchant_id=actor.merchant_id,
                person_id=person.id,
                algorithm=certification.Algorithm(data["algorithm"]),
                csr=_request_of(data),
            )
        except DomainError as error:
            put_error(form, error)
        else:
            text = (
                _("The certificate is issued.")
                if made.usable
                else _("Applied. It is issued as soon as the authority answers.")
            )
            return done(request, text, "storefront:certificate", certificate=made.public_id)
    subject = (
        certification.Subject.merchant(actor.merchant_id)
        if actor.merchant_id
        else certification.Subject.person(person.id)
    )
    context = {
        "form": form,
        "key": key,
        "level": certification.assurance_of(subject),
        "identity": "storefront:merchant_identity" if actor.merchant_id else "storefront:identity",
        **frame(request),
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/certificates/apply.html", context, status=status)


@require_safe
@party_page
def one(request: HttpRequest, certificate: str) -> HttpResponse:
    """One certificate: whose, how it stands, its chain, what can be done."""
    info = _mine(request, certificate)
    context = {
        "info": info,
        "profile": _profiles().get(info.profile, info.profile),
        "algorithm": ALGORITHMS.get(str(info.algorithm), info.algorithm),
        "state": "expired" if info.expired and info.state == "valid" else info.state,
        "reasons": REASONS,
        "renew": Renew(),
        "key": uuid4(),
        **frame(request),
    }
    return render(request, "storefront/certificates/one.html", context)


@require_POST
@party_page
def act(request: HttpRequest, certificate: str) -> HttpResponse:
    """Renew, suspend, resume or revoke it."""
    info, what = _mine(request, certificate), request.POST.get("do", "")
    note = request.POST.get("note", "").strip()[:500]
    if what == "renew":
        csr = request.POST.get("csr", "").strip()
        made = certification.renew_certificate(
            certificate_id=info.id,
            key=_key(request),
            csr=csr.encode() if csr else None,
        )
        text = _("This is the new certificate. The old one stays good until its end.")
        return done(request, text, "storefront:certificate", certificate=made.public_id)
    if what == "suspend":
        certification.suspend_certificate(certificate_id=info.id, note=note)
        text = _("Suspended: nothing is signed with it until you resume it.")
    elif what == "resume":
        certification.resume_certificate(certificate_id=info.id)
        text = _("It can be used again.")
    elif what == "revoke":
        reason = request.POST.get("reason", "")
        certification.revoke_certificate(certificate_id=info.id, reason=reason, note=note)
        text = _("Revoked for good. What was signed before keeps its worth.")
    else:
        raise Malformed
    return done(request, text, "storefront:certificate", certificate=certificate)


@require_safe
@party_page
def download(request: HttpRequest, certificate: str, form: str) -> HttpResponse:
    """The certificate as PEM or DER, or with its chain."""
    info = _mine(request, certificate)
    if not info.der:
        raise NotFound
    found = {
        "pem": (certification.pem_chain([info.der]), "application/x-pem-file", "pem"),
        "der": (info.der, "application/pkix-cert", "cer"),
        "chain": (
            certification.pem_chain([info.der, *info.chain]),
            "application/pem-certificate-chain",
            "chain.pem",
        ),
    }.get(form)
    if found is None:
        raise NotFound
    data, kind, suffix = found
    return file_answer(data, kind, f"{info.serial}.{suffix}")


def _mine(request: HttpRequest, certificate: str) -> certification.CertificateInfo:
    info = certification.certificate(certificate_id=public("cer", certificate))
    owner = _owner(request)
    if owner["merchant_id"]:
        if info.merchant_id != owner["merchant_id"]:
            raise NotFound
    elif info.person_id != owner["person_id"] or info.merchant_id is not None:
        raise NotFound
    return info


def _owner(request: HttpRequest) -> dict[str, UUID | None]:
    actor = who(request)
    if actor.merchant_id:
        return {"merchant_id": actor.merchant_id, "person_id": None}
    return {"merchant_id": None, "person_id": actor.person_id}


def _profiles() -> dict[str, str]:
    return {one.code: said(one.names) for one in certification.certificate_profiles()}


def _request_of(data: dict[str, Any]) -> bytes | None:
    if data["csr"].strip():
        return str(data["csr"]).strip().encode()
    return bytes(data["csr_file"].read()) if data["csr_file"] else None


def _key(request: HttpRequest) -> UUID:
    return uuid_of(request.POST.get("key", ""))


def _export(filters: dict[str, Any]) -> Any:
    header = [_("Serial number"), _("Subject"), _("Kind"), _("Algorithm"), _("State"),
              _("Valid from"), _("Valid until")]  # fmt: skip
    rows = list(every(certification.certificates_page, **filters))
    return csv_answer(
        "certificates",
        header,
        (
            [
                one.serial,
                one.subject.get("common_name", ""),
                one.profile,
                one.algorithm,
                words.word("certificate", one.state)[0],
                one.not_before.isoformat(timespec="seconds") if one.not_before else "",
                one.not_after.isoformat(timespec="seconds") if one.not_after else "",
            ]
            for one in rows
        ),
    )
