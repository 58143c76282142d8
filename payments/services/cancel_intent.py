"""Give an intent up, in three parts."""

from uuid import UUID

from kernel.failpoints import hit
from kernel.transactions import together
from payments import locks, selectors
from payments.contracts import CANCELED, IN_HOUSE, IntentInfo, Outcome
from payments.services import gateway_account
from payments.services.checks import next_check
from payments.services.confirm_intent import own_outcome
from payments.services.settle_intent import FINAL, settle


def prepare_cancel(*, intent_id: UUID) -> None:
    """Commit that it shall be cancelled: from now on it can't be confirmed any more. Changes
    nothing on a final intent; the record then says how it ended."""
    with together():
        intent = locks.intent(intent_id)
        if intent.state in FINAL or intent.cancel_requested:
            return
        intent.cancel_requested = True
        intent.next_check_at = next_check(0)
        intent.save()


def perform_cancel(*, intent_id: UUID) -> Outcome:
    """Cancel at the gateway; if that comes too late, how the payment stands there."""
    intent = selectors.intent_row(intent_id)
    if intent.state in FINAL:
        return own_outcome(intent)
    if intent.gateway in IN_HOUSE or not intent.gateway_id:
        return Outcome(CANCELED)  # no gateway knows of it
    return gateway_account.gateway_for(intent.gateway).cancel(intent.gateway_id)


def record_cancel(*, intent_id: UUID, outcome: Outcome) -> IntentInfo:
    """Commit the outcome: cancelled, or captured if that was faster."""
    with together():
        intent = locks.intent(intent_id)
        came_too_late = outcome.status == CANCELED and not outcome.provider_id and intent.gateway_id
        if not came_too_late:  # else the gateway got to know it meanwhile: cancel again there
            settle(intent, outcome)
        return selectors.intent_info(intent)


def cancel_intent(*, intent_id: UUID) -> IntentInfo:
    """All three parts; the caller has no transaction open."""
    prepare_cancel(intent_id=intent_id)
    hit("payments.cancel.before_call")
    outcome = perform_cancel(intent_id=intent_id)
    hit("payments.cancel.after_call")
    return record_cancel(intent_id=intent_id, outcome=outcome)
