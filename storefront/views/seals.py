"""A merchant's seals: application, picture, who may use them, the log of use."""

from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import facade as certification
from kernel import clock
from kernel.actors import current_actor
from kernel.errors import DomainError, Invalid, Malformed, NotFound
from kernel.ids import parse_public_id
from platforms import facade as platforms
from storefront import words
from storefront.forms.certificates import SEAL_KINDS, ApplySeal, Lend, offer
from storefront.lists import choice, csv_answer, every, uuid_of, window
from storefront.pages import done, merchant_desk, merchant_of, person_of, public, up_to
from storefront.views.account import put_error

STATES = list(words.STATES["seal"])
PICTURE_BYTES = 200_000
EVERYONE = "keys"


@require_safe
@merchant_desk("contracts", "company")
def listing(request: HttpRequest) -> HttpResponse:
    """The merchant's seals, newest first."""
    state = choice(request, "state", STATES)
    page = certification.seals_page(
        merchant_id=merchant_of(request), state=state, **window(request)
    )
    context = {"page": page, "states": STATES, "state": state, "kinds": SEAL_KINDS}
    return render(request, "storefront/seals/list.html", context)


@up_to(PICTURE_BYTES, certification.InvalidSealPicture)
@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("contracts", "company")
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for a seal."""
    merchant_id, person = merchant_of(request), person_of(request)
    assert person is not None
    merchant = platforms.merchant(merchant_id)
    form = ApplySeal(
        request.POST or None, request.FILES or None, initial={"name": merchant.name("zh-Hans")}
    )
    found = certification.certificates_page(
        merchant_id=merchant_id, state="valid", algorithm="sm2", limit=50
    ).items
    usable = [one for one in found if one.usable and one.key_id is not None]
    offer(form, certificate=[
        (one.public_id, f"{one.subject.get('common_name', '')} · {one.serial[-8:]}")
        for one in usable
    ])  # fmt: skip
    key = request.POST.get("key") or str(uuid4())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        file = data["picture"]
        try:
            made = certification.apply_for_seal(
                key=uuid_of(key),
                merchant_id=merchant_id,
                kind=data["kind"],
                name=data["name"],
                certificate_id=public("cer", data["certificate"]),
                person_id=person.id if data["kind"] == "person" else None,
                picture=bytes(file.read()) if file else None,
            )
        except DomainError as error:
            put_error(form, error)
        else:
            text = _("Applied. An operator looks at it and has the seal made.")
            return done(request, text, "storefront:seal", seal=made.public_id)
    context = {"form": form, "key": key, "usable": usable}
    status = 422 if form.errors else 200
    return render(request, "storefront/seals/apply.html", context, status=status)


@require_safe
@merchant_desk("contracts", "company")
def one(request: HttpRequest, seal: str) -> HttpResponse:
    """One seal: its picture, who may use it, every use."""
    return _shown(request, _mine(request, seal), None)


@require_POST
@merchant_desk("company")
def act(request: HttpRequest, seal: str) -> HttpResponse:
    """Lend it, take that back, suspend, resume, revoke."""
    info, what = _mine(request, seal), request.POST.get("do", "")
    note = request.POST.get("note", "").strip()[:500]
    if what == "lend":
        form = _lend(request, info)
        if not form.is_valid():
            return _shown(request, info, form)
        try:
            _lent(info, form.cleaned_data)
        except DomainError as error:
            put_error(form, error)
            return _shown(request, info, form)
        text = _("Lent. It stands in the list until it ends or you take it back.")
    elif what == "take_back":
        grant = parse_public_id("sgr", request.POST.get("grant", ""))
        certification.withdraw_seal_grant(seal_id=info.id, grant_id=grant)
        text = _("Taken back.")
    elif what in ("suspend", "resume", "revoke"):
        after = {"suspend": "suspended", "resume": "valid", "revoke": "revoked"}[what]
        certification.change_seal(seal_id=info.id, state=after, note=note)
        text = {
            "suspend": _("Suspended: nobody can use it until you resume it."),
            "resume": _("It can be used again."),
            "revoke": _("Revoked for good. What it sealed before keeps its worth."),
        }[what]
    else:
        raise Malformed
    return done(request, text, "storefront:seal", seal=seal)


@require_safe
@merchant_desk("contracts", "company")
def picture(request: HttpRequest, seal: str) -> HttpResponse:
    """The seal's picture."""
    answer = HttpResponse(_mine(request, seal).picture, content_type="image/png")
    answer["Cache-Control"] = "private, max-age=300"
    return answer


@require_safe
@merchant_desk("contracts", "company")
def uses(request: HttpRequest, seal: str) -> Any:
    """The log of use as a table for spreadsheets."""
    info = _mine(request, seal)
    rows = list(every(certification.seal_uses_page, seal_id=info.id))
    names = _names(one.person_id for one in rows)
    header = [_("Time"), _("Document"), _("Person"), _("Digest (SM3)"), _("Signature SHA-256")]
    return csv_answer(
        "seal-uses",
        header,
        (
            [
                one.at.isoformat(timespec="seconds"),
                one.document,
                names.get(one.person_id, one.actor_kind) if one.person_id else one.actor_kind,
                one.digest,
                one.signature_sha256,
            ]
            for one in rows
        ),
    )


def _shown(request: HttpRequest, info: certification.SealInfo, form: Lend | None) -> HttpResponse:
    grants = certification.seal_grants(seal_id=info.id)
    page = certification.seal_uses_page(seal_id=info.id, **window(request))
    names = _names([*(one.person_id for one in grants), *(one.person_id for one in page.items)])
    context = {
        "info": info,
        "kind": SEAL_KINDS[info.kind],
        "state": "expired" if info.expired and info.state == "valid" else info.state,
        "grants": [one for one in grants if one.revoked_at is None],
        "page": page,
        "names": names,
        "form": form or _lend(request, info),
        "owner": current_actor().holds("company"),
    }
    status = 422 if form and form.errors else 200
    return render(request, "storefront/seals/one.html", context, status=status)


def _lend(request: HttpRequest, info: certification.SealInfo) -> Lend:
    form = Lend(request.POST if request.method == "POST" else None)
    team = platforms.team(merchant_id=info.merchant_id, limit=100).items
    people = {one.public_id: one.name for one in team}
    offer(form, person=[*people.items(), (EVERYONE, _("Every API key of the merchant"))])
    return form


def _lent(info: certification.SealInfo, data: dict[str, Any]) -> None:
    whom = data["person"]
    until = data["until"]
    if until and until < clock.today():
        raise Invalid(_("An authorisation ends in the future."), field="until")
    certification.grant_seal(
        seal_id=info.id,
        person_id=None if whom == EVERYONE else parse_public_id("per", whom),
        valid_until=timezone.make_aware(datetime.combine(until, time.max)) if until else None,
    )


def _mine(request: HttpRequest, seal: str) -> certification.SealInfo:
    info = certification.seal(seal_id=public("sea", seal))
    if info.merchant_id != merchant_of(request):
        raise NotFound
    return info


def _names(ids: Any) -> dict[UUID, str]:
    wanted = {one for one in ids if one}
    return {key: one.name for key, one in platforms.people(wanted).items()}
