"""Paying a checkout session: from its page, and by the paths that official clients use."""

from typing import Any

from sandbox import idents
from sandbox.delivery import due
from sandbox.models import CheckoutSession, Customer, PaymentIntent, SetupIntent
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError
from sandbox.transport.operations import operation
from sandbox.transport.params import Integer, Text, wrong

from . import checkout, customers, payment_methods, setup_intents
from .happen import emit
from .intents import confirm as confirming
from .intents import create as intents
from .intents import fields
from .intents import render as intent_render


def pay(
    call: Call, row: CheckoutSession, method: str, email: str | None, address: str
) -> dict[str, Any] | GatewayError:
    """The buyer confirms a locked, open session; ``address`` is where a 3D Secure page leads back.

    Returns the intent, or the card error (a decline leaves the session open).
    """
    row.data["paid_by"] = email or row.data.get("paid_by")
    if row.customer is None and (
        row.mode == "setup" or row.data.get("customer_creation") == "always"
    ):
        row.customer = Customer.objects.create(
            id=idents.new("cus"), account=call.account, created=call.now, email=email
        )
        emit(call, "customer.created", customers.render(row.customer))
    if row.mode == "setup":
        answer = _set_up(call, row, method, address)
    else:
        answer = _charge(call, row, method, address)
    row.save()
    settle(call, row)
    return answer


def _inner(call: Call, params: dict[str, Any]) -> Call:
    inner = call.acting(call.account)
    inner.params = params
    inner.endpoints = call.endpoints
    return inner


def _charge(
    call: Call, row: CheckoutSession, method: str, address: str
) -> dict[str, Any] | GatewayError:
    if row.payment_intent is None:
        terms = dict(row.data.get("payment_intent_data") or {})
        terms = {name: value for name, value in terms.items() if value is not None}
        terms |= {"amount": row.amount_total, "currency": row.currency}
        if row.customer_id:
            terms["customer"] = row.customer_id
        made = intents.create(_inner(call, terms))
        if isinstance(made, GatewayError):  # never: it isn't confirmed yet
            raise made
        row.payment_intent = PaymentIntent.objects.get(pk=made["id"])
    intent = intent_render.locked(call, row.payment_intent.pk)
    inner = _inner(call, {"payment_method": method, "return_url": address})
    fields.apply(inner, intent)
    return confirming.confirm_row(inner, intent)


def _set_up(
    call: Call, row: CheckoutSession, method: str, address: str
) -> dict[str, Any] | GatewayError:
    if row.setup_intent is None:
        terms = dict(row.data.get("setup_intent_data") or {})
        terms = {name: value for name, value in terms.items() if value is not None}
        row.setup_intent = setup_intents.make(
            _inner(call, terms | {"customer": row.customer_id, "payment_method_types": ["card"]})
        )
    found = SetupIntent.objects.select_for_update().get(pk=row.setup_intent.pk)
    inner = _inner(call, {"return_url": address})
    found.payment_method = payment_methods.resolve(call, method, param="payment_method")
    found.data.pop("approved", None)
    return setup_intents.confirm_row(inner, found)


def settle(call: Call, row: CheckoutSession) -> None:
    """Complete a locked session whose intent has succeeded meanwhile."""
    if row.status != "open":
        return
    if row.mode == "payment":
        intent = PaymentIntent.objects.filter(pk=row.payment_intent_id).first()
        if intent is None or intent.status not in ("succeeded", "requires_capture"):
            return
        row.payment_status = "paid" if intent.status == "succeeded" else "unpaid"
    else:
        found = SetupIntent.objects.filter(pk=row.setup_intent_id).first()
        if found is None or found.status != "succeeded":
            return
    row.status = "complete"
    row.save()
    due.drop(call.account, "checkout.expire", row.pk)
    emit(call, "checkout.session.completed", checkout.render(row, call.base_url))


def settle_intent(call: Call, ident: str) -> CheckoutSession | None:
    """The session that waits for this payment or setup intent, completed if it has succeeded."""
    rows = CheckoutSession.objects.select_for_update(of=("self",)).select_related("customer")
    name = "payment_intent_id" if ident.startswith("pi_") else "setup_intent_id"
    row = rows.filter(account=call.account, **{name: ident}).first()
    if row is not None:
        settle(call, row)
    return row


# What the official command line client and the official page script use; never published.


@operation("GET", "/v1/payment_pages/{id}", "payment_pages.retrieve")
def retrieve_page(call: Call, ident: str) -> dict[str, Any]:
    row = checkout.need(call, ident)
    return {
        "id": f"ppage_{row.pk.removeprefix('cs_test_')}",
        "object": "checkout.session",
        "session_id": row.pk,
        "livemode": False,
        "mode": row.mode,
        "status": row.status,
        "payment_status": row.payment_status,
        "currency": row.currency,
        "amount_total": row.amount_total,
        "total_summary": {"due": row.amount_total, "total": row.amount_total},
        "expires_at": row.expires_at,
    }


@operation(
    "POST",
    "/v1/payment_pages/{id}/confirm",
    "payment_pages.confirm",
    {
        "payment_method": Text(required=True, clear=False),
        "expected_amount": Integer(),
        "email": Text(),
    },
)
def confirm_page(call: Call, ident: str) -> dict[str, Any] | GatewayError:
    row = checkout.need(call, ident, lock=True)
    if row.status != "open":
        raise GatewayError(f"This Checkout Session is {row.status}.", code="session_not_open")
    if row.mode == "payment" and call.get("expected_amount", row.amount_total) != row.amount_total:
        raise wrong(
            f"The amount is {row.amount_total}, not {call.get('expected_amount')}.",
            "expected_amount",
        )
    address = f"{call.base_url}/_sandbox/checkout/{row.pk}"
    answer = pay(call, row, call.params["payment_method"], call.get("email"), address)
    return answer if isinstance(answer, GatewayError) else retrieve_page(call, ident)
