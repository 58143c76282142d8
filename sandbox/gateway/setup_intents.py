"""Setup intents: a card is kept for later payments, its holder asked where the card wants it."""

from typing import Any

from sandbox import idents
from sandbox.magic import cards
from sandbox.models import PaymentMethod, SetupIntent
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import (
    Choice,
    Free,
    Hash,
    Kind,
    List,
    Url,
    merge_metadata,
    wrong,
)

from . import customers, payment_methods, shapes
from .happen import emit

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_DATA = Hash(
    fields={
        "type": Choice(required=True, values=("card",)),
        "card": payment_methods.CARD,
        "billing_details": shapes.BILLING,
        "allow_redisplay": shapes.REDISPLAY,
    }
)
_OWN: dict[str, Kind | None] = {
    "confirmation_token": None,
    "customer_account": None,
    "flow_directions": None,
    "single_use": None,
    "payment_method_configuration": None,
    "payment_method_data": _DATA,
    "payment_method_types": List(of=Choice(values=("card",))),
    "payment_method_options": Hash(fields={"card": Free()}),
    "return_url": Url(),
}
_CONFIRM = {
    name: kind
    for name, kind in _OWN.items()
    if name in ("confirmation_token", "payment_method_data", "payment_method_options", "return_url")
}


def render(row: SetupIntent, base_url: str) -> dict[str, Any]:
    """The setup intent object."""
    action = None
    if row.status == "requires_action":
        url = f"{base_url}/_sandbox/3ds/{row.action_token}"
        action = (
            {
                "type": "redirect_to_url",
                "redirect_to_url": {"return_url": row.return_url, "url": url},
            }
            if row.return_url
            else {
                "type": "use_stripe_sdk",
                "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url},
            }
        )
    return {
        "id": row.pk,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": row.data.get("automatic_payment_methods"),
        "cancellation_reason": row.cancellation_reason,
        "client_secret": row.client_secret,
        "created": row.created,
        "customer": row.customer_id,
        "customer_account": None,
        "description": row.data.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": row.last_setup_error,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": row.metadata,
        "next_action": action,
        "on_behalf_of": None,
        "payment_method": row.payment_method_id,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": row.status,
        "usage": row.usage,
    }


def _apply(call: Call, row: SetupIntent) -> None:
    if call.given("customer"):
        ident = call.params["customer"]
        row.customer = customers.need(call, ident, param="customer") if ident else None
    if call.given("description"):
        row.data["description"] = call.params["description"]
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    if call.get("payment_method_data"):
        row.payment_method = payment_methods.make(
            call, call.params["payment_method_data"], "payment_method_data"
        )
    elif call.given("payment_method"):
        ident = call.params["payment_method"]
        row.payment_method = (
            payment_methods.resolve(call, ident, param="payment_method") if ident else None
        )
    else:
        return
    row.status = OPEN[1] if row.payment_method else OPEN[0]
    row.action_token = None


