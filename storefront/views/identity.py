"""Identities: a merchant's in its console, a person's own in the account."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from certification import facade as certification
from kernel.actors import current_actor, must_hold
from kernel.errors import DomainError, Malformed
from kernel.money import Money
from platforms import facade as platforms
from storefront import certified
from storefront.forms.identity import Account, Amount, Paper, Stated
from storefront.pages import done, merchant_desk, merchant_of, person_of, signed_in, up_to
from storefront.views.account import put_error
from storefront.views.contracts.who import ACCOUNT, DESK

LIMIT = 10 * 2**20
S = certification.IdentityState
LEVEL_NAMES = {
    "none": gettext_lazy("Not proven"),
    "basic": gettext_lazy("Basic"),
    "verified": gettext_lazy("Verified"),
    "strong": gettext_lazy("Strong"),
}
OPENS = {
    "basic": gettext_lazy("Name and number belong together."),
    "verified": gettext_lazy("Certificates, seals and signing contracts."),
    "strong": gettext_lazy("What this platform asks the strongest proof for."),
}
PROOFS = {
    "registry": gettext_lazy("Name and number found together in the register"),
    "documents": gettext_lazy("Papers looked at by an operator"),
    "account": gettext_lazy("Small amount to the company's own account named"),
    "portrait": gettext_lazy("Portrait compared"),
}
ACTIONS = {
    "contract.sign": gettext_lazy("Signing contracts"),
    "certificate": gettext_lazy("Applying for certificates"),
}
LOOKERS = {
    "operator": gettext_lazy("An operator"),
    "merchant": gettext_lazy("Somebody of the merchant"),
    "buyer": gettext_lazy("The person"),
    "system": gettext_lazy("The platform"),
}
NEXT = {
    S.DRAFT: gettext_lazy("Fill it in, upload the papers, then hand it in."),
    S.CHECKING: gettext_lazy("Name and number are being checked; this takes a moment."),
    S.IN_REVIEW: gettext_lazy("An operator looks at the papers. You get a message."),
    S.NEEDS_MORE: gettext_lazy("Upload what is missing, then hand it in again."),
    S.VERIFIED: gettext_lazy("Nothing is left to do."),
    S.REJECTED: gettext_lazy("Correct what the reason names, then hand it in again."),
    S.EXPIRED: gettext_lazy("Upload papers that are valid, then hand it in again."),
}


@up_to(LIMIT, certification.UnreadablePaper)
@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("contracts", "company")
def merchant(request: HttpRequest) -> HttpResponse:
    """The merchant's identity. Whoever looks after the company's papers changes it; those who
    make contracts see it."""
    owner = current_actor().holds("company")
    if request.method == "POST":
        must_hold("company")
    subject = certification.Subject.merchant(merchant_of(request))
    return _page(request, subject, "merchant_identity", owner=owner)


@up_to(LIMIT, certification.UnreadablePaper)
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def person(request: HttpRequest) -> HttpResponse:
    """One's own real name (实名)."""
    who = person_of(request)
    assert who is not None
    return _page(request, certification.Subject.person(who.id), "identity", owner=True)


def _page(
    request: HttpRequest, subject: certification.Subject, name: str, *, owner: bool
) -> HttpResponse:
    what, sent = request.POST.get("do", ""), request.method == "POST"
    bound = _forms(subject, what, request.POST, request.FILES) if sent else _forms(subject)
    error: DomainError | None = None
    if sent:
        form = bound.get(what)
        if form is None or form.is_valid():
            try:
                text = _carry_out(request, subject, what, form)
            except DomainError as problem:
                if form is None:
                    error = problem
                else:
                    put_error(form, problem)
            else:
                return done(request, text, f"storefront:{name}")
    context = {**_context(subject), "forms": bound, "error": error, "owner": owner}
    status = 422 if error or any(form.errors for form in bound.values()) else 200
    answer = render(request, "storefront/identity/identity.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _forms(
    subject: certification.Subject, what: str = "", data: QueryDict | None = None, files: Any = None
) -> dict[str, forms.Form]:
    """All forms of the page; the one that was sent holds what was typed."""

    def given(key: str) -> QueryDict | None:
        return data if key == what else None

    return {
        "state": Stated(given("state"), kind=subject.kind, auto_id="s-%s"),
        "paper": Paper(
            given("paper"), files if what == "paper" else None, of=subject.kind, auto_id="p-%s"
        ),
        "account": Account(given("account"), auto_id="a-%s"),
        "amount": Amount(given("amount"), auto_id="n-%s"),
    }


