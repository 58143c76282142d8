"""Jobs: each parses and makes one service call."""

from typing import Any
from uuid import UUID

from kernel.jobs import JobContext, job, periodic
from payments.ledger.chain import extend_ledger_chain
from payments.ledger.expiry import expire_due
from payments.services import availability, payout, reconcile


@job("payments.send_payout")
def send_payout(job: JobContext, payout_id: str) -> None:
    """Carry a payout to the bank."""
    payout.send_payout(payout_id=UUID(payout_id))


@job("payments.refresh_intent")
def refresh_intent(job: JobContext, intent_id: str) -> None:
    """An event said that something changed: ask what."""
    reconcile.refresh_intent(UUID(intent_id))


@job("payments.refresh_refund")
def refresh_refund(job: JobContext, refund_id: str) -> None:
    """An event said that something changed: ask what."""
    reconcile.refresh_refund(UUID(refund_id))


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


@periodic("payments.ledger_expiry", seconds=60)
def run_expiry(job: JobContext) -> dict[str, int]:
    """Give back what expired pending transfers hold."""
    return {"expired": expire_due()}


@periodic("payments.ledger_chain", seconds=60)
def run_chain(job: JobContext) -> dict[str, int]:
    """Chain the transfers that have settled."""
    return {"added": extend_ledger_chain()}


@periodic("payments.forget_events", seconds=3600)
def run_forget(job: JobContext) -> dict[str, Any]:
    """Drop old marks of gateway events."""
    return {"deleted": reconcile.forget_events()}
