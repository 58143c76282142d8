"""Row locks, taken in this order: intent, its shares, refund or payout, then (inside the ledger's
function) ledger accounts by id."""

from uuid import UUID

from kernel.errors import NotFound
from payments.models import IntentShare, PaymentIntent, Payout, Refund


def intent(intent_id: UUID) -> PaymentIntent:
    """The intent, locked. Raises NotFound."""
    row = PaymentIntent.objects.select_for_update().filter(id=intent_id).first()
    if row is None:
        raise NotFound
    return row


def shares(intent_id: UUID) -> list[IntentShare]:
    """The intent's shares in their order, locked; the intent is locked already."""
    rows = IntentShare.objects.select_for_update().filter(intent_id=intent_id)
    return list(rows.order_by("place"))


def refund(refund_id: UUID) -> tuple[PaymentIntent, Refund]:
    """The refund with its intent, both locked. Raises NotFound."""
    intent_id = Refund.objects.filter(id=refund_id).values_list("intent_id", flat=True).first()
    if intent_id is None:
        raise NotFound
    owner = intent(intent_id)
    return owner, Refund.objects.select_for_update().get(id=refund_id)


def payout(payout_id: UUID) -> Payout:
    """The payout, locked. Raises NotFound."""
    row = Payout.objects.select_for_update().filter(id=payout_id).first()
    if row is None:
        raise NotFound
    return row