def _carry_out(
    request: HttpRequest, subject: certification.Subject, what: str, form: forms.Form | None
) -> str:
    data: dict[str, Any] = form.cleaned_data if form else {}
    if what == "state":
        stated = {**data, "number_kind": certification.NumberKind(data["number_kind"])}
        certification.state_identity(
            subject=subject, particulars=certification.Particulars(**stated)
        )
        return _("Kept. Now upload the papers, then hand it in.")
    if what == "paper":
        file = request.FILES.get("file")
        certification.add_paper(
            subject=subject,
            kind=certification.PaperKind(data["kind"]),
            data=bytes(file.read()) if file else b"",
            expires_on=data["expires_on"],
        )
        return _("The paper is kept, sealed.")
    if what == "submit":
        certification.submit_identity(subject=subject)
        return _("Handed in. Name and number are checked first, then an operator looks at it.")
    if what == "account":
        certification.send_small_amount(subject=subject, **data)
        return _("The amount is on its way. When it has arrived, name it here.")
    if what == "amount":
        amount = Money.parse(data["amount"].strip(), "CNY").amount
        certification.name_amount(subject=subject, amount=amount)
        return _("That is the amount: the account is yours.")
    if what == "erase":
        info = certification.identity_of(subject)
        if info is not None:
            certification.erase_identity(identity_id=info.id, reason="Asked for by its owner")
        return _("Erased. Nothing of it can be read any more.")
    raise Malformed


def _context(subject: certification.Subject) -> dict[str, Any]:
    info = certification.identity_of(subject)
    company = subject.kind == certification.IdentityKind.COMPANY
    proven = set(info.proven) if info else set()
    needs = certification.ASSURANCE_NEEDS[str(subject.kind)]
    required = platforms.setting("identity", "require")
    levels = [
        {
            "name": LEVEL_NAMES[level],
            "opens": OPENS[level],
            "also": [ACTIONS.get(key, key) for key, at in required.items() if at == level],
            "needs": [(PROOFS[one], one in proven) for one in sorted(needs[level])],
            "reached": info is not None
            and certification.ASSURANCE_LEVELS.index(info.level)
            >= certification.ASSURANCE_LEVELS.index(level),
        }
        for level in certification.ASSURANCE_LEVELS[1:]
    ]
    waiting = info is not None and any(
        one.kind == "account" and one.state == "pending" for one in info.checks
    )
    changing = info is None or info.state in (S.DRAFT, S.NEEDS_MORE, S.REJECTED, S.EXPIRED)
    return {
        "frame": DESK if company else ACCOUNT,
        "info": info,
        "company": company,
        "level": LEVEL_NAMES[info.level if info else "none"],
        "levels": levels,
        "next": NEXT.get(info.state) if info else NEXT[S.DRAFT],
        "changing": changing,
        "stated": info is not None and bool(info.number_masked),
        "can_submit": info is not None and changing and bool(info.number_masked),
        "counts": info is not None and info.state in (S.CHECKING, S.IN_REVIEW, S.NEEDS_MORE,
                                                      S.VERIFIED),
        "waiting": waiting,
        "roles_of": LOOKERS,
        "papers_of": dict(certification.PaperKind.choices),
        "purposes": certified.PURPOSES,
        "accesses": certification.identity_accesses(identity_id=info.id) if info else [],
        "kept_until": certification.identity_kept_until(identity_id=info.id) if info else None,
    }  # fmt: skip
