"""Charges (扣款): one attempt to take money from a card, and how it is read."""

from typing import Any

from sandbox import clock, conf, idents
from sandbox.magic import cards
from sandbox.models import Charge, PaymentIntent, PaymentMethod, Refund
from sandbox.rows import Rows
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import missing
from sandbox.transport.expand import expandable, includable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Email, Metadata, Text, merge_metadata

from . import balance, payment_methods, shapes
from .connect import split
from .happen import changed, emit

_CHARGES = Rows(Charge)


def render(row: Charge, base_url: str) -> dict[str, Any]:
    """The charge object."""
    data = row.data
    suffix = data.get("statement_descriptor_suffix")
    return {
        "id": row.pk,
        "object": "charge",
        "amount": row.amount,
        "amount_captured": row.amount_captured,
        "amount_refunded": row.amount_refunded,
        "application": None,
        "application_fee": data.get("application_fee"),
        "application_fee_amount": data.get("application_fee_amount"),
        "balance_transaction": row.balance_transaction,
        "billing_details": data["billing_details"],
        "calculated_statement_descriptor": data.get("statement_descriptor") or "SANDBOX",
        "captured": row.captured,
        "created": row.created,
        "currency": row.currency,
        "customer": row.customer_id,
        "description": data.get("description"),
        "disputed": bool(data.get("dispute")),
        "failure_balance_transaction": None,
        "failure_code": row.failure_code,
        "failure_message": row.failure_message,
        "fraud_details": {},
        "livemode": False,
        "metadata": row.metadata,
        "on_behalf_of": data.get("on_behalf_of"),
        "outcome": row.outcome,
        "paid": row.status == "succeeded",
        "payment_intent": row.payment_intent_id,
        "payment_method": row.payment_method or None,
        "payment_method_details": data["payment_method_details"],
        "radar_options": {},
        "receipt_email": data.get("receipt_email"),
        "receipt_number": None,
        "receipt_url": f"{base_url}/_sandbox/receipts/{row.pk}",
        "refunded": row.amount_refunded > 0
        and row.amount_refunded >= (row.amount_captured if row.captured else row.amount),
        "review": None,
        "shipping": data.get("shipping"),
        "source": data.get("source"),
        "source_transfer": data.get("source_transfer"),
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": suffix,
        "status": row.status,
        "transfer_data": _shared(data.get("transfer_data")),
        "transfer_group": data.get("transfer_group"),
        **({"transfer": data["transfer"]} if data.get("transfer") else {}),
    }


