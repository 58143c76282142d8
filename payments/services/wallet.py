"""Wallets: top up, withdraw. Paying from one is a way to confirm a payment."""

from collections.abc import Iterable
from uuid import UUID, uuid5

from kernel import jobs
from kernel.ids import public_id
from kernel.money import Money
from kernel.transactions import together
from payments import locks
from payments.contracts import IntentInfo, IntentState, Purpose, RefundInfo, RefundShare, Share
from payments.errors import NotWithdrawable
from payments.models import PaymentIntent, Refund
from payments.selectors import refund_info, wallet_balances
from payments.services.create_intent import create_intent
from payments.services.refund import prepare_refund


def create_topup(
    *, key: UUID, owner_id: UUID, amount: Money, payment_method_types: Iterable[str]
) -> IntentInfo:
    """A payment into the owner's own wallet; confirm it like any other.

    ``owner_id`` is a person or a merchant. The same ``key`` again is the same top-up. Raises
    KeyReused, InvalidPaymentMethod.
    """
    reference = f"wallet {public_id('wal', owner_id)}"
    return create_intent(
        key=key,
        reference=reference,
        amount=amount,
        shares=[Share(owner_id, reference, amount, Money(0, amount.currency))],
        payment_method_types=payment_method_types,
        hold=False,
        payer_id=owner_id,
        purpose=Purpose.TOPUP,
    )


def withdraw(*, key: UUID, owner_id: UUID, amount: Money) -> list[RefundInfo]:
    """Give ``amount`` of the wallet back to where it was topped up from, the latest first.

    The money leaves the wallet at once; jobs carry each part to its gateway, and a part that a
    gateway refuses returns to the wallet. The same ``key`` again is the same withdrawal. Raises
    NotWithdrawable with what can be withdrawn.
    """
    with together():
        topups = list(
            PaymentIntent.objects.filter(
                payer_id=owner_id,
                purpose=Purpose.TOPUP,
                state=IntentState.SUCCEEDED,
                currency=amount.currency,
            ).order_by("-id")
        )
        for topup in sorted(topups, key=lambda row: row.id):
            locks.intent(topup.id)
        known = Refund.objects.filter(key__in=[uuid5(key, str(topup.id)) for topup in topups])
        if done := list(known.order_by("id")):
            return [refund_info(row) for row in done]
        parts = _parts(topups, owner_id, amount)
        refunds = [
            prepare_refund(
                key=uuid5(key, str(topup.id)),
                intent_id=topup.id,
                shares=[RefundShare(owner_id, topup.reference, part)],
                reason="withdrawal",
            )
            for topup, part in parts
        ]
        for refund in refunds:
            jobs.enqueue("payments.refresh_refund", {"refund_id": str(refund.id)})
        return refunds


def _parts(
    topups: list[PaymentIntent], owner_id: UUID, amount: Money
) -> list[tuple[PaymentIntent, Money]]:
    """What of each top-up goes back, as far back as it takes."""
    for topup in topups:
        topup.refresh_from_db(fields=["amount_refunded"])  # locked since it was read
    stored = {balance.currency: balance.available for balance in wallet_balances(owner_id=owner_id)}
    left = sum(topup.amount - topup.amount_refunded for topup in topups)
    most = min(left, stored[amount.currency].amount if amount.currency in stored else 0)
    if not 0 < amount.amount <= most:
        raise NotWithdrawable(
            field="amount", withdrawable=Money(max(0, most), amount.currency).as_api()
        )
    wanted, parts = amount.amount, []
    for topup in topups:
        part = min(wanted, topup.amount - topup.amount_refunded)
        if part:
            parts.append((topup, Money(part, amount.currency)))
            wanted -= part
    return parts
