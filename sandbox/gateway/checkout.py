"""Checkout sessions (收银台): a hosted page on which a buyer pays, or leaves a card."""

from typing import Any

from sandbox import idents
from sandbox.delivery import due
from sandbox.models import CheckoutSession, Document
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, includable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Choice, Integer, Kind, List, Metadata, Text, Url, wrong
from sandbox.transport.params import merge_metadata as merged

from . import catalogue, customers, stored
from .happen import emit
from .intents import fields

LONGEST = 86400
_KEPT = (
    "cancel_url",
    "client_reference_id",
    "customer_creation",
    "customer_email",
    "locale",
    "payment_intent_data",
    "return_url",
    "setup_intent_data",
    "submit_type",
    "success_url",
    "ui_mode",
)
_OWN: dict[str, Kind | None] = {
    "mode": Choice(values=("payment", "setup")),
    "payment_method_types": List(of=Choice(values=("card",))),
    "success_url": Url(),
    "cancel_url": Url(),
    "return_url": Url(),
    "expires_at": Integer(),
    "customer": Text(),
    "metadata": Metadata(),
    # not here: better refused than ignored
    **dict.fromkeys(
        (
            "customer_account",
            "discounts",
            "invoice_creation",
            "optional_items",
            "shipping_options",
            "subscription_data",
        )
    ),
}


# Parts of the object that this gateway never fills.
_NONE = (
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer_account",
    "invoice",
    "invoice_creation",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "saved_payment_method_options",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
    "wallet_options",
)


def render(row: CheckoutSession, base_url: str) -> dict[str, Any]:
    """The checkout session object."""
    data = row.data
    hosted = data.get("ui_mode", "hosted_page") in ("hosted", "hosted_page")
    paid = row.amount_total if row.mode == "payment" else None
    return dict.fromkeys(_NONE) | {
        "id": row.pk,
        "object": "checkout.session",
        "amount_subtotal": paid,
        "amount_total": paid,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": data.get("cancel_url"),
        "client_reference_id": data.get("client_reference_id"),
        "created": row.created,
        "currency": row.currency,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer": row.customer_id,
        "customer_creation": data.get("customer_creation")
        or ("if_required" if row.mode == "payment" else "always"),
        "customer_details": _details(row),
        "customer_email": data.get("customer_email"),
        "discounts": [],
        "expires_at": row.expires_at,
        "livemode": False,
        "locale": data.get("locale"),
        "metadata": row.metadata,
        "mode": row.mode,
        "payment_intent": row.payment_intent_id,
        "payment_method_collection": "if_required" if row.mode == "payment" else "always",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": row.payment_status,
        "phone_number_collection": {"enabled": False},
        "setup_intent": row.setup_intent_id,
        "shipping_options": [],
        "status": row.status,
        "submit_type": data.get("submit_type"),
        "success_url": data.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
        if row.mode == "payment"
        else None,
        "ui_mode": data.get("ui_mode", "hosted_page"),
        "url": f"{base_url}/_sandbox/checkout/{row.pk}"
        if row.status == "open" and hosted
        else None,
    }


def _details(row: CheckoutSession) -> dict[str, Any] | None:
    email = row.data.get("paid_by") or row.data.get("customer_email")
    if row.customer and not email:
        email = row.customer.email
    if not email:
        return None
    shown = dict.fromkeys(("address", "business_name", "individual_name", "name", "phone"))
    return {**shown, "email": email, "tax_exempt": "none", "tax_ids": []}


def items(row: CheckoutSession) -> list[dict[str, Any]]:
    """The lines with their prices."""
    prices = {
        one.pk: one
        for one in Document.objects.filter(pk__in=[line["price"] for line in row.line_items])
    }
    shown = []
    for line in row.line_items:
        whole = line["unit_amount"] * line["quantity"]
        shown.append(
            {
                "id": line["id"],
                "object": "item",
                "amount_discount": 0,
                "amount_subtotal": whole,
                "amount_tax": 0,
                "amount_total": whole,
                "currency": row.currency,
                "description": line["description"],
                "price": catalogue.render_price(prices[line["price"]]),
                "quantity": line["quantity"],
            }
        )
    return shown


