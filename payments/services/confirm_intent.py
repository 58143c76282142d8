"""Collect an intent's money, in three parts."""

from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import clock, tenancy
from kernel.errors import InvalidTransition
from kernel.failpoints import hit
from payments import locks, selectors
from payments.contracts import (
    CARD,
    IDLE,
    OFFLINE_TEST,
    REJECTED,
    REQUIRES_ACTION,
    UNKNOWN,
    AttemptState,
    IntentInfo,
    IntentState,
    Outcome,
)
from payments.errors import GatewayNotConfigured, InvalidPaymentMethod
from payments.models import Attempt, PaymentIntent
from payments.services import gateway_account
from payments.services.checks import is_stale, next_check
from payments.services.settle_intent import settle
from payments.services.together import together
from platforms import facade as platforms


def prepare_confirm(
    *, intent_id: UUID, payment_method: str, return_url: str = "", key: UUID | None = None
) -> None:
    """Commit that the gateway is about to be asked; in the caller's transaction, nothing outside.

    ``payment_method`` is ``offline_test`` or a card's token. The same ``key``, or the same method
    while an attempt is in flight, goes on with that attempt. Raises InvalidTransition,
    InvalidPaymentMethod, GatewayNotConfigured.
    """
    with together():
        intent = locks.intent(intent_id)
        if key and Attempt.objects.filter(intent=intent, key=key).exists():
            return
        if intent.state in (IntentState.PROCESSING, IntentState.REQUIRES_ACTION):
            flying = Attempt.objects.filter(intent=intent, state=AttemptState.IN_FLIGHT).first()
            if flying and flying.payment_method == payment_method:
                return
        if intent.cancel_requested:
            raise InvalidTransition(_("It is being cancelled."), state=intent.state, allowed=[])
        kind = _kind(intent, payment_method)
        if intent.state != IntentState.REQUIRES_PAYMENT_METHOD:
            raise InvalidTransition(
                _("It is %(state)s.") % {"state": intent.get_state_display()},
                state=intent.state,
                allowed=[],
            )
        intent.move(IntentState.PROCESSING, action="payments.intent.confirmed")
        intent.gateway = kind
        intent.failure_code = intent.failure_message = ""
        intent.checks = 0
        intent.next_check_at = next_check(0)
        intent.save()
        Attempt.objects.create(
            intent=intent,
            key=key,
            payment_method=payment_method,
            return_url=return_url,
            created_at=clock.system(),
        )


def perform_confirm(*, intent_id: UUID) -> Outcome:
    """Ask the gateway to collect. May be called again after a crash: it goes on with the same
    attempt; one so old that the gateway may have forgotten its key is only asked for. An intent
    that isn't in flight answers with its own state."""
    intent, attempt = _in_flight(intent_id)
    if attempt is None or intent.cancel_requested:
        return own_outcome(intent)
    gateway = gateway_account.gateway_for(intent.gateway)
    charge = selectors.charge(intent, attempt)
    if charge.provider_id and is_stale(attempt.created_at):
        return replace(gateway.find(charge.provider_id), attempt=str(attempt.id))
    if intent.gateway != OFFLINE_TEST and not charge.provider_id:
        created = gateway.create(charge)
        if created.status == UNKNOWN:
            return replace(created, attempt=str(attempt.id))
        if not created.provider_id:
            return replace(created, status=REJECTED, attempt=str(attempt.id))
        if not _keep(intent_id, attempt.id, created.provider_id):
            gateway.cancel(created.provider_id)  # nobody will ever confirm it
            return own_outcome(PaymentIntent.objects.get(id=intent_id))
        charge = replace(charge, provider_id=created.provider_id)
        hit("payments.confirm.after_create")
    return replace(gateway.confirm(charge), attempt=str(attempt.id))


def perform_query(*, intent_id: UUID) -> Outcome:
    """How the payment stands: by our own record if nothing is in flight, else by asking.

    An attempt that was never answered is confirmed once more under its own key: it was either
    carried out, and we hear of it, or it is carried out now.
    """
    intent, attempt = _in_flight(intent_id)
    if attempt is None:
        return own_outcome(intent)
    if intent.gateway == OFFLINE_TEST or not intent.gateway_id:
        return perform_confirm(intent_id=intent_id)
    gateway = gateway_account.gateway_for(intent.gateway)
    if attempt.answered_at is None and not is_stale(attempt.created_at):
        outcome = gateway.confirm(selectors.charge(intent, attempt))
        if outcome.status not in (REQUIRES_ACTION, IDLE):
            return replace(outcome, attempt=str(attempt.id))
    return replace(gateway.find(intent.gateway_id), attempt=str(attempt.id))


