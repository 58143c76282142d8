"""Confirming: the card is asked, perhaps its holder too, and the money moves or doesn't."""

from typing import Any

from sandbox import conf, idents
from sandbox.delivery import due
from sandbox.magic import cards
from sandbox.models import Charge, IntentStatus, PaymentIntent, PaymentMethod
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError
from sandbox.transport.operations import operation

from .. import charges, payment_methods
from ..happen import emit
from . import table
from .fields import OPEN, apply, check_secret
from .render import INTENTS, locked, render, unexpected_state

Status = IntentStatus


@operation("POST", "/v1/payment_intents/{id}/confirm", "payment_intents.confirm", table.CONFIRM)
def confirm(call: Call, ident: str) -> dict[str, Any] | GatewayError:
    row = locked(call, ident)
    check_secret(call, row)
    if row.status not in OPEN:
        raise unexpected_state(call, row, _already(row))
    if call.get("amount_to_confirm", row.amount) != row.amount:
        raise GatewayError(
            f"The amount to confirm doesn't match the PaymentIntent's amount ({row.amount}).",
            param="amount_to_confirm",
        )
    apply(call, row)
    return confirm_row(call, row)


def _already(row: PaymentIntent) -> str:
    if row.status == Status.SUCCEEDED:
        return (
            "You cannot confirm this PaymentIntent because it has already succeeded after being "
            "previously confirmed."
        )
    return (
        f"You cannot confirm this PaymentIntent because it has a status of {row.status}. Only a "
        "PaymentIntent with one of the following statuses may be confirmed: "
        "requires_confirmation, requires_action."
    )


def confirm_row(call: Call, row: PaymentIntent) -> dict[str, Any] | GatewayError:
    """Confirm a locked intent. Returns the intent, or the card error (its effects stay)."""
    method = _method(call, row)
    if call.given("return_url"):
        row.return_url = call.params["return_url"]
    card = cards.by_slug(method.magic)
    if not row.data.get("authenticated") and _wants_holder(row, method, card):
        if call.get("off_session") or call.get("error_on_requires_action"):
            return _needs_authentication(call, row, method)
        row.status = Status.REQUIRES_ACTION
        row.action_token = idents.random(40)
        row.last_payment_error = None
        row.save()
        body = render(row, call.base_url)
        emit(call, "payment_intent.requires_action", body)
        return body
    return charge(call, row, method)


def _method(call: Call, row: PaymentIntent) -> PaymentMethod:
    if row.payment_method_id is None:
        raise unexpected_state(
            call,
            row,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method.",
        )
    # The one that came with this call was locked or made by it.
    given = "payment_method" in row._state.fields_cache
    method = row.payment_method if given else _locked(row.payment_method_id)
    assert method is not None  # its key was there
    if method.customer_id and method.customer_id != row.customer_id:
        raise GatewayError(
            f"The PaymentMethod provided ({method.pk}) belongs to the Customer "
            f"{method.customer_id}. Please include that Customer in the `customer` parameter on "
            "the PaymentIntent.",
            param="payment_method",
        )
    if method.detached or (method.used and not method.customer_id):
        raise GatewayError(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment, or was detached from a Customer. It may not be used again.",
            param="payment_method",
        )
    return method


def _locked(ident: str | None) -> PaymentMethod | None:
    return payment_methods.METHODS.one("id = %s", [ident], lock=True)


def _wants_holder(row: PaymentIntent, method: PaymentMethod, card: cards.Card) -> bool:
    """Whether the issuer wants the card holder to approve (3D Secure)."""
    if card.three_d_secure == cards.ALWAYS:
        return True
    if card.three_d_secure == cards.UNLESS_SET_UP:
        return not method.authenticated
    options = row.data.get("card_options") or {}
    asked = options.get("request_three_d_secure") in ("any", "challenge")
    return card.three_d_secure == cards.SUPPORTED and asked


def _error_body(
    row: PaymentIntent, method: PaymentMethod, *, code: str, message: str, **more: Any
) -> dict[str, Any]:
    return {
        "code": code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "payment_method": payment_methods.render(method),
        "type": "card_error",
        **more,
    }


