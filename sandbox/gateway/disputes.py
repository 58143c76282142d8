"""Disputes (拒付): a buyer complains at their bank; evidence text decides in the sandbox.

``uncategorized_text`` ``winning_evidence`` wins, ``losing_evidence`` loses,
``escalate_inquiry_evidence`` turns an inquiry into a dispute. What isn't
answered by its due date is lost.
"""

from typing import Any

from sandbox import conf, idents
from sandbox.delivery import due
from sandbox.magic import cards
from sandbox.models import BalanceTransaction, Charge, Dispute, StoredFile
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import merge_metadata, wrong

from . import balance, stored
from .happen import changed, emit

WINNING, LOSING, ESCALATE = "winning_evidence", "losing_evidence", "escalate_inquiry_evidence"
OPEN = ("needs_response", "warning_needs_response")
FILES = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
)
TEXTS = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
)


def render(row: Dispute, now: int) -> dict[str, Any]:
    """The dispute object."""
    moved = BalanceTransaction.objects.filter(pk__in=row.balance_transactions).order_by("pk")
    shown = {name: row.evidence.get(name) for name in (*FILES, *TEXTS)}
    return {
        "id": row.pk,
        "object": "dispute",
        "amount": row.amount,
        "balance_transactions": [balance.render(one, now) for one in moved],
        "charge": row.charge_id,
        "created": row.created,
        "currency": row.currency,
        "enhanced_eligibility_types": [],
        "evidence": shown | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": row.due_by,
            "enhanced_eligibility": {},
            "has_evidence": any(row.evidence.values()),
            "past_due": now > row.due_by,
            "submission_count": row.submissions,
        },
        "is_charge_refundable": row.status.startswith("warning"),
        "livemode": False,
        "metadata": row.metadata,
        "payment_intent": row.charge.payment_intent_id,
        "payment_method_details": {
            "card": {
                "brand": cards.by_slug(row.charge.magic).brand,
                "case_type": "inquiry" if row.status.startswith("warning") else "chargeback",
                "network_reason_code": "83" if row.reason == "fraudulent" else "30",
            },
            "type": "card",
        },
        "reason": row.reason,
        "status": row.status,
    }


def after_charge(call: Call, charge: Charge) -> None:
    """What the card's holder does once the money was taken: complain, or be warned about."""
    card = cards.by_slug(charge.magic)
    if card.warning:
        data = {"charge": charge.pk, "payment_intent": charge.payment_intent_id}
        row = stored.add(call, "issfr", "early_fraud_warning", data)
        emit(call, "radar.early_fraud_warning.created", warnings_render(row))
    if card.dispute:
        reason, inquiry = card.dispute
        _open(call, charge, reason, inquiry)


def warnings_render(row: Any) -> dict[str, Any]:
    """The early fraud warning object."""
    return {
        "id": row.pk,
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": row.data["charge"],
        "created": row.created,
        "fraud_type": "made_with_stolen_card",
        "livemode": False,
        "payment_intent": row.data["payment_intent"],
    }


def _open(call: Call, charge: Charge, reason: str, inquiry: bool) -> None:
    days = int(conf.get("DISPUTE_DAYS"))
    row = Dispute(
        id=idents.new("du"),
        account=call.account,
        created=call.now,
        charge=charge,
        amount=charge.amount_captured,
        currency=charge.currency,
        reason=reason,
        status="warning_needs_response" if inquiry else "needs_response",
        due_by=call.now + days * 86400,
    )
    row.save(force_insert=True)
    charge.data["dispute"] = row.pk
    charge.save(update_fields=["data"])
    due.later(call.account, "dispute.lapse", row.pk, days * 86400.0)
    if not inquiry:
        _withdraw(call, row)
    body = render(row, call.now)
    emit(call, "charge.dispute.created", body)
    if not inquiry:
        emit(call, "charge.dispute.funds_withdrawn", body)


def _withdraw(call: Call, row: Dispute) -> None:
    fee = int(conf.get("DISPUTE_FEE"))
    _book(call, row, -row.amount, fee, "dispute")


def _book(call: Call, row: Dispute, amount: int, fee: int, category: str) -> None:
    made = balance.book(
        call,
        amount=amount,
        fee=fee,
        currency=row.currency,
        kind="adjustment",
        source=row.pk,
        category=category,
        description=f"Chargeback {row.pk}",
    )
    row.balance_transactions = [*row.balance_transactions, made]
    row.save(update_fields=["balance_transactions"])


def need(call: Call, ident: str, *, lock: bool = False) -> Dispute:
    rows = Dispute.objects.select_related("charge")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("dispute", ident)
    return row


