"""Transfers that came in, with what an operator may do about each."""

from uuid import UUID

import orjson

from kernel import personal
from kernel.errors import NotFound
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from payments.contracts import IntentState
from payments.models import BankCredit, LateCharge, PaymentIntent
from payments.stray import CreditInfo, CreditState

OPEN = (CreditState.UNMATCHED, CreditState.OVERPAID, CreditState.UNDERPAID)


def credit(*, credit_id: UUID) -> CreditInfo:
    """One transfer. Raises NotFound."""
    row = BankCredit.objects.filter(id=credit_id).first()
    if row is None:
        raise NotFound
    return _info(row)


def credits_page(
    *,
    state: str | None = None,
    only_open: bool = False,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[CreditInfo]:
    """Transfers, newest first; ``only_open`` those that wait for a decision."""
    rows = BankCredit.objects.all()
    if state:
        rows = rows.filter(state=state)
    if only_open:
        rows = rows.filter(state__in=OPEN)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(_info)


def open_credits() -> int:
    """How many transfers wait for a decision."""
    return BankCredit.objects.filter(state__in=OPEN).count()


def stuck_late_charges() -> int:
    """How many late charges the gateway refused to take back."""
    return LateCharge.objects.filter(state="failed").count()


def credited(*, intent_id: UUID) -> Money | None:
    """What has come in by transfer for a payment that waits for more; None if nothing."""
    rows = BankCredit.objects.filter(intent_id=intent_id, state=CreditState.UNDERPAID)
    found = list(rows)
    if not found:
        return None
    return Money(sum(row.amount - row.returned for row in found), found[0].currency)


def _info(row: BankCredit) -> CreditInfo:
    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    suggestion, suggested = _suggested(row)
    return CreditInfo(
        id=row.id,
        state=row.state,
        account=row.account,
        amount=money(row.amount),
        used=money(row.used),
        left=money(row.amount - row.used - row.returned),
        returned=money(row.returned),
        intent_id=row.intent_id,
        payer=_payer(row),
        remittance=row.remittance,
        reason=row.reason,
        suggestion=suggestion,
        suggested=suggested,
        failure_code=row.failure_code,
        received_at=row.received_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _suggested(row: BankCredit) -> tuple[str, UUID | None]:
    """What to do, and with which payment."""
    if row.state == CreditState.OVERPAID:
        return "return", None
    if row.state == CreditState.UNDERPAID:
        over = row.intent is not None and row.intent.state == IntentState.CANCELED
        return ("return" if over else "wait"), None
    if row.state != CreditState.UNMATCHED:
        return "", None
    waiting = PaymentIntent.objects.filter(
        amount=row.amount, currency=row.currency,
        state__in=(IntentState.REQUIRES_ACTION, IntentState.REQUIRES_PAYMENT_METHOD),
    ).order_by("-id")[:20]  # fmt: skip
    rows = list(waiting)
    named = [one for one in rows if _names(one, row.remittance)]
    if named:
        return "match", named[0].id
    return (
        ("match", rows[0].id)
        if len(rows) == 1 and not row.reason.startswith(("already", "payment"))
        else ("return", None)
    )


def _names(intent: PaymentIntent, remittance: str) -> bool:
    text = remittance.casefold()
    return any(
        name and name.casefold() in text for name in (intent.reference, intent.external_id or "")
    )


def _payer(row: BankCredit) -> str:
    text = personal.open_(row.id, row.payer_sealed)
    payer: dict[str, str] = orjson.loads(text) if text else {}
    number = payer.get("number", "")
    return " ".join(part for part in (payer.get("name", ""), f"••••{number[-4:]}") if part.strip())
