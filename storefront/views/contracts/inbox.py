"""The contracts of a merchant or a person: the inbox."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from certification import facade as certification
from kernel.actors import Actor
from storefront import contracts as shown
from storefront import words
from storefront.lists import choice, csv_answer, every, window
from storefront.views.contracts.who import frame, party_page, who


@require_safe
@party_page
def inbox(request: HttpRequest) -> HttpResponseBase:
    """Contracts by who has to act, by kind, by words of the title or number; newest first."""
    actor = who(request)
    counts = certification.contract_counts(actor=actor)
    box = choice(request, "box", shown.BOXES)
    filters: dict[str, Any] = {
        "actor": actor,
        "box": box,
        "kind": choice(request, "kind", shown.KINDS),
        "words": request.GET.get("q", "").strip()[:100] or None,
    }
    if request.GET.get("format") == "csv":
        return _export(actor, filters)
    page = certification.contracts_page(**filters, **window(request)).map(
        lambda info: row(info, certification.contract_role(info, actor))
    )
    context = {
        "page": page,
        "boxes": [(key, name, counts[key]) for key, name in shown.BOXES.items()],
        "total": sum(counts.values()),
        "box": box,
        "kind": filters["kind"],
        "kinds": shown.KINDS,
        "q": filters["words"] or "",
        **frame(request),
    }
    return render(request, "storefront/contracts/inbox.html", context)


def row(info: certification.ContractInfo, role: str) -> dict[str, Any]:
    """One line of the list."""
    return {
        "info": info,
        "others": shown.others(info, role),
        "next": shown.next_step(info, role)[0],
        "kind": shown.KINDS[info.kind],
    }


def _export(actor: Actor, filters: dict[str, Any]) -> HttpResponseBase:
    header = [_("Number"), _("Title"), _("Kind"), _("State"), _("Other parties"), _("Drafted"),
              _("Sign by"), _("In force since"), _("Document SHA-256")]  # fmt: skip
    rows = every(certification.contracts_page, **filters)
    return csv_answer(
        "contracts",
        header,
        (
            [
                one.number,
                one.title,
                shown.KINDS[one.kind],
                words.word("contract", one.state)[0],
                shown.others(one, certification.contract_role(one, actor)),
                one.created_at.isoformat(timespec="seconds"),
                one.sign_by.isoformat(timespec="seconds") if one.sign_by else "",
                one.effective_at.isoformat(timespec="seconds") if one.effective_at else "",
                one.document_sha256,
            ]
            for one in list(rows)
        ),
    )
