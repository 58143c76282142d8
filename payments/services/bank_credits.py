"""Transfers that came in: taken in once, matched to the payment whose virtual account they went
to, or queued with a reason. What isn't used of one stands apart in the ledger until it is matched
by hand or goes back to its payer."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kernel import audit, outbox, personal
from kernel.errors import NotFound
from kernel.failpoints import hit
from kernel.ids import public_id, uuid7
from kernel.money import Money
from kernel.transactions import together
from payments import events, ledger, locks
from payments.contracts import (
    BANK_TRANSFER,
    FAILED,
    REJECTED,
    SUCCEEDED,
    IntentState,
    Outcome,
)
from payments.domain import postings, returns
from payments.errors import CreditNotOpen
from payments.gateways.base import Payee, RefundOrder
from payments.models import Attempt, BankCredit, PaymentIntent
from payments.services import provider_account
from payments.services.checks import next_check
from payments.services.settle_intent import FINAL, settle
from payments.stray import CreditState

log = logging.getLogger("quancheng.payments")
OPEN = frozenset({CreditState.UNMATCHED, CreditState.UNDERPAID, CreditState.OVERPAID})


def poll() -> int:
    """Ask the bank what came in since the last entry known; how many were new."""
    if not provider_account.is_ready(BANK_TRANSFER):
        return 0
    last = BankCredit.objects.order_by("-bank_id").values_list("bank_id", flat=True).first()
    rows = provider_account.bank_transfers().credits(last or "")
    return sum(take_in(row) for row in rows or ())


def take_in(entry: Mapping[str, Any]) -> bool:
    """Book one of the bank's credits, once, and match it; False if it was known or unreadable."""
    read = _read(entry)
    if read is None:
        log.error("payments: a bank credit that can't be read")
        return False
    with together():
        intent = _intent_of(read["account"])
        if intent is not None:
            intent = locks.intent(intent.id)
        row = BankCredit(**{k: v for k, v in read.items() if k != "payer"}, id=uuid7())
        row.payer_sealed = row.remittance = ""
        row.intent = intent
        row.touch()
        BankCredit.objects.bulk_create([row], ignore_conflicts=True)
        if not BankCredit.objects.filter(id=row.id).exists():
            return False
        row.payer_sealed = personal.seal(row.id, orjson.dumps(read["payer"]).decode())
        row.remittance = read["remittance"]
        ledger.post_all([_arrived(row)])
        audit.record(
            action="payments.bank_credit.received",
            target=row,
            after={"amount": Money(row.amount, row.currency), "account": row.account},
        )
        _match(row, intent)
        return True


def match_credit(*, credit_id: UUID, intent_id: UUID) -> None:
    """Use a transfer that nobody knew for this payment. Raises CreditNotOpen, NotFound."""
    with together():
        intent = locks.intent(intent_id)
        row = _locked(credit_id)
        if row.state not in (CreditState.UNMATCHED, CreditState.UNDERPAID) or row.used:
            raise CreditNotOpen(state=row.state)
        if intent.state in FINAL or intent.currency != row.currency:
            raise CreditNotOpen(state=intent.state, field="payment")
        row.intent = intent
        audit.record(
            action="payments.bank_credit.assigned", target=row, after={"intent": intent.id}
        )
        _match(row, intent)


def prepare_return(*, credit_id: UUID) -> None:
    """Commit that what is left of a transfer goes back to its payer, and hold the money for it.
    Raises CreditNotOpen."""
    with together():
        row = _locked(credit_id)
        if row.state == CreditState.RETURNING:
            return
        left = row.amount - row.used - row.returned
        if row.state not in OPEN or left <= 0:
            raise CreditNotOpen(state=row.state)
        row.before_return, row.return_amount = row.state, left
        row.return_number += 1
        row.transfer_id, row.failure_code = None, ""
        ledger.post_all([_returned(row, "hold")])
        row.move(CreditState.RETURNING, action="payments.bank_credit.returning")
        row.checks, row.next_check_at = 0, next_check(0)
        row.save()


def send_return(*, credit_id: UUID) -> None:
    """Carry the return to the bank, or see how it stands; repeatable, no transaction open."""
    row = BankCredit.objects.get(id=credit_id)
    if row.state != CreditState.RETURNING:
        return
    order = RefundOrder(
        refund_id=_return_id(row),
        payment_id=row.bank_id,
        amount=Money(row.return_amount, row.currency),
        reason=f"{public_id('bcr', row.id)} return of {row.bank_id}",
        provider_id=row.transfer_id,
        payee=payee_of(row),
    )
    hit("payments.return.before_call")
    outcome = provider_account.bank_transfers().refund(order)
    hit("payments.return.after_call")
    _record(credit_id, outcome)


def return_credit(*, credit_id: UUID) -> None:
    """Both parts; the caller has no transaction open."""
    prepare_return(credit_id=credit_id)
    send_return(credit_id=credit_id)


