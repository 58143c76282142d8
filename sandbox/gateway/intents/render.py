"""How a payment intent looks from outside."""

from typing import Any

from sandbox.models import IntentStatus, PaymentIntent
from sandbox.rows import Rows
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader

from .. import shapes

INTENTS = Rows(PaymentIntent)


def render(row: PaymentIntent, base_url: str) -> dict[str, Any]:
    """The payment intent object."""
    data = row.data
    return {
        "id": row.pk,
        "object": "payment_intent",
        "amount": row.amount,
        "amount_capturable": row.amount_capturable,
        "amount_details": {"tip": {}},
        "amount_received": row.amount_received,
        "application": None,
        "application_fee_amount": data.get("application_fee_amount"),
        "automatic_payment_methods": data.get("automatic_payment_methods"),
        "canceled_at": row.canceled_at,
        "cancellation_reason": row.cancellation_reason,
        "capture_method": row.capture_method,
        "client_secret": row.client_secret,
        "confirmation_method": data.get("confirmation_method", "automatic"),
        "created": row.created,
        "currency": row.currency,
        "customer": row.customer_id,
        "customer_account": None,
        "description": data.get("description"),
        "excluded_payment_method_types": data.get("excluded_payment_method_types"),
        "last_payment_error": row.last_payment_error,
        "latest_charge": row.latest_charge,
        "livemode": False,
        "metadata": row.metadata,
        "next_action": next_action(row, base_url),
        "on_behalf_of": data.get("on_behalf_of"),
        "payment_method": row.payment_method_id,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": _card_options(data)},
        "payment_method_types": data.get("payment_method_types", ["card"]),
        "processing": None,
        "receipt_email": data.get("receipt_email"),
        "review": None,
        "setup_future_usage": data.get("setup_future_usage"),
        "shipping": shapes.shipping(data.get("shipping")),
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": row.status,
        "transfer_data": data.get("transfer_data"),
        "transfer_group": data.get("transfer_group"),
    }


def _card_options(data: dict[str, Any]) -> dict[str, Any]:
    given = data.get("card_options") or {}
    shown = {
        "installments": None,
        "mandate_options": None,
        "network": given.get("network"),
        "request_three_d_secure": given.get("request_three_d_secure") or "automatic",
    }
    extra = {
        name: given[name]
        for name in ("capture_method", "setup_future_usage", "require_cvc_recollection")
        if given.get(name) is not None
    }
    return shown | extra


def next_action(row: PaymentIntent, base_url: str) -> dict[str, Any] | None:
    """Where the buyer must go, while the card's issuer wants to see them."""
    if row.status != IntentStatus.REQUIRES_ACTION or not row.action_token:
        return None
    url = f"{base_url}/_sandbox/3ds/{row.action_token}"
    if row.return_url is None:
        return {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url},
        }
    return {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": row.return_url, "url": url},
    }


def locked(call: Call, ident: str) -> PaymentIntent:
    """The intent, its row locked until the transaction ends. Raises resource_missing."""
    row = INTENTS.one("account_id = %s AND id = %s", [call.account.pk, ident], lock=True)
    if row is None:
        raise missing("payment_intent", ident, param=None)
    return row


def unexpected_state(call: Call, row: PaymentIntent, message: str) -> GatewayError:
    """The intent isn't in a state that allows this."""
    return GatewayError(
        message,
        code="payment_intent_unexpected_state",
        payment_intent=render(row, call.base_url),
    )


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = PaymentIntent.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row, call.base_url) for row in rows}


expandable(
    "payment_intent",
    {
        "application": "ca",
        "customer": "cus",
        "latest_charge": "ch",
        "on_behalf_of": "acct",
        "payment_method": "pm",
        "review": "prv",
    },
)
loader("pi", _load)
