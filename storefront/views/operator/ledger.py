"""The operator's ledger: alarms, trial balance, statements, manual entries, chains and seals."""

from uuid import UUID, uuid4

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import facade as certification
from journeys import facade as journeys
from kernel.audit import latest_for
from kernel.errors import DomainError, Malformed, NotFound
from kernel.files import file_answer
from kernel.ids import parse_public_id, public_id
from kernel.money import Money
from payments import facade as payments
from platforms import facade as platforms
from storefront import words
from storefront.lists import choice, csv_answer, uuid_of, window
from storefront.pages import done, operator_desk, person_of, public, words_of
from storefront.views import ledgers

OPERATOR = "storefront/operator"
OWNERS = ("mer", "per", "wal")


class Entry(forms.Form):
    """What an operator proposes; the service judges it."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    debit = forms.ChoiceField(label=gettext_lazy("Debit account"), choices=words.ACCOUNTS.items)
    debit_owner = forms.CharField(
        label=gettext_lazy("Owner of the debit account"), required=False, max_length=30,
        help_text=gettext_lazy("mer_… or per_…, for accounts of merchants and people."),
    )  # fmt: skip
    credit = forms.ChoiceField(label=gettext_lazy("Credit account"), choices=words.ACCOUNTS.items)
    credit_owner = forms.CharField(
        label=gettext_lazy("Owner of the credit account"), required=False, max_length=30
    )
    amount = forms.CharField(label=gettext_lazy("Amount"), max_length=30)
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3)
    reference = forms.CharField(label=gettext_lazy("Reference"), required=False, max_length=100)


@require_safe
@operator_desk("money.see")
def overview(request: HttpRequest) -> HttpResponseBase:
    """Is the ledger right, and what is in it."""
    code, currency = choice(request, "code", words.ACCOUNTS), request.GET.get("currency") or None
    if request.GET.get("format") == "csv":
        return _trial_csv()
    owner = _owner_or_none(request.GET.get("owner", ""))
    page = payments.accounts_page(code=code, currency=currency, owner=owner, **window(request))
    context = {
        "alarms": payments.open_alarms(),
        "page": page,
        "names": words.ACCOUNTS,
        "code": code,
        "currency": currency or "",
        "owner": request.GET.get("owner", ""),
        "seals": journeys.seals(limit=7),
        "links": payments.ledger_chain_head()[0],
        "entries": payments.entries_page(state="proposed", limit=5).items,
    }
    return render(request, f"{OPERATOR}/ledger.html", context)


@require_POST
@operator_desk("ledger")
def check(request: HttpRequest) -> HttpResponse:
    """Recount every account, recompute both chains, check every seal; the answer on a page."""
    trial, chains = payments.trial_balance(), journeys.verify_chains()
    context = {"trial": trial, "chains": chains, "good": trial.balanced and not chains.problems}
    return render(request, f"{OPERATOR}/ledger_check.html", context)


@require_POST
@operator_desk("ledger")
def acknowledge(request: HttpRequest, alarm: str) -> HttpResponse:
    """An operator has looked into an alarm."""
    payments.acknowledge_alarm(
        alarm_id=public("lal", alarm), note=request.POST.get("note", "").strip()[:500]
    )
    return done(
        request, _("Noted. It comes again if it is still so."), "storefront:operator_ledger"
    )


@require_safe
@operator_desk("ledger")
def seal(request: HttpRequest, day: str) -> HttpResponse:
    """A day's seal to take away, as one file that the verification page or OpenSSL checks."""
    for one in journeys.seals(limit=4000):
        if one.day.isoformat() == day:
            packed = certification.stamped_file(one.document.encode(), one.token)
            return file_answer(packed, "application/zip", f"chains-{day}.zip")
    raise NotFound


@require_safe
@operator_desk("money.see")
def statement(request: HttpRequest, account: str) -> HttpResponseBase:
    """What was posted to an account."""
    return ledgers.shown(request, public("acc", account), f"{OPERATOR}/statement.html")


