"""What the sandbox shows of itself: magic values, faults, pushes, and the card holder's page."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_page
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods
from pydantic import Field

from sandbox import clock, database, faults
from sandbox.delivery import due, sender
from sandbox.gateway import checkout_pay, payouts, setup_intents
from sandbox.gateway.intents import confirm, render
from sandbox.hosted import shown_amount
from sandbox.magic import bank, cards, carrier, fapiao, identity
from sandbox.magic import payouts as payout_banks
from sandbox.models import (
    Charge,
    Delivery,
    Fault,
    FaultKind,
    IntentStatus,
    PaymentIntent,
    SetupIntent,
)
from sandbox.transport import plain
from sandbox.transport.call import Call, dumps
from sandbox.transport.operations import OPERATIONS
from sandbox.transport.plain import Body, PlainError, Reply, api, page, read

_DONE = (IntentStatus.SUCCEEDED, IntentStatus.REQUIRES_CAPTURE, IntentStatus.REQUIRES_CONFIRMATION)


def _operations() -> list[str]:
    """Every operation that can be planned to go wrong."""
    return sorted(set(OPERATIONS) | plain.NAMES | {"three_d_secure.finish"})


def _json(body: object, status: int = 200) -> HttpResponse:
    return HttpResponse(dumps(body), status=status, content_type="application/json")


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers and reaches its database."""
    try:
        database.reachable()
    except Exception:
        return _json({"status": "database unreachable"}, 503)
    return _json({"status": "ok"})


@require_GET
def magic(request: HttpRequest) -> HttpResponse:
    """All magic values and fault kinds, for people and for tests."""
    return _json(
        {
            "cards": [card.published() for card in cards.CARDS],
            "bank_accounts": bank.published(),
            "payout_accounts": payout_banks.published(),
            "carrier": carrier.published(),
            "identity": identity.published(),
            "fapiao": fapiao.published(),
            "faults": {
                "kinds": list(FaultKind.values),
                "operations": ["*", *_operations()],
            },
        }
    )


class FaultIn(Body):
    operation: str = Field(default="*", max_length=60)
    kind: str
    times: int = Field(default=1, ge=1, le=1000)
    seconds: float | None = Field(default=None, ge=0, le=faults.MAX_SECONDS)


