"""Account statements: of any account for operators, of its own for a merchant."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel.errors import NotFound
from kernel.pagination import PageOf
from payments import facade as payments
from storefront import words
from storefront.lists import csv_answer, window
from storefront.pages import merchant_desk, merchant_of, public


@require_safe
@merchant_desk("money.see")
def accounts(request: HttpRequest) -> HttpResponseBase:
    """The merchant's accounts in the ledger, with what is held of each."""
    page = payments.accounts_page(owner=merchant_of(request), **window(request))
    context = {"page": page, "names": words.ACCOUNTS}
    return render(request, "storefront/merchant/ledger.html", context)


@require_safe
@merchant_desk("money.see")
def statement(request: HttpRequest, account: str) -> HttpResponseBase:
    """What was posted to one of the merchant's accounts."""
    account_id = public("acc", account)
    if payments.account(account_id).owner != merchant_of(request):
        raise NotFound
    return shown(request, account_id, "storefront/merchant/statement.html")


def shown(request: HttpRequest, account_id: UUID, template: str) -> HttpResponseBase:
    """The statement page, or its CSV. ``from`` and ``to`` are days of the viewer's time zone."""
    since, until = _day(request, "from"), _day(request, "to", after=True)
    if request.GET.get("format") == "csv":
        return _export(account_id, since, until)
    found = payments.statement(account_id, since=since, until=until, **window(request))
    context: dict[str, Any] = {
        "statement": found,
        "account": found.account,
        "page": PageOf(list(found.lines), found.has_more, found.next_cursor),
        "names": words.ACCOUNTS,
        "kinds": {**words.WALLET_MOVEMENTS, **words.TRANSACTIONS, "manual": _("Manual entry")},
        "since": request.GET.get("from", "") if since else "",
        "until": request.GET.get("to", "") if until else "",
    }
    return render(request, template, context)


def _day(request: HttpRequest, name: str, *, after: bool = False) -> datetime | None:
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    if not 2000 <= day.year < 2200:
        return None
    start = datetime.combine(
        day + timedelta(days=after), datetime.min.time(), timezone.get_current_timezone()
    )
    return start.astimezone(UTC)


def _export(account_id: UUID, since: datetime | None, until: datetime | None) -> HttpResponseBase:
    header = [
        _("Time"), _("Kind"), _("Amount"), _("Balance"), _("Currency"), _("Other account"),
        _("Reference"), _("Document"),
    ]  # fmt: skip
    lines = payments.statement_lines(account_id, since=since, until=until)
    rows = (
        [
            line.booked_at.isoformat(timespec="seconds"),
            line.code,
            line.amount.major,
            line.balance.major,
            line.amount.currency,
            str(words.ACCOUNTS.get(line.other_code, line.other_code)),
            line.reference,
            line.document,
        ]
        for line in list(lines)
    )
    return csv_answer("statement", header, rows)
