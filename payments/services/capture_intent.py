"""Take the money that was only authorised, all or a part, in three parts; warn before it lapses."""

from datetime import timedelta
from uuid import UUID

from kernel import audit, clock, outbox
from kernel.money import Money
from kernel.transactions import together
from payments import events, locks, selectors
from payments.contracts import CANCELED, REJECTED, IntentInfo, IntentState, Outcome
from payments.errors import NotCapturable
from payments.models import IntentShare, PaymentIntent
from payments.services import gateway_account
from payments.services.checks import next_check
from payments.services.settle_intent import settle

WARN = timedelta(hours=24)
BATCH = 100


def prepare_capture(*, intent_id: UUID, amount: Money | None = None) -> None:
    """Commit that so much is to be captured (everything, if no amount is given). The shares are
    cut in proportion, none below one unit; the rest of the authorisation is given up. Asked again
    with the same amount it goes on. Raises NotCapturable."""
    with together():
        intent = locks.intent(intent_id)
        wanted = Money(intent.amount, intent.currency) if amount is None else amount
        done = intent.state == IntentState.SUCCEEDED and intent.capture_requested
        if done and wanted == Money(intent.amount, intent.currency):
            return
        held, shares = intent.amount_authorized or 0, locks.shares(intent.id)
        if (
            intent.state != IntentState.REQUIRES_CAPTURE
            or intent.cancel_requested
            or wanted.currency != intent.currency
            or not len(shares) <= wanted.amount <= held
            or (intent.capture_requested and wanted.amount != intent.amount)
        ):
            open_ = intent.state == IntentState.REQUIRES_CAPTURE
            asked = intent.capture_requested
            least, most = (intent.amount,) * 2 if asked else (len(shares), held)
            raise NotCapturable(
                field="amount",
                state=intent.state,
                least=Money(least if open_ else 0, intent.currency).as_api(),
                capturable=Money(most if open_ else 0, intent.currency).as_api(),
            )
        if not intent.capture_requested:
            _cut(intent, shares, wanted)
            intent.capture_requested = True
            audit.record(
                action="payments.intent.capture_requested", target=intent, after={"amount": wanted}
            )
        intent.checks, intent.next_check_at = 0, next_check(0)
        intent.save()


def perform_capture(*, intent_id: UUID) -> Outcome:
    """Ask the gateway, outside of any transaction; repeatable."""
    intent = selectors.intent_row(intent_id)
    assert intent.gateway_id  # it was authorised there
    gateway = gateway_account.gateway_for(intent.gateway)
    if not intent.capture_requested or intent.state != IntentState.REQUIRES_CAPTURE:
        return gateway.find(intent.gateway_id)
    return gateway.capture(intent.gateway_id, Money(intent.amount, intent.currency))


def record_capture(*, intent_id: UUID, outcome: Outcome) -> IntentInfo:
    """Commit what came of it: captured, or lapsed meanwhile."""
    with together():
        intent = locks.intent(intent_id)
        if outcome.status == REJECTED:  # refused for good: the money can't be had any more
            outcome = Outcome(CANCELED, provider_id=intent.gateway_id or "", code=outcome.code)
        shares = settle(intent, outcome)
        return selectors.intent_info(intent, shares)


def capture_intent(*, intent_id: UUID, amount: Money | None = None) -> IntentInfo:
    """All three parts; the caller has no transaction open."""
    prepare_capture(intent_id=intent_id, amount=amount)
    outcome = perform_capture(intent_id=intent_id)
    return record_capture(intent_id=intent_id, outcome=outcome)


def warn_of_lapses() -> int:
    """Tell of authorisations that lapse within a day and aren't captured, each once; how many."""
    soon = PaymentIntent.objects.filter(
        state=IntentState.REQUIRES_CAPTURE,
        capture_before__lte=clock.system() + WARN,
        lapse_warned_at=None,
        capture_requested=False,
    )
    warned = 0
    for intent_id in list(soon.order_by("capture_before").values_list("id", flat=True)[:BATCH]):
        with together():
            intent = locks.intent(intent_id)
            if intent.state != IntentState.REQUIRES_CAPTURE or intent.lapse_warned_at:
                continue
            intent.lapse_warned_at = clock.system()
            intent.save(update_fields=["lapse_warned_at"])
            assert intent.capture_before is not None  # set with the state
            outbox.append(
                events.AuthorizationLapsing(
                    intent_id=intent.id,
                    reference=intent.reference,
                    amount=Money(intent.amount, intent.currency),
                    capture_before=intent.capture_before,
                ),
                aggregate=intent,
                merchant_id=intent.merchant_id,
            )
            warned += 1
    return warned


def _cut(intent: PaymentIntent, shares: list[IntentShare], wanted: Money) -> None:
    """Allocate what is captured to the shares, to the last unit, each with its commission and
    subsidy. What would be cut to nothing gets a unit of the largest part."""
    parts = [part.amount for part in wanted.allocate([share.amount for share in shares])]
    for place, part in enumerate(parts):
        if not part:
            parts[parts.index(max(parts))] -= 1
            parts[place] = 1
    for share, part in zip(shares, parts, strict=True):
        share.commission = share.commission * part // share.amount
        share.subsidy = share.subsidy * part // share.amount
        share.amount = part
    IntentShare.objects.bulk_update(shares, ["amount", "commission", "subsidy"])
    intent.amount = wanted.amount
