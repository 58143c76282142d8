"""Moves of money that ``test_kill`` has made by a process of its own."""

from datetime import timedelta
from uuid import UUID, uuid5

from kernel import clock
from kernel.money import Money
from payments import facade
from payments.facade import RefundShare
from payments.ledger.expiry import expire_due
from payments.models import PaymentIntent
from payments.services import bank_credits, chargebacks, instalments, late
from payments.services import reconcile as reconciler
from payments.services.invoices.fapiao import refresh_fapiao


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


def wallet(*, id_: UUID) -> None:
    facade.confirm_intent(intent_id=id_, payment_method="wallet", key=id_)


def topup(*, id_: UUID) -> None:
    facade.confirm_intent(intent_id=id_, payment_method="offline_test", key=id_)


def withdraw(*, id_: UUID) -> None:
    facade.withdraw(key=id_, owner_id=id_, amount=Money(4_000, "CNY"))


def freeze(*, id_: UUID, merchant_id: UUID) -> None:
    facade.freeze_deposit(
        key=uuid5(id_, "deposit"), payer_id=id_, merchant_id=merchant_id, reference="lot-1",
        amount=Money(2_000, "CNY"),
    )  # fmt: skip


def forfeit(*, id_: UUID) -> None:
    facade.forfeit_deposit(deposit_id=id_, reason="no show", amount=Money(500, "CNY"))


def give_back(*, id_: UUID) -> None:
    facade.return_deposit(deposit_id=id_)


def poll(*, id_: UUID) -> None:
    bank_credits.poll()


def return_credit(*, id_: UUID) -> None:
    bank_credits.send_return(credit_id=id_)


def return_late(*, id_: UUID) -> None:
    late.give_back(id_)


def chargeback(*, id_: UUID, gateway_id: str) -> None:
    chargebacks.refresh(gateway_id)


def evidence(*, id_: UUID) -> None:
    chargebacks.send_evidence(id_)


def fapiao(*, id_: UUID) -> None:
    refresh_fapiao(id_)


def instalment(*, id_: UUID) -> None:
    facade.confirm_intent(intent_id=id_, payment_method="offline_test", key=id_)


def default(*, id_: UUID) -> None:
    """The rest of a plan isn't paid: it is given up, and what was paid goes to the merchant."""
    with clock.offset(timedelta(days=40)):
        instalments.look()
        assert PaymentIntent.objects.filter(id=id_).exists()
