"""Create, read, update and list payment intents."""

from typing import Any

from sandbox import idents
from sandbox.models import IntentStatus, PaymentIntent
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.operations import operation
from sandbox.transport.params import wrong

from .. import customers
from ..happen import emit
from . import table
from .confirm import confirm_row
from .fields import OPEN, apply, check_amount, check_secret, only_cards
from .render import INTENTS, locked, render, unexpected_state

Status = IntentStatus
_LATE = {"description", "metadata", "receipt_email", "shipping", "transfer_group"}


@operation("POST", "/v1/payment_intents", "payment_intents.create", table.CREATE)
def create(call: Call) -> dict[str, Any] | GatewayError:
    check_amount(call.params["amount"], call.params["currency"])
    confirming = call.get("confirm", False)
    if not confirming:
        for name in ("return_url", "off_session", "error_on_requires_action", "mandate_data"):
            if call.given(name):
                raise wrong(
                    f"`{name}` cannot be passed when creating a PaymentIntent unless `confirm` is "
                    "set to true.",
                    name,
                )
    if call.get("customer"):
        from ..test_clocks import follow

        follow(call, customers.need(call, call.get("customer"), param="customer"))
    ident = idents.new("pi")
    row = PaymentIntent(
        id=ident,
        account=call.account,
        created=call.now,
        amount=call.params["amount"],
        currency=call.params["currency"],
        status=Status.REQUIRES_PAYMENT_METHOD,
        capture_method=call.get("capture_method", "automatic_async"),
        client_secret=f"{ident}_secret_{idents.random(25)}",
        data=_kinds(call) | {"confirmation_method": call.get("confirmation_method", "automatic")},
    )
    apply(call, row)
    INTENTS.insert(row)
    emit(call, "payment_intent.created", render(row, call.base_url))
    if confirming:
        return confirm_row(call, row)
    return render(row, call.base_url)


def _kinds(call: Call) -> dict[str, Any]:
    """Which payment methods are allowed: named ones, or automatically cards."""
    automatic, types = call.get("automatic_payment_methods"), call.get("payment_method_types")
    if automatic and automatic["enabled"] and types:
        raise wrong(
            "You may only specify one of these parameters: automatic_payment_methods, "
            "payment_method_types.",
            "payment_method_types",
        )
    if types:
        return {"payment_method_types": only_cards(types)}
    if automatic is not None and not automatic["enabled"]:
        return {"payment_method_types": ["card"]}
    redirects = (automatic or {}).get("allow_redirects", "always")
    return {
        "payment_method_types": ["card"],
        "automatic_payment_methods": {"allow_redirects": redirects, "enabled": True},
    }


@operation("GET", "/v1/payment_intents/{id}", "payment_intents.retrieve", table.RETRIEVE)
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    row = PaymentIntent.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("payment_intent", ident)
    check_secret(call, row)
    return render(row, call.base_url)


@operation("POST", "/v1/payment_intents/{id}", "payment_intents.update", table.UPDATE)
def update(call: Call, ident: str) -> dict[str, Any]:
    row = locked(call, ident)
    if row.status == Status.CANCELED or (row.status not in OPEN and set(call.params) - _LATE):
        raise unexpected_state(
            call,
            row,
            f"This PaymentIntent's {_first(call, _LATE)} could not be updated because it has a "
            f"status of {row.status}.",
        )
    amount, currency = call.get("amount", row.amount), call.get("currency", row.currency)
    if call.given("amount") or call.given("currency"):
        check_amount(amount, currency)
        if row.status == Status.REQUIRES_ACTION:
            # a new amount needs the buyer's consent again
            row.status, row.action_token = Status.REQUIRES_CONFIRMATION, None
    row.amount, row.currency = amount, currency
    if call.get("payment_method_types"):
        row.data["payment_method_types"] = only_cards(call.params["payment_method_types"])
        row.data["automatic_payment_methods"] = None
    apply(call, row)
    row.save()
    return render(row, call.base_url)


def _first(call: Call, allowed: set[str]) -> str:
    return next((name for name in call.params if name not in allowed), "fields")


@operation("GET", "/v1/payment_intents", "payment_intents.list", table.LIST)
def list_intents(call: Call) -> dict[str, Any]:
    rows = PaymentIntent.objects.all()
    if call.get("customer"):
        rows = rows.filter(customer_id=call.get("customer"))
    return lists.page(
        call,
        rows,
        lambda found: [render(row, call.base_url) for row in found],
        url="/v1/payment_intents",
        kind="payment_intent",
    )
