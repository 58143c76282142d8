"""Drafting contracts, changing drafts, counter-proposals, amendments and terminations."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certification import facade as certification
from kernel.actors import Actor
from kernel.errors import DomainError, FieldProblem, Invalid, Malformed, NotFound
from platforms import facade as platforms
from storefront.forms.contracts import Draft, Terminate, Values, roles_of
from storefront.lists import every, uuid_of
from storefront.pages import done, language, limited, public, up_to
from storefront.templatetags.shop import said
from storefront.views.account import put_error
from storefront.views.contracts import companies
from storefront.views.contracts.who import Place, contract_page, frame, party_page, who

both = require_http_methods(["GET", "HEAD", "POST"])
CHAINED = ("amendment", "termination")
S = certification.ContractState
OWN = "own"


@both
@party_page
def new(request: HttpRequest) -> HttpResponse:
    """Choose a template, then the parties; the fields are on the draft's own page."""
    actor = who(request)
    chosen = request.POST.get("template") or request.GET.get("template") or ""
    if not chosen:
        found = certification.templates_page(
            merchant_id=actor.merchant_id, state="published", order=("code", "id"), limit=100
        ).items
        context = {"templates": [one for one in found if one.code not in CHAINED], **frame(request)}
        return render(request, "storefront/contracts/choose.html", context)
    template = None if chosen == OWN else _template(chosen, actor.merchant_id)
    form = Draft(
        request.POST if request.method == "POST" else None,
        roles=roles_of(template),
        titled=template is not None,
        locales=platforms.get_platform().locales,
        initial={"language": "zh-Hans" if language().startswith("zh") else "en"},
    )
    key = request.POST.get("key", "") or str(uuid4())
    wanted = _wanted(request, form, actor)
    if wanted is not None:
        form = _again(request, form, wanted)
    elif request.method == "POST" and form.is_valid():
        try:
            info = _drafted(form, template, actor, uuid_of(key))
        except DomainError as error:
            put_error(form, error)
        else:
            text = _("The draft is kept. Only you see it until you send it.")
            return done(request, text, "storefront:contract_edit", contract=info.public_id)
    context = {
        "form": form,
        "template": template,
        "chosen": chosen,
        "key": key,
        "wanted": wanted,
        **frame(request),
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/contracts/new.html", context, status=status)


@dataclass(frozen=True)
class Wanted:
    """A company looked for without a script: for which role, what was typed, what fits."""

    role: str
    typed: str
    found: list[platforms.MerchantInfo]


def _wanted(request: HttpRequest, form: Draft, actor: Actor) -> Wanted | None:
    """What the form asks for instead of being sent on: companies for a role, or one of them."""
    roles = {role for role, _label in form.roles}
    role, _colon, picked = request.POST.get("pick", "").partition(":")
    if role in roles:
        one = platforms.merchants({public("mer", picked)})
        return Wanted(role, next((said(m.names) for m in one.values() if m.approved), ""), [])
    role = request.POST.get("find", "")
    if role not in roles:
        return None
    limited(request, "companies", companies.PER_MINUTE)
    typed = request.POST.get(f"company_{role}", "").strip()[:120]
    return Wanted(role, typed, companies.matching(typed, own=actor.merchant_id))


def _again(request: HttpRequest, form: Draft, wanted: Wanted) -> Draft:
    """The form as it was filled in, nothing judged yet, with the company that was picked."""
    kept = {name: request.POST.get(name, "") for name in form.fields}
    kept[f"company_{wanted.role}"] = wanted.typed
    titled = not form.fields["title"].required
    locales = platforms.get_platform().locales
    return Draft(None, roles=form.roles, titled=titled, locales=locales, initial=kept)


@up_to(certification.CONTRACT_LIMIT, certification.ContractTooLarge)
@both
@contract_page
def edit(request: HttpRequest, place: Place) -> HttpResponse:
    """The fields: of a draft, to keep or send; of a proposal, to answer with another one."""
    info = place.info
    if info.state not in (S.DRAFT, S.NEGOTIATING):
        return redirect("storefront:contract", contract=place.id)
    template = (
        certification.contract_template(template_id=info.template_id) if info.template_id else None
    )
    sent = request.POST if request.method == "POST" else None
    form = Values(
        template.definition if template else {},
        currency=platforms.get_platform().currency,
        values=info.values,
        data=sent,
    )
    error: DomainError | None = None
    if sent is not None:
        try:
            return _written(request, place, form)
        except certification.BadValues as problem:
            form.put(problem.problems)
        except (certification.UploadRefused, certification.ContractTooLarge) as problem:
            error = problem
    context = {
        "place": place,
        "info": info,
        "form": form,
        "error": error,
        "template": template,
        "message": request.POST.get("message", ""),
        "sending": info.state == S.NEGOTIATING,
        **frame(request),
    }
    status = error.status if error else 422 if form.errors else 200
    return render(request, "storefront/contracts/edit.html", context, status=status)


@both
@contract_page
def amend(request: HttpRequest, place: Place) -> HttpResponse:
    """How the fields should read from now on, and what else is agreed."""
    info = place.info
    template = (
        certification.contract_template(template_id=info.template_id) if info.template_id else None
    )
    sent = request.POST if request.method == "POST" else None
    form = Values(
        template.definition if template else {},
        currency=platforms.get_platform().currency,
        values=info.values,
        data=sent,
    )
    problem: DomainError | None = None
    if sent is not None:
        try:
            values, unread = form.read()
            _stop_at(unread)
            text = sent.get("text", "").strip()[:4000]
            made = certification.amend_contract(
                contract_id=info.id, role=place.role, key=_key(request),
                merchant_id=place.actor.merchant_id, values=values, text=text,
            )  # fmt: skip
        except certification.BadValues as error:
            form.put(error.problems)
        except Invalid as error:
            problem = error
        else:
            return done(request, _("The amendment is drafted. Read it, then send it."),
                        "storefront:contract", contract=made.public_id)  # fmt: skip
    context = {
        "place": place, "info": info, "form": form, "key": request.POST.get("key") or uuid4(),
        "text": request.POST.get("text", ""), "error": problem, "template": template,
        **frame(request),
    }  # fmt: skip
    status = 422 if form.errors or problem else 200
    return render(request, "storefront/contracts/amend.html", context, status=status)


@both
@contract_page
def terminate(request: HttpRequest, place: Place) -> HttpResponse:
    """An agreement to end the contract."""
    form = Terminate(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = certification.terminate_contract(
                contract_id=place.info.id, role=place.role, key=_key(request),
                merchant_id=place.actor.merchant_id, end_day=data["end_day"].isoformat(),
                reason=data["reason"], settlement=data["settlement"],
            )  # fmt: skip
        except DomainError as error:
            put_error(form, error)
        else:
            return done(request, _("The termination agreement is drafted. Read it, then send it."),
                        "storefront:contract", contract=made.public_id)  # fmt: skip
    context = {
        "place": place, "info": place.info, "form": form,
        "key": request.POST.get("key") or uuid4(), **frame(request),
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "storefront/contracts/terminate.html", context, status=status)


def _written(request: HttpRequest, place: Place, form: Values) -> HttpResponse:
    info, what = place.info, request.POST.get("do", "")
    if info.template_id is None:
        if info.state == S.DRAFT:
            _upload(request, info)
        values = None
    else:
        values, unread = form.read()
        _stop_at(unread)
    if info.state == S.DRAFT and values is not None:
        certification.change_contract_draft(contract_id=info.id, values=values)
    if what != "send":
        return done(request, _("The draft is kept."), "storefront:contract_edit", contract=place.id)
    round_ = request.POST.get("round", "")
    certification.propose_contract(
        contract_id=info.id, role=place.role, values=values,
        message=request.POST.get("message", "").strip()[:2000],
        round=int(round_) if round_.isascii() and round_.isdigit() else None,
    )  # fmt: skip
    text = _("Sent. The others have a letter; you are told when they answer.")
    return done(request, text, "storefront:contract", contract=place.id)


def _upload(request: HttpRequest, info: certification.ContractInfo) -> None:
    file = request.FILES.get("document")
    if file is None:
        if request.POST.get("do") == "send" and info.agreed_sha256:
            return
        raise certification.UploadRefused(_("Choose a PDF first."), field="document")
    if file.size is not None and file.size > certification.CONTRACT_LIMIT:
        raise certification.ContractTooLarge(field="document")
    certification.put_contract_document(contract_id=info.id, data=bytes(file.read()))


def _stop_at(problems: list[FieldProblem]) -> None:
    if problems:
        raise certification.BadValues(problems=problems)


def _drafted(
    form: Draft, template: certification.TemplateInfo | None, actor: Any, key: UUID
) -> certification.ContractInfo:
    data = form.cleaned_data
    parties = []
    for role, _label in form.roles:
        detail = data[f"detail_{role}"]
        if role == data["role"]:
            own = None if actor.merchant_id else actor.person_id
            mine = certification.PartyInput(role, actor.merchant_id, own, detail=detail)
            parties.append(mine)
            continue
        company = data[f"company_{role}"].strip()
        name, email = data[f"name_{role}"].strip(), data[f"email_{role}"]
        merchant_id = _company(company, f"company_{role}") if company else None
        if merchant_id is None and not (name and email):
            raise Invalid(
                _("Name a company of this platform, or a name and an e-mail address."),
                field=f"company_{role}",
            )
        parties.append(
            certification.PartyInput(role, merchant_id, None, "" if merchant_id else name,
                                     "" if merchant_id else email, detail,
                                     "" if merchant_id else data[f"letters_{role}"])
        )  # fmt: skip
    ends = data["ends_on"]
    return certification.draft_contract(
        key=key, drafter=data["role"], parties=parties, title=data["title"],
        template_id=template.id if template else None, language=data["language"],
        order=data["order"], merchant_id=actor.merchant_id,
        ends_at=timezone.make_aware(datetime.combine(ends, time.max)) if ends else None,
    )  # fmt: skip


def _company(text: str, field: str) -> UUID:
    """Any merchant by its name, short name, id or unified social credit code; by a part of its name
    if that fits one only. Raises Invalid naming the field."""
    wanted = text.casefold()
    by_code = certification.merchant_with_number(number=text.upper())
    part: dict[UUID, str] = {}
    for one in every(platforms.merchants_page, state="approved", order=("slug", "id")):
        names = {one.slug, one.public_id, *(name.casefold() for name in one.names.values())}
        if wanted in names or one.id == by_code:
            return one.id
        if any(wanted in name for name in names):
            part[one.id] = said(one.names)
    if len(part) == 1:
        return next(iter(part))
    if part:
        found = ", ".join(list(part.values())[:10])
        raise Invalid(_("Several companies fit: %(names)s.") % {"names": found}, field=field)
    raise Invalid(_("No company on this platform has this name."), field=field)


def _template(text: str, merchant_id: UUID | None) -> certification.TemplateInfo:
    found = certification.contract_template(template_id=public("ctt", text))
    usable = found.state == "published" and found.code not in CHAINED
    if not usable or found.merchant_id not in (None, merchant_id):
        raise NotFound
    return found


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error