def make(call: Call) -> SetupIntent:
    """A new one from the call's parameters."""
    ident = idents.new("seti")
    row = SetupIntent(
        id=ident,
        account=call.account,
        created=call.now,
        status=OPEN[0],
        client_secret=f"{ident}_secret_{idents.random(25)}",
        usage=call.get("usage", "off_session"),
    )
    if not call.get("payment_method_types"):
        row.data["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True}
    _apply(call, row)
    row.save(force_insert=True)
    emit(call, "setup_intent.created", render(row, call.base_url))
    return row


@operation("POST", "/v1/setup_intents", "setup_intents.create", _OWN)
def create(call: Call) -> dict[str, Any] | GatewayError:
    if call.given("return_url") and not call.get("confirm"):
        raise wrong(
            "`return_url` cannot be passed when creating a SetupIntent unless `confirm` is set to "
            "true.",
            "return_url",
        )
    row = make(call)
    return confirm_row(call, row) if call.get("confirm") else render(row, call.base_url)


def _need(call: Call, ident: str, *, lock: bool = False) -> SetupIntent:
    rows = SetupIntent.objects.select_for_update() if lock else SetupIntent.objects.all()
    row = rows.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("setupintent", ident)
    secret = call.get("client_secret")
    if secret and secret != row.client_secret:
        raise GatewayError(
            "The client_secret provided does not match the client_secret associated with the "
            "SetupIntent.",
            param="client_secret",
        )
    return row


def _unexpected(call: Call, row: SetupIntent, verb: str) -> GatewayError:
    return GatewayError(
        f"You cannot {verb} this SetupIntent because it has a status of {row.status}.",
        code="setup_intent_unexpected_state",
        setup_intent=render(row, call.base_url),
    )


@operation("GET", "/v1/setup_intents/{id}", "setup_intents.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(_need(call, ident), call.base_url)


@operation(
    "POST",
    "/v1/setup_intents/{id}",
    "setup_intents.update",
    {
        name: kind
        for name, kind in _OWN.items()
        if name not in ("confirmation_token", "return_url", "single_use")
    },
)
def update(call: Call, ident: str) -> dict[str, Any]:
    row = _need(call, ident, lock=True)
    if row.status not in OPEN:
        raise _unexpected(call, row, "update")
    _apply(call, row)
    row.save()
    return render(row, call.base_url)


@operation("POST", "/v1/setup_intents/{id}/confirm", "setup_intents.confirm", _CONFIRM)
def confirm(call: Call, ident: str) -> dict[str, Any] | GatewayError:
    row = _need(call, ident, lock=True)
    if row.status not in OPEN:
        raise _unexpected(call, row, "confirm")
    _apply(call, row)
    return confirm_row(call, row)


def confirm_row(call: Call, row: SetupIntent) -> dict[str, Any] | GatewayError:
    """Confirm a locked one: the holder may have to approve, the card may refuse to be kept."""
    if row.payment_method_id is None:
        raise _unexpected(call, row, "confirm without a payment method")
    method = PaymentMethod.objects.select_for_update().get(pk=row.payment_method_id)
    if call.given("return_url"):
        row.return_url = call.params["return_url"]
    card = cards.by_slug(method.magic)
    if card.three_d_secure in (cards.ALWAYS, cards.UNLESS_SET_UP) and not row.data.get("approved"):
        row.status, row.action_token = "requires_action", idents.random(40)
        row.save()
        body = render(row, call.base_url)
        emit(call, "setup_intent.requires_action", body)
        return body
    if card.decline and not card.attaches:
        return _fail(call, row, method, card.decline)
    return finish(call, row, method)


def _fail(call: Call, row: SetupIntent, method: PaymentMethod, why: cards.Decline) -> GatewayError:
    error = {
        "code": why.code,
        "decline_code": why.decline_code,
        "message": why.message,
        "payment_method": payment_methods.render(method),
        "type": "card_error",
    }
    row.status, row.payment_method, row.last_setup_error = OPEN[0], None, error
    row.save()
    body = render(row, call.base_url)
    emit(call, "setup_intent.setup_failed", body)
    return GatewayError(
        why.message,
        status=402,
        kind="card_error",
        code=why.code,
        decline_code=why.decline_code,
        setup_intent=body,
        payment_method=error["payment_method"],
    )


def finish(call: Call, row: SetupIntent, method: PaymentMethod) -> dict[str, Any]:
    """The card is kept: attached to the customer, if there is one."""
    if row.customer and not method.customer_id:
        payment_methods.attach_to(call, method, row.customer)
    method.authenticated = True
    method.save(update_fields=["authenticated"])
    row.status, row.last_setup_error, row.action_token = "succeeded", None, None
    row.save()
    body = render(row, call.base_url)
    emit(call, "setup_intent.succeeded", body)
    return body


def decide(call: Call, token: str, *, approve: bool) -> SetupIntent | None:
    """The holder's answer on the bank's page; None when the page isn't a setup intent's."""
    row = SetupIntent.objects.select_for_update().filter(action_token=token).first()
    if row is None or row.status != "requires_action":
        return row
    method = PaymentMethod.objects.select_for_update().get(pk=row.payment_method_id)
    if approve:
        row.data["approved"] = True
        confirm_row(call, row)
    else:
        why = cards.Decline(
            "setup_intent_authentication_failure",
            "authentication_required",
            "The latest attempt to set up the payment method has failed because authentication "
            "failed.",
        )
        _fail(call, row, method, why)
    return row


@operation("POST", "/v1/setup_intents/{id}/cancel", "setup_intents.cancel")
def cancel(call: Call, ident: str) -> dict[str, Any]:
    row = _need(call, ident, lock=True)
    if row.status not in OPEN:
        raise _unexpected(call, row, "cancel")
    row.status, row.cancellation_reason = "canceled", call.get("cancellation_reason")
    row.action_token = None
    row.save()
    body = render(row, call.base_url)
    emit(call, "setup_intent.canceled", body)
    return body


@operation("GET", "/v1/setup_intents", "setup_intents.list")
def list_setup_intents(call: Call) -> dict[str, Any]:
    rows = SetupIntent.objects.all()
    for name in ("customer", "payment_method"):
        if call.get(name):
            rows = rows.filter(**{f"{name}_id": call.get(name)})
    return lists.page(
        call,
        rows,
        lambda found: [render(row, call.base_url) for row in found],
        url="/v1/setup_intents",
        kind="setupintent",
    )


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = SetupIntent.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row, call.base_url) for row in rows}


expandable("setup_intent", {"customer": "cus", "payment_method": "pm"})
loader("seti", _load)