def _plan(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    wanted = read(FaultIn, data)
    if wanted.kind not in FaultKind.values:
        raise PlainError(422, "invalid", f"kind: one of {', '.join(FaultKind.values)}.", "kind")
    if wanted.operation != "*" and wanted.operation not in _operations():
        raise PlainError(
            422, "invalid", "operation: see faults.operations at /_sandbox/magic.", "operation"
        )
    fault = faults.plan(
        call.account,
        operation=wanted.operation,
        kind=wanted.kind,
        times=wanted.times,
        seconds=wanted.seconds,
    )
    return 201, faults.show(fault)


def _planned(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    rows = Fault.objects.filter(account=call.account).order_by("pk")
    return 200, {"data": [faults.show(row) for row in rows], "has_more": False}


def _clear(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    return 200, {"deleted": faults.clear(call.account)}


planned_faults = api(
    POST=("sandbox.faults", _plan),
    GET=("sandbox.faults", _planned),
    DELETE=("sandbox.faults", _clear),
)


def _log(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    rows = Delivery.objects.select_related("endpoint").prefetch_related("log")
    if request.GET.get("subject"):
        rows = rows.filter(subject=request.GET["subject"])
    return page(call, rows, _delivery, request.GET)


def _delivery(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "subject": row.subject,
        "type": row.type,
        "endpoint": row.endpoint_id,
        "url": row.endpoint.url,
        "state": row.state,
        "next_at": clock.iso(row.next_at) if row.state == "pending" else None,
        "attempts": [
            {
                "at": clock.iso(attempt.at),
                "status": attempt.status,
                "milliseconds": attempt.milliseconds,
                "answer": attempt.answer,
                "error": attempt.error,
                "next_at": clock.iso(attempt.next_at),
            }
            for attempt in sorted(row.log.all(), key=lambda attempt: attempt.pk)
        ],
    }


def _payouts_now(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    """What the account's payout schedule would do, at once."""
    made = payouts.automatic(call)
    return 200, {"data": [payouts.render(row) for row in made], "has_more": False}


class ClockIn(Body):
    seconds: int = Field(ge=1, le=2 * 366 * 86400)


def _clock_show(call: Call) -> dict[str, Any]:
    return {"now": call.now, "ahead": call.account.clock_ahead}


def _clock(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    return 200, _clock_show(call)


def _advance(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    """Put the account's own clock forward; what falls due on the way has happened on return."""
    wanted = read(ClockIn, data)
    due.advance(call.account, wanted.seconds)
    return 200, _clock_show(Call(account=call.account))


clock_now = api(GET=("sandbox.clock", _clock), POST=("sandbox.clock", _advance))
payouts_now = api(POST=("sandbox.payouts", _payouts_now))
deliveries = api(GET=("sandbox.deliveries", _log))


@csrf_exempt
@require_http_methods(["GET", "POST"])
def authenticate(request: HttpRequest, token: str) -> HttpResponse:
    """The card holder's bank asks: approve or fail. The address itself is the secret."""
    language = translation.get_language_from_request(request)
    with translation.override(language):
        if request.method == "POST":
            return _decide(request, token, approve="approve" in request.POST)
        intent = PaymentIntent.objects.filter(action_token=token).first()
        return _page(request, intent or SetupIntent.objects.filter(action_token=token).first())


def _page(request: HttpRequest, intent: PaymentIntent | SetupIntent | None) -> HttpResponse:
    waiting = intent is not None and intent.status == IntentStatus.REQUIRES_ACTION
    return render_page(
        request,
        "sandbox/authenticate.html",
        {
            "intent": intent,
            "waiting": waiting,
            "amount": shown_amount(intent.amount, intent.currency)
            if isinstance(intent, PaymentIntent)
            else "",
            "good": intent is not None and intent.status in _DONE,
            "back": _back(intent) if intent and intent.return_url and not waiting else "",
            "language": translation.get_language(),
        },
        status=200 if intent else 404,
    )


def _decide(request: HttpRequest, token: str, *, approve: bool) -> HttpResponse:
    found = (
        PaymentIntent.objects.select_related("account").filter(action_token=token).first()
        or SetupIntent.objects.select_related("account").filter(action_token=token).first()
    )
    if found is None:
        return _page(request, None)
    call = Call(
        account=found.account,
        base_url=f"{request.scheme}://{request.get_host()}",
        plan=faults.take(found.account, "three_d_secure.finish"),
    )
    with database.atomic():
        intent: PaymentIntent | SetupIntent = found
        if isinstance(found, SetupIntent):
            intent = setup_intents.decide(call, token, approve=approve) or found
        else:
            intent = _answered(call, found, token, approve=approve)
        checkout_pay.settle_intent(call, intent.pk)
    sender.send_now(call.push_first)
    faults.wait(call.plan.wait_after)
    if not intent.return_url:
        return _page(request, intent)
    return HttpResponseRedirect(_back(intent), status=303)


def _answered(call: Call, found: PaymentIntent, token: str, *, approve: bool) -> PaymentIntent:
    intent = render.locked(call, found.pk)
    if intent.status == IntentStatus.REQUIRES_ACTION and intent.action_token == token:
        if approve:
            confirm.authenticated(call, intent)
        else:
            confirm.authentication_failed(call, intent)
    return intent


def _back(intent: PaymentIntent | SetupIntent) -> str:
    parts = urlsplit(str(intent.return_url))
    kind = "payment_intent" if isinstance(intent, PaymentIntent) else "setup_intent"
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        (kind, intent.pk),
        (f"{kind}_client_secret", intent.client_secret),
        ("redirect_status", "succeeded" if intent.status in _DONE else "failed"),
    ]
    return urlunsplit(parts._replace(query=urlencode(query)))


@require_GET
def receipt(request: HttpRequest, ident: str) -> HttpResponse:
    """A receipt; the charge's id is unguessable."""
    charge = Charge.objects.filter(pk=ident, status="succeeded").first()
    with translation.override(translation.get_language_from_request(request)):
        return render_page(
            request,
            "sandbox/receipt.html",
            {
                "charge": charge,
                "amount": shown_amount(charge.amount_captured, charge.currency) if charge else "",
                "refunded": shown_amount(charge.amount_refunded, charge.currency) if charge else "",
                "language": translation.get_language(),
            },
            status=200 if charge else 404,
        )