def _lines(call: Call, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines as they are kept: what they cost now is what the buyer will pay."""
    lines = []
    for place, one in enumerate(given):
        inside = f"line_items[{place}]"
        if one.get("price"):
            price = stored.need(call, "price", one["price"], param=f"{inside}[price]")
            if price.status != "active":
                raise wrong(f"The price {price.pk} is inactive.", f"{inside}[price]")
        elif one.get("price_data"):
            price = catalogue.make_price(call, one["price_data"], f"{inside}[price_data]")
        else:
            raise wrong(
                f"Missing required param: {inside}[price].", f"{inside}[price]", "parameter_missing"
            )
        quantity = one.get("quantity")
        if not quantity or quantity < 1:
            raise wrong("Quantity is required and must be at least 1.", f"{inside}[quantity]")
        product = Document.objects.get(pk=price.parent)
        lines.append(
            {
                "id": idents.new("li"),
                "price": price.pk,
                "quantity": quantity,
                "unit_amount": price.data["unit_amount"],
                "currency": price.data["currency"],
                "description": product.data.get("name"),
            }
        )
    if len({line["currency"] for line in lines}) > 1:
        raise wrong("All prices of a session must have the same currency.", "line_items")
    return lines


@operation("POST", "/v1/checkout/sessions", "checkout.sessions.create", _OWN)
def create(call: Call) -> dict[str, Any]:
    mode = call.get("mode") or ("payment" if call.get("line_items") else "setup")
    hosted = call.get("ui_mode", "hosted_page") in ("hosted", "hosted_page")
    if hosted and not call.get("success_url"):
        raise wrong("Missing required param: success_url.", "success_url", "parameter_missing")
    until = call.get("expires_at", call.now + LONGEST)
    if not call.now + 1800 <= until <= call.now + LONGEST:
        raise wrong(
            "The `expires_at` timestamp must be from 30 minutes to 24 hours from now.", "expires_at"
        )
    row = CheckoutSession(
        id=idents.new("cs_test"),
        account=call.account,
        created=call.now,
        mode=mode,
        status="open",
        payment_status="unpaid" if mode == "payment" else "no_payment_required",
        expires_at=until,
        data={name: call.params[name] for name in _KEPT if call.given(name)},
        metadata=merged({}, call.get("metadata")),
    )
    if call.get("customer"):
        row.customer = customers.need(call, call.get("customer"), param="customer")
    if mode == "payment":
        if not call.get("line_items"):
            raise wrong(
                "You must provide line_items in payment mode.", "line_items", "parameter_missing"
            )
        row.line_items = _lines(call, call.get("line_items"))
        row.currency = row.line_items[0]["currency"]
        row.amount_total = sum(one["unit_amount"] * one["quantity"] for one in row.line_items)
        fields.check_amount(row.amount_total, row.currency)
    else:
        if call.get("line_items"):
            raise wrong("You can not pass `line_items` in `setup` mode.", "line_items")
        row.currency = call.get("currency")
    row.save(force_insert=True)
    due.later(call.account, "checkout.expire", row.pk, float(until - call.now))
    return render(row, call.base_url)


def need(call: Call, ident: str, *, lock: bool = False) -> CheckoutSession:
    rows = CheckoutSession.objects.select_related("customer")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("checkout.session", ident)
    return row


@operation("GET", "/v1/checkout/sessions/{id}", "checkout.sessions.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(need(call, ident), call.base_url)


@operation("POST", "/v1/checkout/sessions/{id}", "checkout.sessions.update")
def update(call: Call, ident: str) -> dict[str, Any]:
    row = need(call, ident, lock=True)
    if call.given("metadata"):
        row.metadata = merged(row.metadata, call.params["metadata"])
        row.save(update_fields=["metadata"])
    return render(row, call.base_url)


@operation("GET", "/v1/checkout/sessions", "checkout.sessions.list")
def list_sessions(call: Call) -> dict[str, Any]:
    rows = CheckoutSession.objects.select_related("customer")
    for name, column in (
        ("customer", "customer_id"),
        ("payment_intent", "payment_intent_id"),
        ("status", "status"),
    ):
        if call.get(name):
            rows = rows.filter(**{column: call.get(name)})
    return lists.page(
        call,
        rows,
        lambda found: [render(row, call.base_url) for row in found],
        url="/v1/checkout/sessions",
        kind="checkout.session",
    )


def _shown_items(call: Call, node: dict[str, Any]) -> dict[str, Any]:
    row = need(call, node["id"])
    return lists.envelope(f"/v1/checkout/sessions/{row.pk}/line_items", items(row), False)


@operation("GET", "/v1/checkout/sessions/{id}/line_items", "checkout.sessions.line_items")
def list_items(call: Call, ident: str) -> dict[str, Any]:
    return _shown_items(call, {"id": ident})


@operation("POST", "/v1/checkout/sessions/{id}/expire", "checkout.sessions.expire")
def expire(call: Call, ident: str) -> dict[str, Any]:
    row = need(call, ident, lock=True)
    if row.status != "open":
        raise GatewayError(
            f"Only Checkout Sessions with a status in [open] can be expired. This one has a status "
            f"of {row.status}."
        )
    due.drop(call.account, "checkout.expire", row.pk)
    return _expire(call, row)


def _expire(call: Call, row: CheckoutSession) -> dict[str, Any]:
    row.status = "expired"
    row.save(update_fields=["status"])
    body = render(row, call.base_url)
    emit(call, "checkout.session.expired", body)
    return body


@due.action("checkout.expire")
def expire_later(call: Call, ident: str) -> None:
    """Nobody paid in time."""
    row = need(call, ident, lock=True)
    if row.status == "open":
        _expire(call, row)


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = CheckoutSession.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row, call.base_url) for row in rows}


expandable("checkout.session", {"customer": "cus", "payment_intent": "pi", "setup_intent": "seti"})
includable("checkout.session", "line_items", _shown_items)
loader("cs", _load)