def payee_of(row: BankCredit) -> Payee | None:
    """Who paid; None when that was erased or the bank didn't say."""
    text = personal.open_(row.id, row.payer_sealed)
    payer: dict[str, str] = orjson.loads(text) if text else {}
    if not payer.get("number"):
        return None
    return Payee(payer.get("name", ""), payer["number"], payer.get("bank", ""))


def payee_of_intent(intent_id: UUID) -> Payee | None:
    """Who paid an intent by transfer."""
    row = BankCredit.objects.filter(intent_id=intent_id, used__gt=0).order_by("id").first()
    return payee_of(row) if row else None


def _match(row: BankCredit, intent: PaymentIntent | None) -> None:
    """Pay the locked intent once enough has come in; else say why not."""
    if intent is None:
        _explain(row, CreditState.UNMATCHED, "unknown_account")
        return
    if intent.state in FINAL or intent.cancel_requested:
        late = "already_paid" if intent.state == IntentState.SUCCEEDED else "payment_over"
        _explain(row, CreditState.UNMATCHED, late)
        return
    if intent.currency != row.currency:
        _explain(row, CreditState.UNMATCHED, "other_currency")
        return
    others = BankCredit.objects.select_for_update().filter(
        intent=intent, state=CreditState.UNDERPAID
    )
    parts = [*others.exclude(id=row.id).order_by("id"), row]
    if sum(one.amount - one.returned for one in parts) < intent.amount:
        _explain(row, CreditState.UNDERPAID, "too_little")
        return
    wanted = intent.amount
    for one in parts:
        one.used = min(wanted, one.amount - one.returned)
        wanted -= one.used
    number = intent.gateway_id if intent.gateway == BANK_TRANSFER else row.account
    settle(
        intent,
        Outcome(
            SUCCEEDED,
            provider_id=number or row.account,
            amount=intent.amount,
            currency=intent.currency,
            answered=True,
            gateway=BANK_TRANSFER,
        ),
    )
    for one in parts:
        over = one.amount - one.returned - one.used
        if over:
            _explain(one, CreditState.OVERPAID, "too_much")
        else:
            one.reason = ""
            one.move(CreditState.MATCHED, action="payments.bank_credit.matched")
            one.save()


def _explain(row: BankCredit, state: CreditState, reason: str) -> None:
    if row.state != state:
        row.move(state, action=f"payments.bank_credit.{state}", reason=reason)
    row.reason = reason
    row.save()
    outbox.append(
        events.BankCreditReceived(
            credit_id=row.id, amount=Money(row.amount, row.currency), state=state, reason=reason
        ),
        aggregate=row,
    )


def _record(credit_id: UUID, outcome: Outcome) -> None:
    with together():
        row = _locked(credit_id)
        if row.state != CreditState.RETURNING:
            return
        row.transfer_id = row.transfer_id or outcome.provider_id or None
        row.checks += 1
        row.next_check_at = next_check(row.checks)
        if outcome.status == SUCCEEDED:
            ledger.post_all([_returned(row, "post")])
            row.returned += row.return_amount
            row.move(CreditState.RETURNED, action="payments.bank_credit.returned")
            row.next_check_at = None
        elif outcome.status in (FAILED, REJECTED):
            ledger.post_all([_returned(row, "void")])
            row.failure_code = outcome.code or "refused"
            row.move(
                CreditState(row.before_return),
                action="payments.bank_credit.return_failed",
                reason=row.failure_code,
            )
            row.next_check_at = None
        row.save()


def _intent_of(account: str) -> PaymentIntent | None:
    """Whose virtual account it is."""
    rows = Attempt.objects.filter(gateway=BANK_TRANSFER, provider_id=account)
    attempt = rows.select_related("intent").order_by("-id").first()
    return attempt.intent if attempt else None


def _locked(credit_id: UUID) -> BankCredit:
    row = BankCredit.objects.select_for_update().filter(id=credit_id).first()
    if row is None:
        raise NotFound
    return row


def _read(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """The bank's entry as columns; None unless it is one."""
    try:
        amount, payer = entry["amount"], entry.get("payer") or {}
        if type(amount) is not int or amount <= 0 or len(str(entry["id"])) > 100:
            return None
        return {
            "bank_id": str(entry["id"]),
            "account": str(entry["account"])[:40],
            "amount": amount,
            "currency": str(entry["currency"])[:3],
            "remittance": str(entry.get("remittance") or "")[:200],
            "received_at": datetime.fromisoformat(str(entry["received"])),
            "payer": {key: str(payer.get(key, ""))[:200] for key in ("name", "number", "bank")},
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _return_id(row: BankCredit) -> UUID:
    transfer = _returned(row, "hold")
    return transfer.id


def _arrived(row: BankCredit) -> ledger.Transfer:
    return postings.unclaimed(
        postings.Book(row.platform_id, row.currency),
        id=row.id,
        amount=row.amount,
        step="bank_credit",
        document=public_id("bcr", row.id),
    )


def _returned(row: BankCredit, verb: str) -> ledger.Transfer:
    return returns.credit_return(
        postings.Book(row.platform_id, row.currency),
        id=row.id,
        number=row.return_number,
        amount=row.return_amount,
        verb=verb,
        document=public_id("bcr", row.id),
    )
