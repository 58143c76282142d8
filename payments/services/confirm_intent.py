"""Collect an intent's money, in three parts."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import InvalidTransition
from kernel.failpoints import hit
from kernel.transactions import together
from payments import locks, selectors
from payments.contracts import (
    ALIPAY,
    BY_ATTEMPT,
    CANCELED,
    CARD,
    IDLE,
    IN_HOUSE,
    REJECTED,
    REQUIRES_ACTION,
    UNKNOWN,
    WECHAT,
    AttemptState,
    IntentInfo,
    IntentState,
    Outcome,
)
from payments.errors import TooLateToPay
from payments.models import ATTEMPTS, INTENTS, Attempt, PaymentIntent
from payments.services import gateway_account, methods
from payments.services.checks import is_stale, next_check
from payments.services.saved_methods import token_of
from payments.services.settle_intent import OWN, in_flight, settle

_BEGUN = (
    "state", "gateway", "gateway_id", "failure_code", "failure_message", "redirect_url", "qr",
    "checks", "next_check_at",
)  # fmt: skip


def prepare_confirm(
    *,
    intent_id: UUID,
    payment_method: str,
    return_url: str = "",
    key: UUID | None = None,
    save_card: bool = False,
) -> None:
    """Commit that the gateway is about to be asked; in the caller's transaction, nothing outside.

    ``payment_method`` is ``alipay``, ``wechat``, ``bank_transfer``, ``wallet``, ``offline_test``, a
    card's token or a saved card's id. The same ``key``, or the same method while an attempt is in
    flight, goes on with that attempt; another method leaves one that waits for the buyer.
    ``save_card``: the payer agreed to have the card kept. Raises InvalidTransition,
    InvalidPaymentMethod, GatewayNotConfigured, ProviderUnavailable, TooLateToPay.
    """
    with together():
        intent, attempts = locks.intent_with_attempts(intent_id)
        if key and any(one.key == key for one in attempts):
            return
        if payment_method.startswith("spm_"):
            payment_method = token_of(person_id=intent.payer_id, method=payment_method)
        flying = None
        if intent.state in (IntentState.PROCESSING, IntentState.REQUIRES_ACTION):
            flying = in_flight(attempts)
            if flying and flying.payment_method == payment_method:
                return
        if intent.cancel_requested:
            raise InvalidTransition(_("It is being cancelled."), state=intent.state, allowed=[])
        if intent.pay_by and clock.business() >= intent.pay_by:
            raise TooLateToPay
        kind = methods.check(intent, payment_method)
        if flying is not None and _may_leave(intent):
            leave(flying)
        elif intent.state != IntentState.REQUIRES_PAYMENT_METHOD:
            raise InvalidTransition(
                _("It is %(state)s.") % {"state": intent.get_state_display()},
                state=intent.state,
                allowed=[],
            )
        attempt = ATTEMPTS.new(
            intent=intent,
            key=key,
            payment_method=payment_method,
            gateway=kind,
            save_card=save_card and kind == CARD and intent.payer_id is not None,
            return_url=return_url,
            created_at=clock.system(),
        )
        attempt.provider_id = _number(intent, attempt, attempts)
        _begin(intent, attempt)
        ATTEMPTS.insert([attempt])
        attempts.append(attempt)


def _begin(intent: PaymentIntent, attempt: Attempt) -> None:
    if intent.state != IntentState.PROCESSING:
        intent.move(IntentState.PROCESSING, action="payments.intent.confirmed")
    intent.gateway, intent.gateway_id = attempt.gateway, attempt.provider_id
    intent.failure_code = intent.failure_message = intent.redirect_url = intent.qr = ""
    intent.checks = 0
    intent.next_check_at = next_check(0)
    INTENTS.update(intent, *_BEGUN)


def _may_leave(intent: PaymentIntent) -> bool:
    """Whether the buyer may turn to another way to pay: while the present one waits for the buyer.
    A card that is being charged has to be waited for."""
    return intent.state == IntentState.REQUIRES_ACTION or intent.gateway in BY_ATTEMPT


def leave(attempt: Attempt) -> None:
    """Leave an attempt for another way to pay. It is closed at its gateway soon; if it is charged
    before that and another one was faster, its charge is given back."""
    attempt.state, attempt.ended_at = AttemptState.LEFT, clock.system()
    attempt.next_check_at = clock.system()
    attempt.save()


def close_left(*, attempt_id: UUID) -> None:
    """Close an attempt that was left, at its gateway; no transaction open."""
    attempt = Attempt.objects.get(id=attempt_id)
    if attempt.state != AttemptState.LEFT:
        return
    if attempt.gateway in IN_HOUSE or not attempt.provider_id:
        outcome = Outcome(CANCELED)
    else:
        outcome = gateway_account.gateway_for(attempt.gateway).cancel(attempt.provider_id)
    with together():
        intent = locks.intent(attempt.intent_id)
        settle(intent, replace(outcome, attempt=str(attempt.id)))


def _number(intent: PaymentIntent, attempt: Attempt, earlier: Sequence[Attempt]) -> str | None:
    """What the gateway calls the payment, if that is known before it is asked: a number of our
    own, or a card payment that was declined before and can be tried again."""
    if attempt.gateway in (ALIPAY, WECHAT):
        return attempt.id.hex
    if attempt.gateway != CARD:
        return None
    last = next((one for one in reversed(earlier) if one.gateway == CARD), None)
    if last is None:  # made before attempts knew their gateway
        return intent.gateway_id if intent.gateway == CARD else None
    return last.provider_id if last.state == AttemptState.FAILED else None


def perform_confirm(*, intent_id: UUID) -> Outcome:
    """Ask the gateway to collect. May be called again after a crash: it goes on with the same
    attempt; one so old that the gateway may have forgotten its key is only asked for. An intent
    that isn't in flight answers with its own state."""
    intent, attempt, attempts = _in_flight(intent_id)
    if attempt is None or intent.cancel_requested:
        return own_outcome(intent)
    gateway = gateway_account.gateway_for(intent.gateway)
    charge = selectors.charge(intent, attempt, attempts)
    if charge.provider_id and is_stale(attempt.created_at):
        return replace(gateway.find(charge.provider_id), attempt=str(attempt.id))
    if intent.gateway not in IN_HOUSE and not charge.provider_id:
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
    carried out, and we hear of it, or it is carried out now. One that is to be cancelled is only
    asked for: it mustn't be carried out any more.
    """
    intent, attempt, attempts = _in_flight(intent_id)
    if intent.state == IntentState.REQUIRES_CAPTURE and intent.gateway_id:
        return gateway_account.gateway_for(intent.gateway).find(intent.gateway_id)
    if attempt is None:
        return own_outcome(intent)
    if intent.gateway in IN_HOUSE or not intent.gateway_id:
        return perform_confirm(intent_id=intent_id)
    gateway = gateway_account.gateway_for(intent.gateway)
    unanswered = attempt.answered_at is None and not is_stale(attempt.created_at)
    if unanswered and not intent.cancel_requested:
        outcome = gateway.confirm(selectors.charge(intent, attempt, attempts))
        if outcome.status not in (REQUIRES_ACTION, IDLE) or intent.gateway in BY_ATTEMPT:
            return replace(outcome, attempt=str(attempt.id))
    return replace(gateway.find(intent.gateway_id), attempt=str(attempt.id))


def record_confirm(*, intent_id: UUID, outcome: Outcome) -> IntentInfo:
    """Commit what was answered: a capture is booked in the ledger exactly once, whoever brings the
    news first."""
    with together():
        intent, attempts, shares = locks.payment(intent_id)
        settle(intent, outcome, attempts, shares)
        return selectors.intent_info(intent, shares)


def confirm_intent(
    *,
    intent_id: UUID,
    payment_method: str,
    return_url: str = "",
    key: UUID | None = None,
    save_card: bool = False,
) -> IntentInfo:
    """All three parts; the caller has no transaction open."""
    prepare_confirm(
        intent_id=intent_id,
        payment_method=payment_method,
        return_url=return_url,
        key=key,
        save_card=save_card,
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
        IntentState.REQUIRES_CAPTURE: "authorized",
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
        attempt=OWN,
    )


def _in_flight(intent_id: UUID) -> tuple[PaymentIntent, Attempt | None, list[Attempt]]:
    intent, attempts = selectors.intent_with_attempts(intent_id)
    if intent.state not in (IntentState.PROCESSING, IntentState.REQUIRES_ACTION):
        return intent, None, attempts
    return intent, in_flight(attempts), attempts


def _keep(intent_id: UUID, attempt_id: UUID, provider_id: str) -> bool:
    """Commit the gateway's id before any money moves; False if the attempt is over meanwhile."""
    with together():
        intent, attempts = locks.intent_with_attempts(intent_id)
        if intent.gateway_id:
            return intent.gateway_id == provider_id
        attempt = in_flight(attempts)
        if intent.cancel_requested or attempt is None or attempt.id != attempt_id:
            return False
        intent.gateway_id = attempt.provider_id = provider_id
        INTENTS.update(intent, "gateway_id")
        ATTEMPTS.update(attempt, "provider_id")
        return True
