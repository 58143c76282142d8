"""The operator's reconciliation desk: days, exceptions, statements."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.audit import latest_for
from kernel.errors import DomainError, Invalid, NotFound
from kernel.files import file_answer
from kernel.ids import public_id
from kernel.money import Money
from kernel.pagination import PageOf
from payments import facade as payments
from storefront import words
from storefront.formats import money
from storefront.lists import choice, csv_answer, every, window
from storefront.pages import done, operator_desk, person_of, public, up_to, words_of

OPERATOR = "storefront/operator"
SIDES = ("gateway", "ledger", "bank")
AMOUNTS = frozenset({"missing", "amount", "sign", "fee"})
LARGEST = 20_000_000  # bytes of a statement's file


@require_safe
@operator_desk("ledger")
def days(request: HttpRequest) -> HttpResponse:
    """Business days with their light, latest first; what is open; a file to hand in."""
    states = list(words.STATES["recon_day"])
    state = choice(request, "state", states)
    context = {
        "page": payments.recon_days_page(state=state, **window(request)),
        "states": states,
        "state": state,
        "open": payments.open_exceptions(),
        "sides": words.money.STATEMENTS,
        "statements": payments.recon_statements_page(limit=8).items,
    }
    return render(request, f"{OPERATOR}/recon_days.html", context)


@require_safe
@operator_desk("ledger")
def day(request: HttpRequest, day: str) -> HttpResponseBase:
    """A day's movements on the three sides, those that don't agree first."""
    when = _day(day)
    info, sheet = payments.recon_day(day=when), payments.day_sheet(day=when)
    state = choice(request, "state", words.STATES["recon_movement"])
    found = [one for one in sheet.movements if state in (None, one.state)]
    if request.GET.get("format") == "csv":
        return _sheet_csv(when, found)
    context = {
        "day": info,
        "sheet": sheet,
        "state": state,
        "states": list(words.STATES["recon_movement"]),
        "page": _piece(request, found),
        "kinds": words.MOVEMENTS,
        "faults": words.FAULTS,
        "sides": words.money.STATEMENTS,
        "figures": [(side, _figures(info.figures.get(side, {}))) for side in SIDES],
    }
    return render(request, f"{OPERATOR}/recon_day.html", context)


@require_POST
@operator_desk("ledger")
def run(request: HttpRequest) -> HttpResponse:
    """Fetch what isn't there of a day and compare it, again if need be."""
    when = _day(request.POST.get("day", ""))
    info = payments.reconcile_day(day=when)
    if info.absent:
        text = _("Compared as far as possible: a statement isn't there yet.")
    elif info.open:
        text = _("Compared: something doesn't agree.")
    else:
        text = _("Compared: all three sides agree.")
    return done(request, text, "storefront:operator_recon_day", day=when.isoformat())


