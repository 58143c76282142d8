"""Capturing reserved money, and cancelling."""

from typing import Any

from sandbox.delivery import due
from sandbox.models import IntentStatus, PaymentIntent
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError
from sandbox.transport.operations import operation
from sandbox.transport.params import merge_metadata

from .. import charges
from ..connect import split
from ..happen import changed, emit
from . import table
from .fields import OPEN
from .render import locked, render, unexpected_state

Status = IntentStatus


@operation(
    "POST", "/v1/payment_intents/{id}/capture", "payment_intents.capture", table.CAPTURE_TABLE
)
def capture(call: Call, ident: str) -> dict[str, Any]:
    row = locked(call, ident)
    if row.status != Status.REQUIRES_CAPTURE:
        reason = (
            "This PaymentIntent has already been captured."
            if row.status == Status.SUCCEEDED and row.capture_method == "manual"
            else f"it has a status of {row.status}"
        )
        raise unexpected_state(
            call,
            row,
            f"This PaymentIntent could not be captured because {reason}. Only a PaymentIntent "
            "with one of the following statuses may be captured: requires_capture.",
        )
    amount = call.get("amount_to_capture", row.amount_capturable)
    if amount > row.amount_capturable:
        raise GatewayError(
            f"The requested capture amount is greater than the amount you can capture for this "
            f"charge ({row.amount_capturable}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    if call.get("final_capture") is False:
        raise GatewayError(
            "This payment isn't available for capturing more than once.", param="final_capture"
        )
    charge = charges.locked(call, str(row.latest_charge))
    before = charges.render(charge, call.base_url)
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        if call.given(name):
            row.data[name] = charge.data[name] = call.params[name]
    if call.given("application_fee_amount"):
        fee = call.params["application_fee_amount"]
        row.data["application_fee_amount"] = charge.data["application_fee_amount"] = fee
    if call.given("transfer_data") and row.data.get("transfer_data"):
        part = call.params["transfer_data"]
        row.data["transfer_data"] = charge.data["transfer_data"] = row.data["transfer_data"] | part
    split.check(call, row.data, row.amount)
    charges.book(call, charge, amount)
    charge.save()
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    row.status = Status.SUCCEEDED
    row.amount_received, row.amount_capturable = amount, 0
    row.save()
    due.drop(call.account, "intent.expire", row.pk)
    after = charges.render(charge, call.base_url)
    emit(call, "charge.captured", after, changed(before, after))
    body = render(row, call.base_url)
    emit(call, "payment_intent.succeeded", body)
    charges.afterwards(call, charge)
    return body


@operation("POST", "/v1/payment_intents/{id}/cancel", "payment_intents.cancel", table.CANCEL)
def cancel(call: Call, ident: str) -> dict[str, Any]:
    row = locked(call, ident)
    if row.status not in (*OPEN, Status.REQUIRES_CAPTURE):
        raise unexpected_state(
            call,
            row,
            f"You cannot cancel this PaymentIntent because it has a status of {row.status}. Only "
            "a PaymentIntent with one of the following statuses may be canceled: "
            "requires_payment_method, requires_capture, requires_confirmation, requires_action, "
            "processing.",
        )
    due.drop(call.account, "intent.expire", row.pk)
    return close(call, row, reason=call.get("cancellation_reason"), event="charge.refunded")


def close(call: Call, row: PaymentIntent, *, reason: str | None, event: str) -> dict[str, Any]:
    """End a locked intent without money; what was reserved is free again."""
    if row.status == Status.REQUIRES_CAPTURE:
        charge = charges.locked(call, str(row.latest_charge))
        charge.amount_refunded = charge.amount
        charge.save(update_fields=["amount_refunded"])
        emit(call, event, charges.render(charge, call.base_url))
    row.status = Status.CANCELED
    row.amount_capturable = 0
    row.canceled_at, row.cancellation_reason = call.now, reason
    row.save()
    body = render(row, call.base_url)
    emit(call, "payment_intent.canceled", body)
    return body
