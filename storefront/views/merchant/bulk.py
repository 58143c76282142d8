"""Bulk signing: consents to automatic signing, lists to sign, how far they are."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import facade as certification
from kernel.errors import DomainError, Invalid
from kernel.files import file_answer
from kernel.ids import parse_public_id, public_id
from platforms import facade as platforms
from storefront import words
from storefront.forms.certificates import Bulk, Consent, offer
from storefront.lists import choice, window
from storefront.pages import done, merchant_desk, merchant_of, person_of, public, up_to
from storefront.templatetags.shop import said
from storefront.views.account import put_error

LIST_BYTES = 8_000_000
ROWS = list(words.STATES["bulk_row"])
CHAINED = ("amendment", "termination")


@up_to(LIST_BYTES, certification.InvalidRows)
@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("contracts")
def bulk(request: HttpRequest) -> HttpResponse:
    """Consents, a new list, and the lists so far."""
    merchant_id, what = merchant_of(request), request.POST.get("do", "")
    templates = _templates(merchant_id)
    consent = Consent(request.POST if what == "consent" else None, auto_id="k-%s")
    sent = what == "start"
    start = Bulk(request.POST if sent else None, request.FILES if sent else None, auto_id="b-%s")
    given = certification.consents_of(merchant_id=merchant_id)
    _offers(consent, start, merchant_id, templates, given)
    try:
        if what == "consent" and consent.is_valid():
            _give(request, consent.cleaned_data)
            return done(request, _("The consent is on record."), "storefront:bulk")
        if sent and start.is_valid():
            made = _start(merchant_id, start.cleaned_data)
            text = _("The list is being signed. This page shows how far it is.")
            return done(request, text, "storefront:bulk_one", bulk=made.public_id)
    except DomainError as error:
        put_error(consent if what == "consent" else start, error)
    person = person_of(request)
    assert person is not None
    context = {
        "consent": consent,
        "start": start,
        "given": given,
        "titles": {one.id: said(one.definition["title"]) for one in templates},
        "sides": _roles(templates),
        "page": certification.bulk_signings_page(merchant_id=merchant_id, **window(request)),
        "enrolled": platforms.has_second_factor(person.id),
    }
    status = 422 if consent.errors or start.errors else 200
    return render(request, "storefront/bulk/bulk.html", context, status=status)


@require_POST
@merchant_desk("contracts")
def withdraw(request: HttpRequest) -> HttpResponse:
    """Withdraw a consent."""
    consent_id = parse_public_id("aco", request.POST.get("consent", ""))
    certification.withdraw_consent(consent_id=consent_id, merchant_id=merchant_of(request))
    return done(request, _("Withdrawn: nothing more is signed by it."), "storefront:bulk")


@require_safe
@merchant_desk("contracts")
def one(request: HttpRequest, bulk: str) -> HttpResponse:
    """How far a list is, and each contract of it."""
    info = _mine(request, bulk)
    state = choice(request, "state", ROWS)
    percent = 100 * (info.signed + info.failed) // max(info.total, 1)
    context: dict[str, Any] = {"info": info, "percent": percent, "states": ROWS, "state": state}
    if request.headers.get("HX-Request"):
        return render(request, "storefront/bulk/progress.html", context)
    context["page"] = certification.bulk_rows_page(bulk_id=info.id, state=state, **window(request))
    return render(request, "storefront/bulk/one.html", context)


@require_POST
@merchant_desk("contracts")
def cancel(request: HttpRequest, bulk: str) -> HttpResponse:
    """Sign no more of it."""
    info = _mine(request, bulk)
    certification.cancel_bulk(bulk_id=info.id, merchant_id=info.merchant_id)
    text = _("Stopped. What is signed stays signed.")
    return done(request, text, "storefront:bulk_one", bulk=bulk)


@require_safe
@merchant_desk("contracts")
def document(request: HttpRequest, bulk: str, place: int) -> HttpResponse:
    """A signed contract of the list."""
    content = certification.bulk_document(bulk_id=_mine(request, bulk).id, place=place)
    return file_answer(content, "application/pdf", f"contract-{place}.pdf")


def _mine(request: HttpRequest, bulk: str) -> certification.BulkInfo:
    return certification.bulk_signing(bulk_id=public("blk", bulk), merchant_id=merchant_of(request))


def _templates(merchant_id: UUID) -> list[certification.TemplateInfo]:
    page = certification.templates_page(
        merchant_id=merchant_id, state="published", order=("code", "id"), limit=100
    )
    return [one for one in page.items if one.code not in CHAINED]


def _roles(templates: list[certification.TemplateInfo]) -> dict[str, str]:
    """What the parties are called, by role."""
    return {
        role["role"]: said(role["label"]) for one in templates for role in one.definition["roles"]
    }


def _offers(
    consent: Consent,
    start: Bulk,
    merchant_id: UUID,
    templates: list[certification.TemplateInfo],
    given: list[certification.ConsentInfo],
) -> None:
    titles = {one.id: said(one.definition["title"]) for one in templates}
    roles = _roles(templates)
    certificates = certification.certificates_page(
        merchant_id=merchant_id, state="valid", algorithm="p256", limit=50
    ).items
    offer(
        consent,
        template=[(one.public_id, titles[one.id]) for one in templates],
        party=list(roles.items()),
        certificate=[
            (public_id("cer", one.id), f"{one.subject.get('common_name', '')} · {one.serial[-8:]}")
            for one in certificates
            if one.usable and one.key_id is not None
        ],
    )
    offer(
        start,
        consent=[
            (
                one.public_id,
                f"{titles.get(one.template_id, '')} · {roles.get(one.party, one.party)}",
            )
            for one in given
            if one.state == "given"
        ],
    )


def _give(request: HttpRequest, data: dict[str, Any]) -> None:
    person = person_of(request)
    assert person is not None
    template_id = parse_public_id("ctt", data["template"])
    certificate_id = parse_public_id("cer", data["certificate"])
    definition = certification.contract_template(template_id=template_id).definition
    if data["party"] not in {role["role"] for role in definition["roles"]}:
        raise Invalid(_("This template has no such side."), field="party")
    digest = certification.consent_digest(
        template_id=template_id, party=data["party"], certificate_id=certificate_id
    )
    proof = platforms.confirm_second_factor(
        person_id=person.id,
        code=data["code"],
        purpose=certification.AUTOMATIC_SIGNING,
        digest=digest,
    )
    certification.give_consent(
        merchant_id=merchant_of(request), person_id=person.id, template_id=template_id,
        party=data["party"], certificate_id=certificate_id, confirmation_id=proof.id,
        valid_until=timezone.make_aware(datetime.combine(data["until"], time.max)),
    )  # fmt: skip


def _start(merchant_id: UUID, data: dict[str, Any]) -> certification.BulkInfo:
    try:
        text = bytes(data["csv"].read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise certification.InvalidRows(field="csv") from error
    return certification.start_bulk(
        merchant_id=merchant_id, consent_id=parse_public_id("aco", data["consent"]), text=text
    )
