"""The page that a scanned code opens: pay, decline, or leave it."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox import database, faults
from sandbox.delivery import sender
from sandbox.models import ScanTrade, TradeState
from sandbox.scan import trades
from sandbox.transport import plain
from sandbox.transport.call import Call

plain.NAMES.add("scan.pay")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest, token: str) -> HttpResponse:
    """What the buyer's app would show. The address itself is the secret."""
    with translation.override(translation.get_language_from_request(request)):
        if request.method == "POST":
            return _decide(request, token, pay="pay" in request.POST)
        with database.atomic():
            row = trades.by_token(token, lock=True)
            if row is not None:
                trades.scanned(row)
        return _page(request, row)


def _decide(request: HttpRequest, token: str, *, pay: bool) -> HttpResponse:
    found = trades.by_token(token)
    if found is None:
        return _page(request, None)
    call = Call(
        account=found.account,
        base_url=f"{request.scheme}://{request.get_host()}",
        plan=faults.take(found.account, "scan.pay"),
    )
    with database.atomic():
        row = trades.by_token(token, lock=True)
        assert row is not None  # trades are never deleted
        if pay:
            trades.pay(call, row)
        else:
            trades.decline(call, row)
    sender.send_now(call.push_first)
    faults.wait(call.plan.wait_after)
    if row.return_url and row.state == TradeState.PAID:
        mark = "&" if "?" in row.return_url else "?"
        return HttpResponseRedirect(f"{row.return_url}{mark}out_trade_no={row.number}", status=303)
    return _page(request, row)


def _page(request: HttpRequest, row: ScanTrade | None) -> HttpResponse:
    context = {
        "trade": row,
        "waiting": row is not None and row.state in (TradeState.NEW, TradeState.WAITING),
        "amount": f"¥{Decimal(row.amount).scaleb(-2):,.2f}" if row else "",
        "back": row.return_url if row else "",
        "language": translation.get_language(),
    }
    return render(request, "sandbox/scan.html", context, status=200 if row else 404)
