"""Charges made without a payment intent, as older clients do, and their capture."""

from typing import Any

from sandbox.models import PaymentIntent, PaymentMethod
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError
from sandbox.transport.operations import operation
from sandbox.transport.params import Amount, Currency, Kind, Text, merge_metadata, wrong

from . import charges, customers, older_cards, payment_methods, shapes, sources
from .connect import split
from .happen import changed, emit
from .intents.fields import check_amount

_OWN: dict[str, Kind | None] = {
    "amount": Amount(required=True),
    "currency": Currency(required=True),
    "application_fee_amount": Amount(least=0),
    "source": Text(clear=False),
    "shipping": shapes.SHIPPING,
    "statement_descriptor": shapes.DESCRIPTOR,
    "statement_descriptor_suffix": shapes.DESCRIPTOR,
    # older names of the same, and what isn't here
    **dict.fromkeys(("application_fee", "card", "destination", "radar_options")),
}
_STORED = (
    "description",
    "receipt_email",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)


def _method(call: Call) -> PaymentMethod:
    """The card to charge: a token, a customer's card, or the customer's default one."""
    customer = None
    if call.get("customer"):
        customer = customers.need(call, call.get("customer"), param="customer")
    source = call.get("source")
    if source is None and customer is not None:
        found = sources.default(call, customer)
        if found is None:
            raise GatewayError(
                "Cannot charge a customer that has no active card",
                kind="card_error",
                status=402,
                code="missing",
                param="card",
            )
        return found
    if source is None:
        raise wrong("Must provide source or customer.", "source", "parameter_missing")
    if source.startswith(("card_", "pm_")):
        row = payment_methods.resolve(call, source, param="source")
        if row.customer_id and row.customer_id != (customer.pk if customer else None):
            raise wrong(f"Customer doesn't have a card with ID {source}.", "source")
        return row
    return older_cards.from_token(call, source, "source")


@operation("POST", "/v1/charges", "charges.create", _OWN)
def create(call: Call) -> dict[str, Any] | GatewayError:
    amount, currency = call.params["amount"], call.params["currency"]
    check_amount(amount, currency)
    method = _method(call)
    # the terms of the charge, as an intent would have them; it isn't kept
    terms = PaymentIntent(
        account=call.account,
        created=call.now,
        amount=amount,
        currency=currency,
        capture_method="manual" if call.get("capture") is False else "automatic",
        data={name: call.params[name] for name in _STORED if call.given(name)},
        metadata=merge_metadata({}, call.get("metadata")),
        customer_id=call.get("customer"),
    )
    split.read(call, terms.data, amount)
    row = charges.make(call, terms, method, secured=False, linked=False)
    row.data["source"] = older_cards.card_object(method, method.pk)
    row.save(update_fields=["data"])
    body = charges.render(row, call.base_url)
    if row.status == "failed":
        emit(call, "charge.failed", body)
        return GatewayError(
            str(row.failure_message),
            status=402,
            kind="card_error",
            code=row.failure_code,
            decline_code=(row.outcome or {}).get("reason"),
            charge=row.pk,
        )
    emit(call, "charge.succeeded", body)
    charges.afterwards(call, row)
    return charges.render(row, call.base_url)


@operation(
    "POST",
    "/v1/charges/{id}/capture",
    "charges.capture",
    {"amount": Amount(), "application_fee_amount": Amount(least=0), "application_fee": None},
)
def capture(call: Call, ident: str) -> dict[str, Any]:
    row = charges.locked(call, ident)
    if row.payment_intent_id:
        raise GatewayError(
            f"The charge {ident} belongs to {row.payment_intent_id}; capture that instead.",
            code="charge_not_capturable",
        )
    if row.captured or row.status != "succeeded" or row.amount_refunded:
        raise GatewayError(
            f"Charge {ident} has already been captured, refunded or has failed.",
            code="charge_already_captured",
        )
    amount = call.get("amount", row.amount)
    if amount > row.amount:
        raise wrong(
            f"The amount to capture is greater than the charge's ({row.amount}).",
            "amount",
            "amount_too_large",
        )
    before = charges.render(row, call.base_url)
    if call.given("application_fee_amount"):
        row.data["application_fee_amount"] = call.params["application_fee_amount"]
    split.check(call, row.data, amount)
    charges.book(call, row, amount)
    row.save()
    after = charges.render(row, call.base_url)
    emit(call, "charge.captured", after, changed(before, after))
    charges.afterwards(call, row)
    return charges.render(row, call.base_url)
