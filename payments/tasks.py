"""Jobs: each parses and makes one service call."""

from typing import Any
from uuid import UUID

from kernel.jobs import JobContext, job, periodic
from payments.ledger import watch
from payments.ledger.chain import extend_ledger_chain
from payments.ledger.expiry import expire_due
from payments.services import (
    availability,
    bank_credits,
    capture_intent,
    chargebacks,
    debts,
    deposits,
    disputes,
    fee_invoices,
    instalments,
    late,
    payout,
    plans,
    probe,
    reconcile,
    reserves,
    saved_methods,
)
from payments.services.invoices import fapiao
from payments.services.reconciliation import compare


@job("payments.send_payout")
def send_payout(job: JobContext, payout_id: str) -> None:
    """Carry a payout to the bank."""
    payout.send_payout(payout_id=UUID(payout_id))


@job("payments.issue_fapiao")
def issue_fapiao(job: JobContext, fapiao_id: str) -> None:
    """Hand a statutory invoice in, or ask how it stands."""
    fapiao.refresh_fapiao(UUID(fapiao_id))


@job("payments.refresh_intent")
def refresh_intent(job: JobContext, intent_id: str) -> None:
    """An event said that something changed: ask what."""
    reconcile.refresh_intent(UUID(intent_id))


@job("payments.refresh_refund")
def refresh_refund(job: JobContext, refund_id: str) -> None:
    """An event said that something changed: ask what."""
    reconcile.refresh_refund(UUID(refund_id))


@job("payments.return_late_charge")
def return_late_charge(job: JobContext, late_id: str) -> None:
    """Give a charge back that came too late."""
    late.give_back(UUID(late_id))


@job("payments.poll_bank_credits")
def poll_bank_credits(job: JobContext) -> dict[str, int]:
    """The bank said that something came in: ask what."""
    return {"new": bank_credits.poll()}


@job("payments.forget_card")
def forget_card(job: JobContext, person_id: str, card_id: str) -> None:
    """The card of somebody who was erased: gone here and at the gateway."""
    saved_methods.remove_card(person_id=UUID(person_id), card_id=UUID(card_id))


@periodic("payments.bank_credits", seconds=30)
def run_bank_credits(job: JobContext) -> dict[str, int]:
    """Take in what came in at the bank."""
    return {"new": bank_credits.poll()}


@periodic("payments.probe_providers", seconds=15)
def run_probe(job: JobContext) -> dict[str, int]:
    """Ask providers that were away whether they are back."""
    return {"asked": probe.probe_away()}


@periodic("payments.warn_of_lapses", seconds=300)
def run_warn(job: JobContext) -> dict[str, int]:
    """Tell merchants of authorisations that are about to lapse."""
    return {"warned": capture_intent.warn_of_lapses()}


@job("payments.return_deposits")
def return_deposits(
    job: JobContext, merchant_id: str, reference: str, keep: list[str]
) -> dict[str, int]:
    """Give the losers of a matter their deposits back."""
    returned = deposits.return_held(
        job, merchant_id=UUID(merchant_id), reference=reference, keep=[UUID(one) for one in keep]
    )
    return {"returned": returned}


@job("payments.refresh_dispute")
def refresh_dispute(job: JobContext, gateway_id: str) -> None:
    """The gateway told of a chargeback: ask how it stands."""
    chargebacks.refresh(gateway_id)


@job("payments.send_evidence")
def send_evidence(job: JobContext, dispute_id: str) -> None:
    """Hand a merchant's answer to a chargeback to the gateway."""
    chargebacks.send_evidence(UUID(dispute_id))


@periodic("payments.payout_plans", seconds=60)
def run_plans(job: JobContext) -> dict[str, int]:
    """Pay merchants out by their plans, and take what they owe from what they have."""
    return {"payouts": plans.run_due(), "recovered": debts.recover()}


@periodic("payments.instalments", seconds=60)
def run_instalments(job: JobContext) -> dict[str, int]:
    """Remind of instalments, and end plans that aren't paid."""
    return instalments.look()


@periodic("payments.fee_invoices", seconds=3600)
def run_invoices(job: JobContext) -> dict[str, int]:
    """Write last month's invoices of fees."""
    return {"issued": fee_invoices.issue_due()}


@periodic("payments.disputes", seconds=60)
def run_disputes(job: JobContext) -> dict[str, int]:
    """Complaints that weren't answered in time go on to the decision."""
    return {"passed": disputes.pass_overdue()}


@periodic("payments.reconcile", seconds=15)
def run_reconcile(job: JobContext) -> dict[str, int]:
    """Finish what is in flight."""
    return reconcile.reconcile()


@periodic("payments.release_due", seconds=5)
def run_release(job: JobContext) -> dict[str, int]:
    """Make merchants' shares available when their time has come."""
    released = 0
    while count := availability.release_due():
        released += count
    return {"released": released}


@periodic("payments.reserves", seconds=60)
def run_reserves(job: JobContext) -> dict[str, int]:
    """Give back what was kept of merchants' money long enough."""
    ended = 0
    while count := reserves.give_back_due():
        ended += count
    return {"ended": ended}


@periodic("payments.ledger_expiry", seconds=60)
def run_expiry(job: JobContext) -> dict[str, int]:
    """Give back what expired pending transfers hold."""
    expired = 0
    while count := expire_due():
        expired += count
    return {"expired": expired}


@periodic("payments.ledger_chain", seconds=60)
def run_chain(job: JobContext) -> dict[str, int]:
    """Chain the transfers that have settled."""
    return {"added": extend_ledger_chain()}


@periodic("payments.ledger_watch", seconds=300)
def run_watch(job: JobContext) -> dict[str, bool]:
    """Sums of zero, a chain that keeps up; alarms tell what isn't so."""
    return {"sums_wrong": watch.check_sums(), "chain_behind": watch.check_chain()}


@periodic("payments.ledger_recount", seconds=6 * 3600)
def run_recount(job: JobContext) -> dict[str, bool]:
    """Every counter from its transfers, every link of the chain."""
    return {"wrong": watch.recount()}


@periodic("payments.forget_events", seconds=3600)
def run_forget(job: JobContext) -> dict[str, Any]:
    """Drop old marks of gateway events."""
    return {"deleted": reconcile.forget_events()}


@periodic("payments.reconcile_days", seconds=900)
def run_reconcile_days(job: JobContext) -> dict[str, int]:
    """Fetch the statements of days that have ended, and compare them with the ledger."""
    return compare.run_due()
