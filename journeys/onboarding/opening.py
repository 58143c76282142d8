"""Approved: the merchant may sell. Then its shop is set up, guided by a checklist: the account for
payouts, delivery, the first product; with all of them it is open."""

from uuid import UUID

from catalog import facade as catalog
from journeys.contracts_onboarding import ApplicationState, Checklist
from journeys.engine.definition import Done, Outcome, Run, Wait
from journeys.onboarding import records
from kernel import clock
from logistics import facade as logistics
from platforms import facade as platforms

S = ApplicationState


def approve(run: Run) -> None:
    row = records.locked(UUID(run.data["application_id"]))
    row.decided_at = clock.business()
    platforms.approve_merchant(merchant_id=records.shop_of(row))
    records.move(row, S.APPROVED, text=row.reason)


def look(run: Run) -> Outcome:
    row = records.locked(UUID(run.data["application_id"]))
    if not checklist(records.shop_of(row)).complete:
        return Wait()
    records.move(row, S.OPEN)
    return Done()


def checklist(merchant_id: UUID) -> Checklist:
    """What of the set-up is done."""
    return Checklist(
        account=platforms.payout_account(merchant_id) is not None,
        rates=bool(logistics.rates(merchant_id=merchant_id)),
        product=bool(
            catalog.products_page(merchant_id=merchant_id, state="published", limit=1).items
        ),
    )