def _too_large() -> DomainError:
    return Invalid(
        _("A statement has at most %(n)s MB.") % {"n": LARGEST // 1_000_000}, field="file"
    )


@up_to(LARGEST, _too_large)
@require_POST
@operator_desk("ledger")
def hand_in(request: HttpRequest) -> HttpResponse:
    """A statement's file. What can't be read is told with row and field."""
    file, side = request.FILES.get("file"), request.POST.get("side", "")
    try:
        if file is None:
            raise Invalid(_("Choose a file."), field="file")
        if (file.size or 0) > LARGEST:
            raise _too_large()
        person = person_of(request)
        info = payments.take_statement(
            side=side, data=file.read(), person_id=person.id if person else None
        )
    except DomainError as error:
        context = {
            "error": words_of(error),
            "detail": "" if error.detail == error.title else str(error.detail),
            "row": error.params.get("row"),
            "problems": error.problems,
            "side": side,
            "file": file.name if file else "",
        }
        return render(request, f"{OPERATOR}/recon_refused.html", context, status=error.status)
    text = _("Kept: %(n)s rows. Run its days again to compare them.") % {"n": info.rows}
    return done(request, text, "storefront:operator_recon")


@require_safe
@operator_desk("ledger")
def statement(request: HttpRequest, statement: str) -> HttpResponse:
    """A statement as it came, to take away."""
    data = payments.statement_bytes(statement_id=public("rst", statement))
    return file_answer(data, "application/octet-stream", f"{statement}.txt")


@require_safe
@operator_desk("ledger")
def exceptions(request: HttpRequest) -> HttpResponseBase:
    """What doesn't agree, newest first, with reason and suggested fix."""
    states = list(words.STATES["recon_exception"])
    text = request.GET.get("day", "")
    filters: dict[str, Any] = {
        "state": choice(request, "state", states) if "state" in request.GET else "open",
        "kind": choice(request, "kind", words.FAULTS),
        "where": choice(request, "where", SIDES),
        "day": _day(text) if text else None,
        "document": request.GET.get("document", "").strip()[:255] or None,
    }
    if request.GET.get("format") == "csv":
        return _exceptions_csv(filters)
    context = {
        "page": payments.recon_exceptions_page(**filters, **window(request)),
        "states": states,
        "filters": filters,
        "faults": words.FAULTS,
        "fixes": words.FIXES,
        "sides": words.RECON_SIDES,
    }
    return render(request, f"{OPERATOR}/recon_exceptions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("ledger")
def exception(request: HttpRequest, exception: str) -> HttpResponse:
    """One exception: each side's rows, the entries for it, and how it was dealt with."""
    info = payments.recon_exception(exception_id=public("rex", exception))
    error: DomainError | None = None
    if request.method == "POST":
        try:
            payments.resolve_exception(
                exception_id=info.id,
                resolution=request.POST.get("do", ""),
                note=request.POST.get("note", ""),
                entry=request.POST.get("entry", ""),
            )
        except DomainError as refused:
            error = refused
        else:
            text = _("Noted how it was dealt with.")
            return done(request, text, "storefront:operator_recon_exception", exception=exception)
    entries = payments.correcting_entries(info.id)
    context = {
        "one": info,
        "faults": words.FAULTS,
        "fixes": words.FIXES,
        "sides": words.RECON_SIDES,
        "ways": words.RESOLUTIONS,
        "expected": _told(info, info.expected),
        "found": _told(info, info.found),
        "rows": [
            (row, Money(row["amount"], row["currency"]), Money(row["fee"], row["currency"]))
            for row in info.rows
        ],
        "kinds": words.MOVEMENTS,
        "entries": entries,
        "booked": [one for one in entries if one.state == "approved"],
        "history": latest_for(info.id, limit=20),
        "note": request.POST.get("note", ""),
        "error": _said(error) if error else "",
    }
    return render(
        request, f"{OPERATOR}/recon_exception.html", context, status=error.status if error else 200
    )


def _said(error: DomainError) -> str:
    return words_of(error) + ("" if error.detail == error.title else f" {error.detail}")


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error
    if found < payments.FIRST_DAY:
        raise NotFound
    return found


def _told(info: payments.ExceptionInfo, text: str) -> str:
    """Minor units as money where they are an amount; all else as it is."""
    number = text.removeprefix("-")
    if info.kind in AMOUNTS and number.isascii() and number.isdigit():
        return money(Money(int(text), info.amount.currency))
    return text


def _figures(figures: dict[str, Any]) -> dict[str, Any]:
    totals = figures.get("totals", {})
    return {
        "rows": figures.get("rows", 0),
        "totals": [Money(n, code) for code, n in totals.items()],
    }


def _piece(
    request: HttpRequest, found: list[payments.MovementInfo]
) -> PageOf[payments.MovementInfo]:
    """A sheet is made anew each time, so its cursor is simply how many rows were seen."""
    asked = window(request)
    text = asked["cursor"] or "0"
    start = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    end = start + asked["limit"]
    more = end < len(found)
    return PageOf(items=found[start:end], has_more=more, next_cursor=str(end) if more else None)


def _sheet_csv(when: date, found: list[payments.MovementInfo]) -> HttpResponseBase:
    def told(rows: tuple[payments.SideRow, ...]) -> list[str]:
        return [
            " ".join(row.id for row in rows),
            " ".join(str(row.amount.major) for row in rows),
            " ".join(row.amount.currency for row in rows),
        ]

    names = [words.RECON_SIDES[side] for side in SIDES]
    header = [_("Kind"), _("Document"), _("State"), _("Problem")]
    for name in names:
        header += [f"{name}: {_('row')}", f"{name}: {_('amount')}", f"{name}: {_('currency')}"]
    rows = (
        [
            str(words.MOVEMENTS.get(one.family, one.family)), one.document,
            words.word("recon_movement", one.state)[0],
            ", ".join(str(words.FAULTS.get(fault, fault)) for fault in one.faults),
            *told(one.gateway), *told(one.ledger), *told(one.bank),
        ]
        for one in found
    )  # fmt: skip
    return csv_answer(f"reconciliation-{when}", header, rows)


def _exceptions_csv(filters: dict[str, Any]) -> HttpResponseBase:
    header = [
        _("Id"), _("State"), _("Problem"), _("Where"), _("Day"), _("Document"), _("Amount"),
        _("Currency"), _("Expected"), _("Found"), _("What to do"), _("Resolution"), _("Note"),
        _("Entry"),
    ]  # fmt: skip
    rows = (
        [
            public_id("rex", one.id), words.word("recon_exception", one.state)[0],
            words.FAULTS.get(one.kind, one.kind), words.RECON_SIDES.get(one.where, ""), one.day,
            one.document, one.amount.major, one.amount.currency, one.expected, one.found,
            words.FIXES.get(one.fix, one.fix), words.RESOLUTIONS.get(one.resolution, ""), one.note,
            one.entry,
        ]
        for one in every(payments.recon_exceptions_page, **filters)
    )  # fmt: skip
    return csv_answer("exceptions", header, rows)
