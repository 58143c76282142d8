"""Refunds (退款)."""

from typing import Any

from sandbox import conf, idents
from sandbox.delivery import due
from sandbox.magic import cards
from sandbox.models import Charge, PaymentIntent, Refund
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import (
    Amount,
    Boolean,
    Choice,
    Email,
    Kind,
    Metadata,
    Text,
    merge_metadata,
    wrong,
)

from . import balance, charges, disputes
from .connect import split
from .happen import changed, emit

_CREATE: dict[str, Kind] = {
    "amount": Amount(),
    "payment_intent": Text(clear=False),
    "refund_application_fee": Boolean(),
    "reverse_transfer": Boolean(),
    "reason": Choice(values=("duplicate", "fraudulent", "requested_by_customer")),
    "metadata": Metadata(),
    "instructions_email": Email(),
}
_LIST: dict[str, Kind] = lists.PAGE | {
    "created": lists.CREATED,
    "charge": Text(clear=False),
    "payment_intent": Text(clear=False),
}


def render(row: Refund) -> dict[str, Any]:
    """The refund object."""
    body: dict[str, Any] = {
        "id": row.pk,
        "object": "refund",
        "amount": row.amount,
        "balance_transaction": row.balance_transaction,
        "charge": row.charge_id,
        "created": row.created,
        "currency": row.currency,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": row.metadata,
        "payment_intent": row.payment_intent_id,
        "reason": row.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": row.status,
        "transfer_reversal": row.transfer_reversal,
    }
    for name in ("pending_reason", "failure_reason", "failure_balance_transaction"):
        if getattr(row, name):
            body[name] = getattr(row, name)
    return body


def _charge(call: Call, charge_id: str | None) -> Charge:
    """The charge to refund with its intent, both locked, the intent first."""
    intent_id = call.get("payment_intent")
    charge_id = charge_id or call.get("charge")
    if charge_id:
        found = Charge.objects.filter(account=call.account, pk=charge_id).first()
        if found is None:
            raise missing("charge", charge_id, param="charge")
        if intent_id and found.payment_intent_id != intent_id:
            raise wrong("The charge doesn't belong to that PaymentIntent.", "payment_intent")
        intent_id = found.payment_intent_id
        if intent_id is None:
            return charges.locked(call, charge_id, param="charge")
    if not intent_id:
        raise wrong(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            "payment_intent",
            "parameter_missing",
        )
    intent = (
        PaymentIntent.objects.select_for_update().filter(account=call.account, pk=intent_id).first()
    )
    if intent is None:
        raise missing("payment_intent", intent_id, param="payment_intent")
    if charge_id is None:
        if not intent.latest_charge:
            raise GatewayError(
                f"This PaymentIntent ({intent.pk}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge_id = intent.latest_charge
    return charges.locked(call, charge_id, param="charge")


def _create(call: Call, charge_id: str | None = None) -> dict[str, Any]:
    charge = _charge(call, charge_id)
    if charge.status != "succeeded":
        raise GatewayError(
            f"This PaymentIntent ({charge.payment_intent_id}) does not have a successful charge to "
            "refund."
        )
    if not charge.captured:
        raise GatewayError(
            f"Charge {charge.pk} hasn't been captured; cancel its PaymentIntent to free the money.",
            code="charge_not_captured",
        )
    disputes.refuse_refund(charge)
    left = charge.amount_captured - charge.amount_refunded
    if left <= 0:
        raise GatewayError(
            f"Charge {charge.pk} has already been refunded.", code="charge_already_refunded"
        )
    amount = call.get("amount", left)
    if amount > left:
        raise GatewayError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            code="amount_too_large",
            param="amount",
        )
    card = cards.by_slug(charge.magic)
    row = Refund(
        id=idents.new("re"),
        account=call.account,
        created=call.now,
        charge=charge,
        payment_intent_id=charge.payment_intent_id,
        amount=amount,
        currency=charge.currency,
        status="pending" if card.refund == "pending" else "succeeded",
        pending_reason="processing" if card.refund == "pending" else None,
        reason=call.get("reason"),
        metadata=merge_metadata({}, call.get("metadata")),
    )
    row.balance_transaction = balance.book(
        call, amount=-amount, currency=row.currency, kind="refund", source=row.pk
    )
    before = charges.render(charge, call.base_url)
    charge.amount_refunded += amount
    charge.save(update_fields=["amount_refunded"])
    row.save(force_insert=True)
    split.give_back(call, charge, row)
    row.save(update_fields=["transfer_reversal"])
    if card.refund != "succeeded":
        due.later(call.account, "refund.settle", row.pk, float(conf.get("REFUND_SETTLE_SECONDS")))
    after = charges.render(charge, call.base_url)
    emit(call, "refund.created", render(row))
    emit(call, "charge.refunded", after, changed(before, after))
    return render(row)


