"""Moves of money that ``test_kill`` has made by a process of its own."""

from uuid import UUID

from payments import facade
from payments.facade import RefundShare
from payments.ledger.expiry import expire_due
from payments.services import reconcile as reconciler


def confirm(*, id_: UUID) -> None:
    facade.confirm_intent(intent_id=id_, payment_method="pm_card_visa", key=id_)


def cancel(*, id_: UUID) -> None:
    facade.cancel_intent(intent_id=id_)


def refund(*, id_: UUID) -> None:
    intent = facade.intent(intent_id=id_)
    share = intent.shares[0]
    part = RefundShare(share.merchant_id, share.reference, share.amount)
    facade.refund_intent(key=id_, intent_id=id_, shares=[part])


def payout(*, id_: UUID) -> None:
    facade.send_payout(payout_id=id_)


def reconcile(*, id_: UUID) -> None:
    reconciler.reconcile()


def expire(*, id_: UUID) -> None:
    expire_due()
