"""The platform's contracts: how each stands, and, for a reason that is kept, what it says."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from certification import facade as certification
from kernel.actors import current_actor
from kernel.errors import DomainError, Malformed, NotFound
from kernel.files import file_answer
from platforms import facade as platforms
from storefront import contracts as shown
from storefront import order_contracts, words
from storefront.lists import choice, csv_answer, every, window
from storefront.pages import operator_desk, public, words_of

STATES = list(words.STATES["contract"])


@require_safe
@operator_desk("contracts")
def listing(request: HttpRequest) -> HttpResponseBase:
    """All contracts, newest first; by state, kind, words of title or number."""
    filters: dict[str, Any] = {
        "actor": current_actor(),
        "state": choice(request, "state", STATES),
        "kind": choice(request, "kind", shown.KINDS),
        "words": request.GET.get("q", "").strip()[:100] or None,
    }
    if request.GET.get("format") == "csv":
        return _export(filters)
    page = certification.contracts_page(**filters, **window(request))
    context = {
        "page": page,
        "names": {one.id: shown.listed(party.name for party in one.parties) for one in page.items},
        "state": filters["state"],
        "states": STATES,
        "kind": filters["kind"],
        "kinds": shown.KINDS,
        "q": filters["words"] or "",
    }
    return render(request, "storefront/operator/contracts.html", context)


@require_safe
@operator_desk("contracts")
def contract(request: HttpRequest, contract: str) -> HttpResponse:
    """One contract: parties, signatures, what happened, evidence; not what it says."""
    return _page(request, _outside(public("ctr", contract)))


@require_POST
@operator_desk("contracts")
def open_file(request: HttpRequest, contract: str, what: str) -> HttpResponse:
    """The terms, the document or the evidence package; who opened it, and why, is kept."""
    contract_id = public("ctr", contract)
    reason = request.POST.get("reason", "")
    try:
        if what == "terms":
            info, rounds = certification.inspect_contract_terms(
                contract_id=contract_id, reason=reason
            )
            answer = _page(request, info, rounds=rounds)
            answer["Cache-Control"] = "no-store"
            return answer
        if what == "document":
            info, data = certification.inspect_contract(contract_id=contract_id, reason=reason)
            return _file(data, "application/pdf", f"{info.number}.pdf")
        if what == "evidence":
            info, found, data = certification.inspect_evidence(
                contract_id=contract_id, reason=reason
            )
            name = f"evidence-{info.number}-{found.generation}.zip"
            return _file(data, "application/zip", name)
    except NotFound:
        raise
    except DomainError as error:
        wrong = error.detail if error.field else words_of(error)
        return _page(
            request, _outside(contract_id), wrong=wrong, reason=reason, status=error.status
        )
    raise Malformed


def _outside(contract_id: UUID) -> certification.ContractInfo:
    return certification.contract_for(contract_id=contract_id, actor=current_actor())


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    answer = file_answer(data, kind, name)
    answer["Cache-Control"] = "no-store"
    return answer


def _page(
    request: HttpRequest,
    info: certification.ContractInfo,
    *,
    rounds: list[certification.ProposalInfo] | None = None,
    wrong: object = "",
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    opened = certification.inspections(contract_id=info.id)
    sentence, tone = shown.standing(info)
    context = {
        "info": info,
        "values": [] if info.withheld else certification.contract_values(info),
        "rounds": rounds,
        "kind": shown.KINDS[info.kind],
        "order": shown.ORDERS[info.order],
        "steps": shown.steps(info),
        "timeline": shown.timeline(info),
        "sentence": sentence,
        "tone": tone,
        "labels": shown.labels(info),
        "waited": shown.waited_for(info),
        "about": order_contracts.order_of(info),
        "package": certification.package_info(document_id=info.id) if info.effective_at else None,
        "verify": _verify(info),
        "opened": opened.items,
        "people": platforms.people(
            {one.actor_person_id for one in opened.items if one.actor_person_id}
        ),
        "wrong": wrong,
        "reason": reason,
    }
    return render(request, "storefront/operator/contract.html", context, status=status)


def _verify(info: certification.ContractInfo) -> str:
    if info.effective_at is None:
        return ""
    code = certification.verification_code(document_id=info.id)
    return reverse("storefront:verify_code", args=[code])


def _export(filters: dict[str, Any]) -> HttpResponseBase:
    header = [_("Number"), _("Title"), _("Kind"), _("State"), _("Parties"), _("Drafted"),
              _("Sign by"), _("In force since"), _("Document SHA-256")]  # fmt: skip
    return csv_answer(
        "contracts",
        header,
        [
            [
                one.number,
                one.title,
                shown.KINDS[one.kind],
                words.word("contract", one.state)[0],
                shown.listed(party.name for party in one.parties),
                one.created_at.isoformat(timespec="seconds"),
                one.sign_by.isoformat(timespec="seconds") if one.sign_by else "",
                one.effective_at.isoformat(timespec="seconds") if one.effective_at else "",
                one.document_sha256,
            ]
            for one in every(certification.contracts_page, **filters)
        ],
    )