@operation("POST", "/v1/refunds", "refunds.create", _CREATE | {"charge": Text(clear=False)})
def create(call: Call) -> dict[str, Any]:
    return _create(call)


@operation("POST", "/v1/charges/{id}/refunds", "charges.refunds.create", _CREATE)
def create_for_charge(call: Call, charge_id: str) -> dict[str, Any]:
    if not Charge.objects.filter(account=call.account, pk=charge_id).exists():
        raise missing("charge", charge_id)
    return _create(call, charge_id)


@operation("GET", "/v1/refunds/{id}", "refunds.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    row = Refund.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("refund", ident)
    return render(row)


@operation("GET", "/v1/charges/{id}/refunds/{refund}", "charges.refunds.retrieve")
def retrieve_of_charge(call: Call, charge_id: str, ident: str) -> dict[str, Any]:
    row = Refund.objects.filter(account=call.account, pk=ident, charge_id=charge_id).first()
    if row is None:
        raise missing("refund", ident)
    return render(row)


def _locked(call: Call, ident: str) -> Refund:
    row = Refund.objects.select_for_update().filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("refund", ident)
    return row


@operation("POST", "/v1/refunds/{id}", "refunds.update", {"metadata": Metadata()})
def update(call: Call, ident: str) -> dict[str, Any]:
    row = _locked(call, ident)
    before = render(row)
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
        row.save(update_fields=["metadata"])
    _updated(call, row, before)
    return render(row)


def _updated(call: Call, row: Refund, before: dict[str, Any]) -> None:
    after = render(row)
    previous = changed(before, after)
    if previous:
        emit(call, "refund.updated", after, previous)
        emit(call, "charge.refund.updated", after, previous)


@operation("POST", "/v1/refunds/{id}/cancel", "refunds.cancel")
def cancel(call: Call, ident: str) -> dict[str, Any]:
    """Only a refund that waits for the buyer can be canceled; cards' never wait."""
    row = _locked(call, ident)
    raise GatewayError(
        f"Refund {row.pk} can't be canceled because it has a status of {row.status}. Only a refund "
        "with the status requires_action can be canceled."
    )


@operation("GET", "/v1/refunds", "refunds.list", _LIST)
def list_refunds(call: Call) -> dict[str, Any]:
    rows = Refund.objects.all()
    for name in ("charge", "payment_intent"):
        if call.get(name):
            rows = rows.filter(**{f"{name}_id": call.get(name)})
    return lists.page(
        call, rows, lambda found: [render(row) for row in found], url="/v1/refunds", kind="refund"
    )


@operation("GET", "/v1/charges/{id}/refunds", "charges.refunds.list", lists.PAGE)
def list_of_charge(call: Call, charge_id: str) -> dict[str, Any]:
    if not Charge.objects.filter(account=call.account, pk=charge_id).exists():
        raise missing("charge", charge_id)
    return lists.page(
        call,
        Refund.objects.filter(charge_id=charge_id),
        lambda found: [render(row) for row in found],
        url=f"/v1/charges/{charge_id}/refunds",
        kind="refund",
    )


@due.action("refund.settle")
def settle(call: Call, ident: str) -> None:
    """What the card network says some time later: done, or the money came back."""
    found = Refund.objects.filter(account=call.account, pk=ident).first()
    if found is None:
        return
    if found.payment_intent_id:
        PaymentIntent.objects.select_for_update().get(pk=found.payment_intent_id)
    charge = charges.locked(call, found.charge_id)
    row = _locked(call, ident)
    before = render(row)
    if cards.by_slug(charge.magic).refund == "pending":
        if row.status == "pending":
            row.status, row.pending_reason = "succeeded", None
            row.save(update_fields=["status", "pending_reason"])
            _updated(call, row, before)
        return
    if row.status != "succeeded":
        return
    row.status, row.failure_reason = "failed", "expired_or_canceled_card"
    row.failure_balance_transaction = balance.book(
        call,
        amount=row.amount,
        currency=row.currency,
        kind="refund_failure",
        source=row.pk,
        category="refund_failure",
    )
    row.save()
    charge.amount_refunded -= row.amount
    charge.save(update_fields=["amount_refunded"])
    emit(call, "refund.failed", render(row))
    _updated(call, row, before)


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = Refund.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row) for row in rows}


expandable(
    "refund",
    {
        "balance_transaction": "txn",
        "charge": "ch",
        "failure_balance_transaction": "txn",
        "payment_intent": "pi",
        "source_transfer_reversal": "trr",
        "transfer_reversal": "trr",
    },
)
loader("re", _load)
loader("pyr", _load)
