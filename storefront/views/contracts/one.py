"""One contract: read it, answer it, sign it, end it; its document and its evidence."""

from typing import Any
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import facade as certification
from kernel.actors import current_actor
from kernel.errors import DomainError, Invalid, Malformed, NotFound
from kernel.files import file_answer
from platforms import facade as platforms
from storefront import contracts as shown
from storefront import order_contracts
from storefront.forms.contracts import Sign
from storefront.pages import done, person_of
from storefront.views.account import put_error
from storefront.views.contracts.who import Place, contract_page, frame, party_page

S = certification.ContractState
CHAIN = 50


@require_safe
@contract_page
def contract(request: HttpRequest, place: Place) -> HttpResponse:
    """Everything of one contract."""
    info = place.info
    sentence, tone = shown.next_step(info, place.role)
    pages, unreadable = _pages(info)
    context = {
        "place": place,
        "info": info,
        "kind": shown.KINDS[info.kind],
        "order": shown.ORDERS[info.order],
        "steps": shown.steps(info),
        "timeline": shown.timeline(info),
        "sentence": sentence,
        "tone": tone,
        "doing": shown.doing(info, place.role),
        "waited": shown.waited_for(info),
        "pages": pages,
        "mark": certification.contract_mark(info),
        "unreadable": unreadable,
        "proposals": certification.contract_proposals(info),
        "labels": shown.labels(info),
        "about": order_contracts.order_of(info),
        "parent": _parent(info),
        "chain": _chain(place),
        **_proof(request, info),
        **frame(request),
    }
    return render(request, "storefront/contracts/contract.html", context)


@require_POST
@contract_page
def act(request: HttpRequest, place: Place) -> HttpResponse:
    """Agree, open for signing, reject, withdraw, remind."""
    what, info = request.POST.get("do", ""), place.info
    reason = request.POST.get("reason", "").strip()[:1000]
    common: dict[str, Any] = {"contract_id": info.id, "role": place.role}
    if what == "agree":
        after = certification.agree_contract(**common, round=_number(request, "round"))
        text = (
            _("Agreed. Everyone agrees now: open it for signing.")
            if after.state == S.AGREED
            else _("Agreed. The others are still to answer.")
        )
    elif what == "open":
        certification.open_signing(**common)
        text = _("Open for signing, for fourteen days. Every party has a letter.")
    elif what == "reject":
        certification.reject_contract(**common, reason=reason)
        text = _("Rejected. The others see your reason.")
    elif what == "withdraw":
        certification.withdraw_contract(**common, reason=reason)
        text = _("Withdrawn. Nothing more happens with it.")
    elif what == "remind":
        certification.remind_party(**common, whom=request.POST.get("party", ""))
        text = _("A reminder is on its way. The next one can go out in a day.")
    else:
        raise Malformed
    return done(request, text, "storefront:contract", contract=place.id)


