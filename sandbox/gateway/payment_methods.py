"""Payment methods (支付方式): magic cards, never real ones."""

import hashlib
import re
from typing import Any

from sandbox import clock, idents
from sandbox.magic import cards
from sandbox.models import Customer, Document, PaymentMethod
from sandbox.rows import Rows
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import (
    Choice,
    Free,
    Hash,
    Integer,
    Kind,
    Metadata,
    Text,
    merge_metadata,
    wrong,
)

from . import customers, shapes
from .happen import changed, emit

METHODS = Rows(PaymentMethod)
CARD = Hash(
    fields={
        "number": Text(clear=False, limit=30),
        "exp_month": Integer(),
        "exp_year": Integer(),
        "cvc": Text(limit=10),
        "token": Text(clear=False),
        "networks": Free(),
    }
)
_TYPE = Choice(values=("card",))
_CREATE: dict[str, Kind] = {
    "type": _TYPE,
    "card": CARD,
    "billing_details": shapes.BILLING,
    "metadata": Metadata(),
    "allow_redisplay": shapes.REDISPLAY,
    "radar_options": Free(),
}


def render(row: PaymentMethod) -> dict[str, Any]:
    """The payment method object."""
    return {
        "id": row.pk,
        "object": "payment_method",
        "allow_redisplay": row.allow_redisplay,
        "billing_details": shapes.billing(row.billing_details),
        "card": {
            **card_facts(row),
            "checks": checks(row),
            "generated_from": None,
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": row.created,
        "customer": row.customer_id,
        "livemode": False,
        "metadata": row.metadata,
        "type": "card",
    }


def card_facts(row: PaymentMethod) -> dict[str, Any]:
    """What is known of the card, for the method and for charges made with it."""
    card = cards.by_slug(row.magic)
    print_ = hashlib.sha256(f"{row.account_id}:{card.slug}".encode()).hexdigest()[:16]
    return {
        "brand": card.brand,
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": row.exp_month,
        "exp_year": row.exp_year,
        "fingerprint": print_,
        "funding": card.funding,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
    }


def checks(row: PaymentMethod) -> dict[str, str | None]:
    """Address and security code checks; every given address passes."""
    address = (row.billing_details or {}).get("address") or {}
    card = cards.by_slug(row.magic)
    cvc = None
    if row.cvc_given:
        wrong_cvc = card.decline is not None and card.decline.code == "incorrect_cvc"
        cvc = "fail" if wrong_cvc else "pass"
    return {
        "address_line1_check": "pass" if address.get("line1") else None,
        "address_postal_code_check": "pass" if address.get("postal_code") else None,
        "cvc_check": cvc,
    }


def _card_error(message: str, code: str, param: str, **more: Any) -> GatewayError:
    return GatewayError(
        message, status=402, kind="card_error", code=code, param=param, remember=False, **more
    )


def read_token(call: Call, token: str, param: str) -> tuple[cards.Card, int, int, bool]:
    """The card of a magic token, or of one made before; that is used up."""
    card = cards.by_token(token)
    if card:
        return card, 12, clock.now().year + 5, False
    owners = [call.account.pk, call.account.platform_id]
    row = (
        Document.objects.select_for_update()
        .filter(account__in=owners, kind="token", pk=token, data__has_key="card")
        .first()
    )
    if row is None:
        raise missing("token", token, param=param)
    if row.status != "active":
        raise GatewayError(
            f"You cannot use a token more than once: {token}.",
            code="token_already_used",
            param=param,
        )
    row.status = "used"
    row.save(update_fields=["status"])
    kept = row.data["card"]
    return cards.by_slug(kept["slug"]), kept["exp_month"], kept["exp_year"], kept["cvc"]


def _read_card(call: Call, given: dict[str, Any], param: str) -> tuple[cards.Card, int, int, bool]:
    """The magic card behind the numbers typed in; refused ones are not kept anywhere."""
    if given.get("token"):
        return read_token(call, given["token"], f"{param}[token]")
    for name in ("number", "exp_month", "exp_year"):
        if given.get(name) is None:
            here = f"{param}[{name}]"
            raise wrong(f"Missing required param: {here}.", here, "parameter_missing")
    number = re.sub(r"[ -]", "", given["number"])
    if not cards.luhn(number):
        raise _card_error("Your card number is incorrect.", "incorrect_number", "number")
    month, year, now = given["exp_month"], given["exp_year"], clock.now()
    if not 1 <= month <= 12:
        raise _card_error(
            "Your card's expiration month is invalid.", "invalid_expiry_month", "exp_month"
        )
    year += 2000 if 0 <= year < 100 else 0
    if not now.year - 50 <= year <= now.year + 50 or year < now.year:
        raise _card_error(
            "Your card's expiration year is invalid.", "invalid_expiry_year", "exp_year"
        )
    if (year, month) < (now.year, now.month):
        raise _card_error(
            "Your card's expiration month is invalid.", "invalid_expiry_month", "exp_month"
        )
    card = cards.by_number(number)
    if card is None:
        raise _card_error(
            "Your card was declined. Your request was in test mode, but used a non test card. "
            "GET /_sandbox/magic lists the cards that this sandbox knows.",
            "card_declined",
            "number",
            decline_code="test_mode_live_card",
        )
    cvc = given.get("cvc")
    length = 4 if card.brand == "amex" else 3
    if cvc is not None and not re.fullmatch(rf"[0-9]{{3,{length}}}", cvc):
        raise _card_error("Your card's security code is invalid.", "invalid_cvc", "cvc")
    return card, month, year, cvc is not None


def make(call: Call, given: dict[str, Any], param: str) -> PaymentMethod:
    """A payment method from ``{"type", "card", "billing_details", …}``."""
    inside = f"{param}[card]" if param else "card"
    if given.get("type", "card" if given.get("card") else None) is None:
        raise wrong("Missing required param: type.", "type", "parameter_missing")
    if not given.get("card"):
        raise wrong(f"Missing required param: {inside}.", inside, "parameter_missing")
    card, month, year, cvc = _read_card(call, given["card"], inside)
    return PaymentMethod.objects.create(
        id=idents.new("pm"),
        account=call.account,
        created=call.now,
        magic=card.slug,
        exp_month=month,
        exp_year=year,
        cvc_given=cvc,
        billing_details=given.get("billing_details") or {},
        metadata=merge_metadata({}, given.get("metadata")),
        allow_redisplay=given.get("allow_redisplay") or "unspecified",
    )


def resolve(call: Call, ident: str, *, param: str | None, lock: bool = True) -> PaymentMethod:
    """The payment method with this id; ``pm_card_…`` makes a fresh one of that magic card."""
    if ident.startswith("pm_card_"):
        card = cards.by_token(ident)
        if card is None:
            raise missing("PaymentMethod", ident, param=param)
        return METHODS.insert(
            PaymentMethod(
                id=idents.new("pm"),
                account=call.account,
                created=call.now,
                magic=card.slug,
                exp_month=12,
                exp_year=clock.now().year + 5,
            )
        )
    rows = PaymentMethod.objects.filter(account=call.account, pk=ident)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise missing("PaymentMethod", ident, param=param)
    return row


def attach_to(call: Call, row: PaymentMethod, customer: Customer) -> PaymentMethod:
    """Attach; the issuer may decline already here."""
    if row.customer_id == customer.pk:
        return row
    if row.customer_id or row.detached or row.used:
        raise GatewayError(
            "The payment method you provided has already been attached to a customer."
            if row.customer_id
            else "This PaymentMethod was previously used without being attached to a Customer or "
            "was detached from a Customer, and may not be used again.",
            param="payment_method",
        )
    card = cards.by_slug(row.magic)
    if not card.attaches and card.decline:
        raise GatewayError(
            card.decline.message,
            status=402,
            kind="card_error",
            code=card.decline.code,
            decline_code=card.decline.decline_code,
        )
    row.customer = customer
    row.save(update_fields=["customer"])
    emit(call, "payment_method.attached", render(row))
    return row


@operation(
    "POST",
    "/v1/payment_methods",
    "payment_methods.create",
    _CREATE,
)
def create(call: Call) -> dict[str, Any]:
    return render(make(call, call.params, ""))


@operation("GET", "/v1/payment_methods/{id}", "payment_methods.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(resolve(call, ident, param=None, lock=False))


@operation(
    "POST",
    "/v1/payment_methods/{id}",
    "payment_methods.update",
    {
        "allow_redisplay": shapes.REDISPLAY,
        "billing_details": shapes.BILLING,
        "card": Hash(
            fields={
                "exp_month": Integer(least=1, most=12),
                "exp_year": Integer(least=2000, most=2200),
                "networks": Free(),
            }
        ),
        "metadata": Metadata(),
    },
)
def update(call: Call, ident: str) -> dict[str, Any]:
    row = resolve(call, ident, param=None)
    if row.customer_id is None:
        raise GatewayError(
            "You must save this PaymentMethod to a customer before you can update it."
        )
    before = render(row)
    row.allow_redisplay = call.get("allow_redisplay", row.allow_redisplay)
    if call.given("billing_details"):
        row.billing_details = (row.billing_details or {}) | call.params["billing_details"]
    card = call.get("card", {})
    row.exp_month = card.get("exp_month", row.exp_month)
    row.exp_year = card.get("exp_year", row.exp_year)
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    row.save()
    after = render(row)
    emit(call, "payment_method.updated", after, changed(before, after))
    return after


@operation(
    "POST",
    "/v1/payment_methods/{id}/attach",
    "payment_methods.attach",
    {"customer": Text(required=True, clear=False)},
)
def attach(call: Call, ident: str) -> dict[str, Any]:
    customer = customers.need(call, call.params["customer"], param="customer")
    return render(attach_to(call, resolve(call, ident, param=None), customer))


@operation("POST", "/v1/payment_methods/{id}/detach", "payment_methods.detach")
def detach(call: Call, ident: str) -> dict[str, Any]:
    row = resolve(call, ident, param=None)
    if row.customer_id is None:
        raise GatewayError(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            param="payment_method",
        )
    before = render(row)
    row.customer, row.detached = None, True
    row.save(update_fields=["customer", "detached"])
    after = render(row)
    emit(call, "payment_method.detached", after, changed(before, after))
    return after


_LIST: dict[str, Kind] = lists.PAGE | {
    "type": Text(clear=False),
    "allow_redisplay": shapes.REDISPLAY,
}


def _page(call: Call, customer: str | None, url: str) -> dict[str, Any]:
    rows = PaymentMethod.objects.filter(customer__isnull=False)
    if customer:
        rows = rows.filter(customer=customers.need(call, customer, param="customer"))
    if call.get("type", "card") != "card":
        rows = rows.none()
    if call.get("allow_redisplay"):
        rows = rows.filter(allow_redisplay=call.get("allow_redisplay"))
    return lists.page(
        call, rows, lambda found: [render(row) for row in found], url=url, kind="PaymentMethod"
    )


@operation(
    "GET", "/v1/payment_methods", "payment_methods.list", _LIST | {"customer": Text(clear=False)}
)
def list_methods(call: Call) -> dict[str, Any]:
    return _page(call, call.get("customer"), "/v1/payment_methods")


@operation("GET", "/v1/customers/{id}/payment_methods", "customers.payment_methods", _LIST)
def list_of_customer(call: Call, ident: str) -> dict[str, Any]:
    customers.need(call, ident)
    return _page(call, ident, f"/v1/customers/{ident}/payment_methods")


@operation(
    "GET", "/v1/customers/{id}/payment_methods/{method}", "customers.payment_methods.retrieve"
)
def retrieve_of_customer(call: Call, ident: str, method: str) -> dict[str, Any]:
    row = PaymentMethod.objects.filter(account=call.account, pk=method, customer_id=ident).first()
    if row is None:
        raise missing("PaymentMethod", method)
    return render(row)


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = PaymentMethod.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row) for row in rows}


expandable("payment_method", {"customer": "cus"})
loader("pm", _load)
