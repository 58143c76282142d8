"""What create, update and confirm share: putting parameters into an intent."""

from sandbox.models import IntentStatus, PaymentIntent
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError
from sandbox.transport.params import merge_metadata, wrong

from .. import customers, payment_methods
from ..connect import split
from . import table

Status = IntentStatus
OPEN = (Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION)


def only_cards(types: list[str]) -> list[str]:
    for kind in types:
        if kind != "card":
            raise wrong(
                f'The payment method type "{kind[:40]}" is invalid: this sandbox only has card.',
                "payment_method_types",
            )
    return ["card"]


def check_amount(amount: int, currency: str) -> None:
    least = table.SMALLEST.get(currency, 1)
    if amount < least:
        raise wrong(
            f"Amount must be at least {least} in the smallest unit of {currency}",
            "amount",
            "amount_too_small",
        )


def apply(call: Call, row: PaymentIntent) -> None:
    """Put the call's given fields into the row; the status follows the payment method."""
    for name in table.STORED:
        if call.given(name):
            row.data[name] = call.params[name]
    split.read(call, row.data, row.amount)
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    if call.given("payment_method_options"):
        card = call.get("payment_method_options", {}).get("card")
        row.data["card_options"] = {**row.data.get("card_options", {}), **card} if card else {}
    if call.given("customer"):
        ident = call.params["customer"]
        row.customer = customers.need(call, ident, param="customer") if ident else None
    if call.given("capture_method"):
        row.capture_method = call.params["capture_method"]
    if call.get("payment_method") and call.get("payment_method_data"):
        raise wrong(
            "You may only specify one of these parameters: payment_method, payment_method_data.",
            "payment_method_data",
        )
    if call.get("payment_method_data"):
        row.payment_method = payment_methods.make(
            call, call.params["payment_method_data"], "payment_method_data"
        )
        _has_method(row)
    elif call.given("payment_method"):
        ident = call.params["payment_method"]
        row.payment_method = (
            payment_methods.resolve(call, ident, param="payment_method") if ident else None
        )
        _has_method(row)


def _has_method(row: PaymentIntent) -> None:
    if row.payment_method is None:
        row.status = Status.REQUIRES_PAYMENT_METHOD
    else:
        row.status = Status.REQUIRES_CONFIRMATION
    row.action_token = None
    row.data.pop("authenticated", None)


def check_secret(call: Call, row: PaymentIntent) -> None:
    """A client secret, when given, must be this intent's."""
    secret = call.get("client_secret")
    if secret and secret != row.client_secret:
        raise GatewayError(
            "The client_secret provided does not match the client_secret associated with the "
            "PaymentIntent.",
            code="payment_intent_invalid_parameter",
            param="client_secret",
        )