@require_safe
@operator_desk("money.see")
def entries(request: HttpRequest) -> HttpResponse:
    """Manual entries by state, newest first."""
    states = list(words.STATES["entry"])
    state = choice(request, "state", states)
    page = payments.entries_page(state=state, **window(request))
    context = {"page": page, "states": states, "state": state, "names": words.ACCOUNTS}
    return render(request, f"{OPERATOR}/entries.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("ledger")
def propose(request: HttpRequest) -> HttpResponse:
    """The form for a manual entry."""
    form = Entry(
        request.POST or None,
        initial={
            "key": uuid4(),
            "currency": platforms.get_platform().currency,
            **_for_exception(request.GET.get("exception", "")),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = _propose(form)
        except DomainError as error:
            _place(form, error)
        else:
            text = _("Proposed. Another operator must approve it before it is booked.")
            return done(request, text, "storefront:operator_entry", entry=made.public_id)
    status = 422 if form.errors else 200
    return render(request, f"{OPERATOR}/entry_form.html", {"form": form}, status=status)


@require_safe
@operator_desk("money.see")
def entry(request: HttpRequest, entry: str) -> HttpResponse:
    """One manual entry, and what can be done with it."""
    info = payments.entry(public("men", entry))
    person = person_of(request)
    context = {
        "entry": info,
        "names": words.ACCOUNTS,
        "own": person is not None and person.id == info.proposed_by,
        "history": latest_for(info.id, limit=20),
        "exception": info.reference if info.reference.startswith("rex_") else "",
    }
    return render(request, f"{OPERATOR}/entry.html", context)


@require_POST
@operator_desk("ledger")
def decide(request: HttpRequest, entry: str) -> HttpResponse:
    """Approve, reject or take back."""
    entry_id, note = public("men", entry), request.POST.get("note", "").strip()[:500]
    what = request.POST.get("do", "")
    if what == "approve":
        payments.approve_entry(entry_id=entry_id, note=note)
        text = _("Booked. Both accounts' statements show it.")
    elif what == "reject":
        payments.reject_entry(entry_id=entry_id, note=note)
        text = _("Closed; nothing was booked.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_entry", entry=entry)


def _for_exception(text: str) -> dict[str, str]:
    """What an entry for an exception of the reconciliation usually is; the operator decides."""
    if not text:
        return {}
    one = payments.recon_exception(exception_id=public("rex", text))
    family = one.rows[0]["kind"] if one.rows else ""
    here = "bank" if family in ("payout", "payout_return", "receipt", "bank_fee") else "gateway"
    here = next((r["account"] for r in one.rows if r.get("account") in ("alipay", "wechat")), here)
    other = "gateway_fee" if one.kind == "fee" else "suspense"
    less = (one.amount.amount < 0) == (one.kind in ("missing", "fee"))
    name = words.FAULTS.get(one.kind, one.kind)
    return {
        "name": f"{name} · {one.day}"[:120],
        "reason": _("Exception %(id)s of the reconciliation: %(name)s, %(document)s.")
        % {"id": one.public_id, "name": name, "document": one.document},
        "debit": other if less else here,
        "credit": here if less else other,
        "amount": str(abs(one.amount.major)),
        "currency": one.amount.currency,
        "reference": one.public_id,
    }


def _propose(form: Entry) -> payments.EntryInfo:
    given = form.cleaned_data
    return payments.propose_entry(
        key=uuid_of(str(given["key"])),
        name=given["name"],
        reason=given["reason"],
        debit=payments.EntrySide(given["debit"], _owner(given["debit_owner"])),
        credit=payments.EntrySide(given["credit"], _owner(given["credit_owner"])),
        amount=Money.parse(given["amount"], given["currency"].upper()),
        reference=given["reference"],
    )


def _place(form: Entry, error: DomainError) -> None:
    """The error at the field it names."""
    place = (error.field or "").replace(".owner", "_owner").replace(".code", "")
    place = {"amount.currency": "currency"}.get(place, place)
    form.add_error(place if place in form.fields else None, words_of(error))


def _owner(text: str) -> UUID | None:
    text = text.strip()
    prefix = text.partition("_")[0]
    if not text:
        return None
    if prefix not in OWNERS:
        raise NotFound(_("Write the owner's id, such as mer_… or per_…"))
    return parse_public_id(prefix, text)


def _owner_or_none(text: str) -> UUID | None:
    try:
        return _owner(text)
    except NotFound:
        return UUID(int=0)


def _trial_csv() -> HttpResponseBase:
    trial = payments.trial_balance()
    header = [
        _("Account"), _("Code"), _("Owner"), _("Currency"), _("Debits"), _("Credits"),
        _("Debits pending"), _("Credits pending"),
    ]  # fmt: skip
    return csv_answer(
        "trial-balance",
        header,
        [
            [
                str(words.ACCOUNTS.get(row.code, row.code)),
                row.code,
                public_id("mer" if row.code.startswith("merchant_") else "wal", row.owner)
                if row.owner
                else "",
                row.currency,
                *(
                    Money(value, row.currency).major
                    for value in (
                        row.debits_posted,
                        row.credits_posted,
                        row.debits_pending,
                        row.credits_pending,
                    )
                ),
            ]
            for row in trial.rows
        ],
    )