def _fail(
    call: Call, row: PaymentIntent, error: dict[str, Any], failed: Charge | None
) -> GatewayError:
    """Back to the start with the error written down; returned, so that this stays."""
    row.status = Status.REQUIRES_PAYMENT_METHOD
    row.payment_method = None
    row.data.pop("authenticated", None)
    row.last_payment_error = error
    row.latest_charge = failed.pk if failed else row.latest_charge
    row.save()
    body = render(row, call.base_url)
    if failed:
        emit(call, "charge.failed", charges.render(failed, call.base_url))
    emit(call, "payment_intent.payment_failed", body)
    more = {k: v for k, v in error.items() if k not in ("code", "message", "type", "param")}
    return GatewayError(
        error["message"],
        status=402,
        kind="card_error",
        code=error["code"],
        payment_intent=body,
        **more,
    )


def _needs_authentication(call: Call, row: PaymentIntent, method: PaymentMethod) -> GatewayError:
    return _fail(
        call,
        row,
        _error_body(
            row,
            method,
            code="authentication_required",
            decline_code="authentication_required",
            message="Your card was declined. This transaction requires authentication.",
        ),
        None,
    )


def authentication_failed(call: Call, row: PaymentIntent) -> None:
    """The holder did not approve."""
    method = PaymentMethod.objects.get(pk=row.payment_method_id)
    error = _error_body(
        row,
        method,
        code="payment_intent_authentication_failure",
        message="The provided PaymentMethod has failed authentication. You can provide "
        "payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent "
        "again.",
    )
    _fail(call, row, error | {"type": "invalid_request_error"}, None)


def authenticated(call: Call, row: PaymentIntent) -> None:
    """The holder approved: charge, or wait for the server's second confirmation."""
    method = _locked(row.payment_method_id)
    assert method is not None  # there was a holder to ask
    method.authenticated = True
    method.save(update_fields=["authenticated"])
    row.data["authenticated"] = True
    if row.data.get("confirmation_method") == "manual":
        row.status = Status.REQUIRES_CONFIRMATION
        row.save()
        return
    charge(call, row, method)


def charge(call: Call, row: PaymentIntent, method: PaymentMethod) -> dict[str, Any] | GatewayError:
    """Ask the card. A decline is returned as an error whose effects stay."""
    secured = bool(row.data.pop("authenticated", False))
    made = charges.make(call, row, method, secured=secured)
    card = cards.by_slug(method.magic)
    if card.decline:
        error = _error_body(
            row,
            method,
            code=card.decline.code,
            message=card.decline.message,
            decline_code=card.decline.decline_code,
            charge=made.pk,
        )
        return _fail(call, row, error, made)
    row.latest_charge = made.pk
    row.last_payment_error = None
    if made.captured:
        row.status, row.amount_received = Status.SUCCEEDED, row.amount
    else:
        row.status, row.amount_capturable = Status.REQUIRES_CAPTURE, row.amount
        due.later(
            call.account, "intent.expire", row.pk, float(conf.get("AUTHORIZATION_DAYS")) * 86400
        )
    INTENTS.update(row)
    _used(call, row, method)
    emit(call, "charge.succeeded", charges.render(made, call.base_url))
    body = render(row, call.base_url)
    kind = "succeeded" if made.captured else "amount_capturable_updated"
    emit(call, f"payment_intent.{kind}", body)
    charges.afterwards(call, made)
    return body


def _used(call: Call, row: PaymentIntent, method: PaymentMethod) -> None:
    """A card used without a customer can't be used again, unless it is to be kept."""
    options = row.data.get("card_options") or {}
    keep = row.data.get("setup_future_usage") or options.get("setup_future_usage")
    if row.customer_id and keep in ("on_session", "off_session") and not method.customer_id:
        method.customer_id = row.customer_id
        method.save(update_fields=["customer"])
        emit(call, "payment_method.attached", payment_methods.render(method))
    elif not method.customer_id:
        method.used = True
        payment_methods.METHODS.update(method, "used")