def record_confirm(*, intent_id: UUID, outcome: Outcome) -> IntentInfo:
    """Commit what was answered: a capture is booked in the ledger exactly once, whoever brings the
    news first."""
    with together():
        intent = locks.intent(intent_id)
        shares = settle(intent, outcome)
        return selectors.intent_info(intent, shares)


def confirm_intent(
    *, intent_id: UUID, payment_method: str, return_url: str = "", key: UUID | None = None
) -> IntentInfo:
    """All three parts; the caller has no transaction open."""
    prepare_confirm(
        intent_id=intent_id, payment_method=payment_method, return_url=return_url, key=key
    )
    hit("payments.confirm.before_call")
    outcome = perform_confirm(intent_id=intent_id)
    hit("payments.confirm.after_call")
    return record_confirm(intent_id=intent_id, outcome=outcome)


def refresh_intent(*, intent_id: UUID) -> IntentInfo:
    """Ask how an intent in flight stands, or for the fee of a captured one, and record it; the
    caller has no transaction open."""
    intent = selectors.intent_row(intent_id)
    if intent.state == IntentState.SUCCEEDED and intent.gateway_fee is None and intent.gateway_id:
        outcome = gateway_account.gateway_for(intent.gateway).find(intent.gateway_id)
    else:
        outcome = perform_query(intent_id=intent_id)
    return record_confirm(intent_id=intent_id, outcome=outcome)


def own_outcome(intent: PaymentIntent) -> Outcome:
    """What our own record says, in a gateway's words; recording it changes nothing."""
    status = {
        IntentState.SUCCEEDED: "succeeded",
        IntentState.CANCELED: "canceled",
        IntentState.REQUIRES_ACTION: "requires_action",
        IntentState.PROCESSING: "unknown",
        IntentState.REQUIRES_PAYMENT_METHOD: "declined",
    }[IntentState(intent.state)]
    return Outcome(
        status,
        provider_id=intent.gateway_id or "",
        amount=intent.amount,
        currency=intent.currency,
        redirect_url=intent.redirect_url,
        code=intent.failure_code,
        message=intent.failure_message,
        attempt="own record",
    )


def _in_flight(intent_id: UUID) -> tuple[PaymentIntent, Attempt | None]:
    intent = selectors.intent_row(intent_id)
    if intent.state not in (IntentState.PROCESSING, IntentState.REQUIRES_ACTION):
        return intent, None
    rows = Attempt.objects.filter(intent=intent, state=AttemptState.IN_FLIGHT)
    return intent, rows.first()


def _keep(intent_id: UUID, attempt_id: UUID, provider_id: str) -> bool:
    """Commit the gateway's id before any money moves; False if the attempt is over meanwhile."""
    with together():
        intent = locks.intent(intent_id)
        if intent.gateway_id:
            return intent.gateway_id == provider_id
        alive = Attempt.objects.filter(id=attempt_id, state=AttemptState.IN_FLIGHT).exists()
        if intent.cancel_requested or not alive:
            return False
        intent.gateway_id = provider_id
        intent.save(update_fields=["gateway_id"])
        return True


def _kind(intent: PaymentIntent, method: str) -> str:
    kind = OFFLINE_TEST if method == OFFLINE_TEST else CARD
    if kind not in intent.payment_method_types or not method:
        raise InvalidPaymentMethod(
            _("This payment takes %(types)s.") % {"types": ", ".join(intent.payment_method_types)},
            field="payment_method",
        )
    if kind == CARD and not gateway_account.is_configured():
        raise GatewayNotConfigured
    if kind == OFFLINE_TEST and intent.gateway_id:
        raise InvalidPaymentMethod(_("It was begun with a card."), field="payment_method")
    if kind == OFFLINE_TEST and (
        tenancy.current().live or not platforms.setting("payments", "offline_test")
    ):
        raise InvalidPaymentMethod(_("Test payments are off here."), field="payment_method")
    return kind