@require_http_methods(["GET", "HEAD", "POST"])
@contract_page
def sign(request: HttpRequest, place: Place) -> HttpResponse:
    """Sign what is shown, with a code of this moment."""
    info, person = place.info, person_of(request)
    assert person is not None
    ways = _ways(place)
    initial = {"sha256": info.agreed_sha256, "seal": ways["seals"][0][0] if ways["seals"] else ""}
    form = Sign(request.POST if request.method == "POST" else None, initial=initial)
    for name in ("seal", "certificate"):
        choices: Any = form.fields[name]
        choices.choices = ways[f"{name}s"]
    status = 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            after = certification.sign_contract(
                contract_id=info.id,
                role=place.role,
                certificate_id=UUID(data["certificate"]),
                seal_id=UUID(data["seal"]) if data["seal"] else None,
                signer=certification.Signer(
                    person.id, data["code"], data["sha256"], request.META.get("REMOTE_ADDR", "")
                ),
            )
        except DomainError as error:
            put_error(form, error)
            status = error.status
        else:
            return done(request, _signed(after), "storefront:contract", contract=place.id)
    doing = shown.doing(info, place.role)
    context = {
        "place": place,
        "info": info,
        "form": form,
        "can": "sign" in doing.acts,
        "why": shown.next_step(info, place.role)[0],
        "enrolled": platforms.has_second_factor(person.id),
        "certified": bool(ways["certificates"]),
        **frame(request),
    }
    if form.errors and status == 200:
        status = 422
    answer = render(request, "storefront/contracts/sign.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
@contract_page
def document(request: HttpRequest, place: Place) -> HttpResponse:
    """The PDF: as it is proposed, agreed or signed so far."""
    data = certification.contract_reading(place.info)
    inline = "download" not in request.GET
    return file_answer(data, "application/pdf", f"{place.info.number}.pdf", inline=inline)


@require_safe
@contract_page
def picture(request: HttpRequest, place: Place, page: int) -> HttpResponse:
    """A page of it as a picture; the address changes with the document."""
    answer = HttpResponse(
        certification.contract_picture(place.info, page), content_type="image/png"
    )
    if request.GET.get("v") == certification.contract_mark(place.info):
        answer["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


@require_safe
@contract_page
def evidence(request: HttpRequest, place: Place) -> HttpResponse:
    """The evidence package (ZIP)."""
    found, content = certification.package(document_id=place.info.id)
    name = f"evidence-{place.info.number}-{found.generation}.zip"
    return file_answer(content, "application/zip", name)


@require_http_methods(["GET", "HEAD", "POST"])
@party_page
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Take the place that one was invited to."""
    info, party = certification.read_contract_invitation(secret=secret)
    person = person_of(request)
    assert person is not None
    error: DomainError | None = None
    if request.method == "POST":
        try:
            joined = certification.join_contract(secret=secret, actor=current_actor())
        except DomainError as found:
            error = found
        else:
            text = _("You take part now. Read it, then answer.")
            return done(request, text, "storefront:contract", contract=joined.public_id)
    own = platforms.person(person.id).email
    context = {
        "info": info,
        "party": party,
        "sender": info.party(info.drafter).name,
        "error": error,
        "own": own,
        "fits": own.casefold() == party.email.casefold(),
        **frame(request),
    }
    answer = render(
        request,
        "storefront/contracts/invitation.html",
        context,
        status=error.status if error else 200,
    )
    return answer


def _pages(info: certification.ContractInfo) -> tuple[list[int], str]:
    """The numbers of the pages there are to read; else why there are none."""
    try:
        return list(range(1, certification.contract_pages(info) + 1)), ""
    except NotFound:
        return [], _("There is no document yet.")
    except DomainError as error:
        return [], f"{error.title} {error.remedy}"


def _proof(request: HttpRequest, info: certification.ContractInfo) -> dict[str, Any]:
    """Evidence package and verification link, once everyone has signed."""
    if info.effective_at is None:
        return {}
    link = request.build_absolute_uri(
        reverse(
            "storefront:verify_code", args=[certification.verification_code(document_id=info.id)]
        )
    )
    qr = segno.make(link, error="m").svg_inline(scale=3, border=2, omitsize=False, light="#fff")
    kept = certification.package_info(document_id=info.id)
    card = kept and shown.Card(
        title=_("Evidence package"),
        number=_("made %(times)s") % {"times": kept.generation} if kept.generation > 1 else "ZIP",
        hash=kept.sha256,
        href=reverse("storefront:contract_evidence", args=[info.public_id]),
    )
    # Drawn by our own library from our own link; nothing of it was typed by anybody.
    return {"verify": link, "qr": mark_safe(qr), "package": card}  # noqa: S308


def _parent(info: certification.ContractInfo) -> certification.ContractInfo | None:
    return certification.contract_state(contract_id=info.parent_id) if info.parent_id else None


def _chain(place: Place) -> list[certification.ContractInfo]:
    """Amendments and terminations of it, oldest first."""
    page = certification.contracts_page(
        actor=place.actor, parent_id=place.info.id, order=("id",), limit=CHAIN
    )
    return list(page.items)


def _ways(place: Place) -> dict[str, list[tuple[str, str]]]:
    """The certificates and seals that the party can sign with."""
    party = place.party
    certificates = certification.certificates_page(
        merchant_id=party.merchant_id,
        person_id=None if party.merchant_id else party.person_id,
        state="valid",
        algorithm="p256",
        limit=20,
    ).items
    usable = [one for one in certificates if one.usable and one.key_id is not None]
    seals = []
    if party.merchant_id:
        page = certification.seals_page(merchant_id=party.merchant_id, state="valid", limit=50)
        seals = [one for one in page.items if not one.expired]
    kinds = {"company": _("Company seal"), "contract": _("Contract seal"),
             "finance": _("Finance seal"), "person": _("Name stamp")}  # fmt: skip
    return {
        "certificates": [
            (str(one.id), f"{one.subject.get('common_name', '')} · {one.serial[-8:]}")
            for one in usable
        ],
        "seals": [
            *((str(one.id), f"{kinds.get(one.kind, one.kind)}: {one.name}") for one in seals),
            ("", _("The name in writing, without a seal")),
        ],
    }


def _signed(after: certification.ContractInfo) -> str:
    if after.state == S.EFFECTIVE:
        return _("Signed. Everyone has signed: the contract is in force, and its evidence package "
                 "is being made.")  # fmt: skip
    names = shown.waiting_names(after)
    return _("Signed. Now it waits for %(names)s.") % {"names": shown.listed(names)}


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit()):
        raise Invalid(field=name)
    return int(text)