def _shared(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if not given:
        return None
    return {"amount": given.get("amount"), "destination": given["destination"]}


def make(
    call: Call,
    intent: PaymentIntent,
    method: PaymentMethod,
    *,
    secured: bool,
    linked: bool = True,
) -> Charge:
    """Try the card once: a succeeded, captured or uncaptured, or a failed charge.

    A charge made without an intent (``linked`` False) gets its terms from one that isn't kept.
    """
    card = cards.by_slug(method.magic)
    manual = captures_by_hand(intent)
    row = Charge(
        id=idents.new("ch"),
        account=call.account,
        created=call.now,
        payment_intent=intent if linked else None,
        customer_id=intent.customer_id,
        payment_method=method.pk,
        magic=card.slug,
        amount=intent.amount,
        currency=intent.currency,
        metadata=dict(intent.metadata),
        data=_data(call, intent, method, manual=manual, secured=secured),
    )
    if card.decline:
        row.status = "failed"
        row.failure_code = card.decline.code
        row.failure_message = card.decline.message
        row.outcome = _outcome(card)
    else:
        row.status = "succeeded"
        row.outcome = _outcome(card)
        if not manual:
            book(call, row, intent.amount)
    return _CHARGES.insert(row)


def captures_by_hand(intent: PaymentIntent) -> bool:
    """Whether confirming only reserves the money."""
    options = intent.data.get("card_options") or {}
    return intent.capture_method == "manual" or options.get("capture_method") == "manual"


def book(call: Call, row: Charge, amount: int) -> None:
    """Take the money: capture ``amount`` and book it; the caller saves the row."""
    card = cards.by_slug(row.magic)
    days = 0 if card.at_once else int(conf.get("AVAILABLE_AFTER_DAYS"))
    row.captured, row.amount_captured = True, amount
    ready = clock.midnight_after(days, call.now)
    direct = split.direct_fee(call, row, amount)
    row.balance_transaction = balance.book(
        call,
        amount=amount,
        fee=balance.fee_on(amount) + direct,
        application_fee=direct,
        currency=row.currency,
        kind="charge",
        source=row.pk,
        available_on=ready,
        description=row.data.get("description"),
    )
    split.share(call, row, amount, ready)


def afterwards(call: Call, row: Charge) -> None:
    """What comes of money that was taken, at once: a dispute, a warning."""
    from . import disputes

    if row.captured:
        disputes.after_charge(call, row)


def _data(
    call: Call, intent: PaymentIntent, method: PaymentMethod, *, manual: bool, secured: bool
) -> dict[str, Any]:
    facts = payment_methods.card_facts(method)
    facts.pop("display_brand")
    facts["network"] = facts["brand"]
    facts.pop("networks")
    details: dict[str, Any] = facts | {
        "amount_authorized": intent.amount,
        "authorization_code": f"{call.now % 1_000_000:06d}",
        "checks": payment_methods.checks(method),
        "installments": None,
        "mandate": None,
        "three_d_secure": {
            "authentication_flow": "challenge",
            "result": "authenticated",
            "result_reason": None,
            "version": "2.2.0",
        }
        if secured
        else None,
        "wallet": None,
    }
    if manual:
        details["capture_before"] = call.now + int(conf.get("AUTHORIZATION_DAYS")) * 86400
    kept = {
        name: intent.data.get(name)
        for name in (
            "description",
            "receipt_email",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_group",
            "application_fee_amount",
            "on_behalf_of",
            "transfer_data",
        )
    }
    return kept | {
        "billing_details": shapes.billing(method.billing_details),
        "payment_method_details": {"card": details, "type": "card"},
        "shipping": shapes.shipping(intent.data.get("shipping")),
    }


def _outcome(card: cards.Card) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    if card.decline is None:
        return facts
    if card.decline.blocked:
        return facts | {
            "network_status": "not_sent_to_network",
            "reason": "highest_risk_level",
            "risk_level": "highest",
            "risk_score": 92,
            "seller_message": "The sandbox blocked this payment as too risky.",
            "type": "blocked",
        }
    return facts | {
        "advice_code": "try_again_later",
        "network_decline_code": "01",
        "network_status": "declined_by_network",
        "reason": card.decline.decline_code,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def locked(call: Call, ident: str, *, param: str | None = None) -> Charge:
    """The charge, its row locked. Lock its intent first. Raises resource_missing."""
    row = Charge.objects.select_for_update().filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("charge", ident, param=param)
    return row


@operation("GET", "/v1/charges/{id}", "charges.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    row = Charge.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("charge", ident)
    return render(row, call.base_url)


@operation(
    "POST",
    "/v1/charges/{id}",
    "charges.update",
    {
        "description": Text(limit=40000),
        "metadata": Metadata(),
        "receipt_email": Email(),
        "shipping": shapes.SHIPPING,
        "transfer_group": Text(),
    },
)
def update(call: Call, ident: str) -> dict[str, Any]:
    row = locked(call, ident)
    before = render(row, call.base_url)
    for name in ("description", "receipt_email", "transfer_group"):
        if call.given(name):
            row.data[name] = call.params[name]
    if call.given("shipping"):
        row.data["shipping"] = shapes.shipping(call.params["shipping"])
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    row.save()
    after = render(row, call.base_url)
    previous = changed(before, after)
    if previous:
        emit(call, "charge.updated", after, previous)
    return after


@operation(
    "GET",
    "/v1/charges",
    "charges.list",
    lists.PAGE
    | {
        "created": lists.CREATED,
        "customer": Text(clear=False),
        "payment_intent": Text(clear=False),
        "transfer_group": Text(clear=False),
    },
)
def list_charges(call: Call) -> dict[str, Any]:
    rows = Charge.objects.all()
    for name, column in (
        ("customer", "customer_id"),
        ("payment_intent", "payment_intent_id"),
        ("transfer_group", "data__transfer_group"),
    ):
        if call.get(name):
            rows = rows.filter(**{column: call.get(name)})
    return lists.page(
        call,
        rows,
        lambda found: [render(row, call.base_url) for row in found],
        url="/v1/charges",
        kind="charge",
    )


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = _CHARGES.all("account_id = %s AND id = ANY(%s)", [call.account.pk, idents])
    return {row.pk: render(row, call.base_url) for row in rows}


def _refunds(call: Call, node: dict[str, Any]) -> dict[str, Any]:
    from . import refunds

    rows = Refund.objects.filter(account=call.account, charge_id=node["id"]).order_by("-pk")
    found = list(rows[:11])
    shown = [refunds.render(row) for row in found[:10]]
    return lists.envelope(f"/v1/charges/{node['id']}/refunds", shown, len(found) > 10)


expandable(
    "charge",
    {
        "application": "ca",
        "application_fee": "fee",
        "balance_transaction": "txn",
        "customer": "cus",
        "failure_balance_transaction": "txn",
        "on_behalf_of": "acct",
        "payment_intent": "pi",
        "review": "prv",
        "source_transfer": "tr",
        "transfer": "tr",
    },
)
includable("charge", "refunds", _refunds)
loader("ch", _load)
loader("py", _load)
