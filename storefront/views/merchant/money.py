"""The merchant's money: balance, movements, payouts."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from kernel import clock
from kernel.actors import current_actor
from kernel.errors import DomainError, Malformed
from kernel.money import Money
from payments import facade as payments
from platforms import facade as platforms
from storefront import words
from storefront.lists import choice, csv_answer, every, window
from storefront.pages import done, merchant_desk, merchant_of, words_of


@require_safe
@merchant_desk("money.see")
def money(request: HttpRequest) -> HttpResponseBase:
    """What is pending, available and on its way, and every movement."""
    merchant_id = merchant_of(request)
    kind = choice(request, "type", words.TRANSACTIONS)
    if request.GET.get("format") == "csv":
        return _export(merchant_id, kind)
    page = payments.balance_transactions_page(merchant_id=merchant_id, type=kind, **window(request))
    return _shown(request, page, kind)


def with_entered(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page once more, after a bank account wasn't taken: what was typed stays in its form, but
    for password and code."""
    page = payments.balance_transactions_page(merchant_id=merchant_of(request), **window(request))
    entered = {name: request.POST.get(name, "") for name in ("bank", "holder", "number")}
    return _shown(request, page, "", entered=entered, refused=words_of(error), status=error.status)


def _shown(
    request: HttpRequest, page: Any, kind: str | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    merchant_id = merchant_of(request)
    context = {
        "balances": payments.balances(merchant_id=merchant_id),
        "page": page,
        "kinds": words.TRANSACTIONS,
        "kind": kind,
        "payouts": payments.payouts_page(merchant_id=merchant_id, limit=10).items,
        "account": platforms.payout_account(merchant_id),
        "key": uuid4(),
        "may_pay_out": current_actor().holds("payouts"),
        **terms_of(merchant_id),
        **more,
    }
    response = render(request, "storefront/merchant/money.html", context, status=status)
    if more:
        response["Cache-Control"] = "no-store"
    return response


def terms_of(merchant_id: UUID) -> dict[str, Any]:
    """The plan, the bank account's change, disputes, and what each of the last weeks brought."""
    plan = payments.payout_plan(merchant_id=merchant_id)
    changes = payments.account_changes_page(merchant_id=merchant_id, limit=1).items
    return {
        "plan": plan,
        "pause": words.PAUSES.get(plan.pause, ""),
        "intervals": words.INTERVALS,
        "change": changes[0] if changes and changes[0].state == "proposed" else None,
        "own_change": bool(changes) and changes[0].proposed_by == current_actor().person_id,
        "disputes": payments.disputes_page(merchant_id=merchant_id, limit=10).items,
        "dispute_kinds": words.DISPUTES,
        "reasons": words.REASONS,
        "invoices": payments.fee_invoices_page(merchant_id=merchant_id, limit=6).items,
        "weeks": _weeks(merchant_id),
        "weeks_title": _("Net income of the last eight weeks"),
        "currency": platforms.get_platform().currency,
    }


def _weeks(merchant_id: UUID) -> list[tuple[str, int]]:
    """Net income of the last eight weeks."""
    currency = platforms.get_platform().currency
    now = clock.business()
    points = []
    for back in range(7, -1, -1):
        until = now - timedelta(weeks=back)
        found = payments.order_statement(
            merchant_id=merchant_id,
            currency=currency,
            since=until - timedelta(weeks=1),
            until=until,
        )
        points.append((f"{until:%m-%d}", max(0, found.total.net.amount)))
    return points


@require_POST
@merchant_desk("payouts")
def pay_out(request: HttpRequest) -> HttpResponse:
    """Send what is available, or a part of it, to the merchant's bank account."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error
    text = request.POST.get("amount", "").strip()
    currency = platforms.get_platform().currency
    payments.create_payout(
        merchant_id=merchant_of(request),
        amount=Money.parse(text, currency) if text else None,
        key=key,
    )
    return done(request, _("The payout is on its way to the bank."), "storefront:merchant_money")


def _export(merchant_id: UUID, kind: str | None) -> HttpResponseBase:
    header = [
        _("Time"),
        _("Kind"),
        _("Amount"),
        pgettext("money", "Pending"),
        _("Available"),
        _("Currency"),
        _("Order"),
        _("Document"),
    ]
    found = list(every(payments.balance_transactions_page, merchant_id=merchant_id, type=kind))
    return csv_answer(
        "balance-transactions",
        header,
        [
            [
                one.created_at.isoformat(timespec="seconds"),
                str(words.TRANSACTIONS.get(one.type, one.type)),
                one.amount.major,
                one.pending.major,
                one.available.major,
                one.amount.currency,
                one.order,
                one.source,
            ]
            for one in found
        ],
    )