def refuse_refund(charge: Charge) -> None:
    """Money that the bank took back can't be refunded as well."""
    ident = charge.data.get("dispute")
    row = Dispute.objects.filter(pk=ident).first() if ident else None
    if row and row.status in ("needs_response", "under_review", "lost"):
        raise GatewayError(
            f"Charge {charge.pk} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )


@operation("GET", "/v1/disputes/{id}", "disputes.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(need(call, ident), call.now)


@operation("GET", "/v1/disputes", "disputes.list")
def list_disputes(call: Call) -> dict[str, Any]:
    rows = Dispute.objects.select_related("charge")
    if call.get("charge"):
        rows = rows.filter(charge_id=call.get("charge"))
    if call.get("payment_intent"):
        rows = rows.filter(charge__payment_intent_id=call.get("payment_intent"))
    return lists.page(
        call,
        rows,
        lambda found: [render(row, call.now) for row in found],
        url="/v1/disputes",
        kind="dispute",
    )


@operation("POST", "/v1/disputes/{id}", "disputes.update")
def update(call: Call, ident: str) -> dict[str, Any]:
    row = need(call, ident, lock=True)
    if row.status not in OPEN:
        late = set(call.params) - {"metadata"}
        if late:
            raise GatewayError(
                f"This dispute is {row.status}; evidence can no longer be changed.",
                code="dispute_already_closed",
                param=sorted(late)[0],
            )
    before = render(row, call.now)
    given = call.get("evidence", {})
    for name in FILES:
        ident_ = given.get(name)
        if ident_ and not StoredFile.objects.filter(account=call.account, pk=ident_).exists():
            raise missing("file", ident_, param=f"evidence[{name}]")
    if sum(len(one) for one in given.values() if isinstance(one, str)) > 150_000:
        raise wrong("Evidence may have at most 150,000 characters.", "evidence")
    row.evidence = {**row.evidence, **given}
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    row.save()
    submits = (bool(given) and call.get("submit", True)) or call.get("submit") is True
    if submits and row.status in OPEN:
        _submit(call, row)
    after = render(row, call.now)
    emit(call, "charge.dispute.updated", after, changed(before, after))
    if row.status in ("won", "lost", "warning_closed"):
        _closed(call, row)
    return after


def _submit(call: Call, row: Dispute) -> None:
    """Evidence reaches the bank; magic texts are decided at once."""
    row.submissions += 1
    text = (row.evidence.get("uncategorized_text") or "").strip()
    inquiry = row.status == "warning_needs_response"
    if inquiry and text == ESCALATE:
        row.status = "needs_response"
        row.due_by = call.now + int(conf.get("DISPUTE_DAYS")) * 86400
        row.save()
        due.drop(call.account, "dispute.lapse", row.pk)
        due.later(call.account, "dispute.lapse", row.pk, float(conf.get("DISPUTE_DAYS")) * 86400)
        _withdraw(call, row)
        emit(call, "charge.dispute.funds_withdrawn", render(row, call.now))
        return
    due.drop(call.account, "dispute.lapse", row.pk)
    if text == WINNING:
        row.status = "warning_closed" if inquiry else "won"
    elif text == LOSING:
        row.status = "warning_closed" if inquiry else "lost"
    else:
        row.status = "warning_under_review" if inquiry else "under_review"
    row.save()
    if row.status == "won":
        _book(call, row, row.amount, 0, "dispute_reversal")


def _closed(call: Call, row: Dispute) -> None:
    body = render(row, call.now)
    emit(call, "charge.dispute.closed", body)
    if row.status == "won":
        emit(call, "charge.dispute.funds_reinstated", body)


@operation("POST", "/v1/disputes/{id}/close", "disputes.close")
def close(call: Call, ident: str) -> dict[str, Any]:
    """Accept that it is lost."""
    row = need(call, ident, lock=True)
    if row.status not in OPEN:
        raise GatewayError(
            f"This dispute is {row.status} and can't be closed again.",
            code="dispute_already_closed",
        )
    _lose(call, row)
    return render(row, call.now)


def _lose(call: Call, row: Dispute) -> None:
    due.drop(call.account, "dispute.lapse", row.pk)
    row.status = "warning_closed" if row.status.startswith("warning") else "lost"
    row.save(update_fields=["status"])
    _closed(call, row)


@due.action("dispute.lapse")
def lapse(call: Call, ident: str) -> None:
    """Nobody answered in time."""
    row = need(call, ident, lock=True)
    if row.status in OPEN:
        _lose(call, row)


@operation("GET", "/v1/radar/early_fraud_warnings", "early_fraud_warnings.list")
def list_warnings(call: Call) -> dict[str, Any]:
    filters = {
        f"data__{name}": call.get(name) for name in ("charge", "payment_intent") if call.get(name)
    }
    url = "/v1/radar/early_fraud_warnings"
    return stored.page(call, "early_fraud_warning", warnings_render, url, **filters)


@operation("GET", "/v1/radar/early_fraud_warnings/{id}", "early_fraud_warnings.retrieve")
def retrieve_warning(call: Call, ident: str) -> dict[str, Any]:
    return warnings_render(stored.need(call, "early_fraud_warning", ident))


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = Dispute.objects.select_related("charge").filter(account=call.account, pk__in=idents)
    return {row.pk: render(row, call.now) for row in rows}


expandable("dispute", {"charge": "ch", "payment_intent": "pi"})
expandable("radar.early_fraud_warning", {"charge": "ch", "payment_intent": "pi"})
loader("du", _load)
