"""The merchant's terms: payout plan, bank account, statements."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel import clock
from kernel.errors import DomainError, Invalid, Malformed, NotFound
from kernel.files import file_answer
from payments import facade as payments
from platforms import facade as platforms
from storefront import words
from storefront.confirming import confirmed
from storefront.pages import done, merchant_desk, merchant_of, money, public
from storefront.views.merchant.money import with_entered

ACCOUNT = platforms.Sensitive.PAYOUT_ACCOUNT


@require_safe
@merchant_desk("money.see")
def statement(request: HttpRequest) -> HttpResponse:
    """What each order of a month brought and cost; as page, CSV or XLSX."""
    since, until = _month(request.GET.get("month", ""))
    found = payments.order_statement(
        merchant_id=merchant_of(request),
        currency=platforms.get_platform().currency,
        since=since,
        until=until,
    )
    pages = [("orders", payments.order_rows(found))]
    if answer := _file(request, f"statement-{since:%Y-%m}", pages):
        return answer
    return render(request, "storefront/merchant/order_statement.html", {"found": found})


@require_safe
@merchant_desk("money.see")
def payout(request: HttpRequest, payout: str) -> HttpResponse:
    """What a payout is made of; as page, CSV or XLSX."""
    info = payments.payout(payout_id=public("pot", payout))
    if info.merchant_id != merchant_of(request):
        raise NotFound
    made = payments.payout_statement(payout_id=info.id)
    pages = [
        ("payout", payments.payout_rows(made)),
        ("orders", payments.order_rows(made.orders)),
    ]
    if answer := _file(request, payout, pages):
        return answer
    context = {"payout": info, "made": made, "found": made.orders, "kinds": words.TRANSACTIONS}
    return render(request, "storefront/merchant/order_statement.html", context)


@require_POST
@merchant_desk("payouts")
def plan(request: HttpRequest) -> HttpResponse:
    """Choose when payouts are made."""
    currency = platforms.get_platform().currency
    interval = request.POST.get("interval", "")
    if interval not in words.INTERVALS:
        raise Invalid(_("Choose one of these."), field="interval")
    payments.set_payout_plan(
        merchant_id=merchant_of(request),
        interval=interval,
        day=_whole(request, "day", 1),
        minimum=money(request, "minimum", currency).amount,
        hold_days=_whole(request, "hold_days", 0),
    )
    return done(request, _("Saved."), "storefront:merchant_money")


@require_POST
@merchant_desk("payouts")
def account(request: HttpRequest) -> HttpResponse:
    """Enter the first bank account, propose another, or decide about what somebody else
    proposed."""
    what = request.POST.get("do", "")
    if what == "propose":
        try:
            text = _entered(request)
        except DomainError as error:
            return with_entered(request, error)
    else:
        change = payments.account_change(change_id=public("bac", request.POST.get("change", "")))
        if change.merchant_id != merchant_of(request):
            raise NotFound
        if what == "confirm":
            with confirmed(request, ACCOUNT):
                payments.confirm_account(change_id=change.id)
            text = _("Confirmed. Payouts go there from now on, after a rest of some days.")
        elif what == "refuse":
            payments.refuse_account(change_id=change.id, reason="")
            text = _("It stays as it was.")
        else:
            raise Malformed
    return done(request, text, "storefront:merchant_money")


def _entered(request: HttpRequest) -> str:
    """Keep the first account, or propose another; what to say about it."""
    given = {name: request.POST.get(name, "") for name in ("bank", "holder", "number")}
    merchant_id = merchant_of(request)
    if platforms.payout_account(merchant_id) is None:
        account = platforms.BankAccount(**given, last4="")
        with confirmed(request, ACCOUNT):
            platforms.update_merchant(merchant_id=merchant_id, payout_account=account)
        return _("Kept. Your money goes there from now on.")
    with confirmed(request, ACCOUNT):
        payments.propose_account(merchant_id=merchant_id, **given)
    return _("Proposed. A second person has to confirm it.")


def _whole(request: HttpRequest, name: str, default: int) -> int:
    text = request.POST.get(name, "").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Invalid(_("A whole number."), field=name)
    return int(text) if text else default


def _month(text: str) -> tuple[datetime, datetime]:
    zone = timezone.get_default_timezone()
    try:
        begin = datetime.strptime(text, "%Y-%m").replace(tzinfo=zone)
    except ValueError:
        now = timezone.localtime(clock.business(), zone)
        begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (begin.replace(day=28) + timedelta(days=4)).replace(day=1)
    return begin, after


def _file(
    request: HttpRequest, name: str, pages: list[tuple[str, list[list[Any]]]]
) -> HttpResponse | None:
    kind = request.GET.get("format", "")
    if kind not in payments.SHEET_TYPES:
        return None
    return file_answer(
        payments.sheet_file(pages, kind), payments.SHEET_TYPES[kind], f"{name}.{kind}"
    )
