"""Escrow as people and machines use it: open, deliver, accept, inspect."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, gathered, jobs, outbox
from kernel.errors import Invalid
from kernel.money import Money
from kernel.transactions import together
from payments import events_guarantee as events
from payments import locks
from payments.contracts import CARD, RefundShare, Share
from payments.contracts_guarantee import Acceptance, EscrowInfo, EscrowState, Split, SplitKind
from payments.domain.splitting import part_of
from payments.errors import ExternalIdTaken
from payments.errors_guarantee import (
    EscrowFrozen,
    EscrowHeldBack,
    EscrowNotHeld,
    InspectionGiven,
    InvalidSplit,
)
from payments.models import Escrow, EscrowSplit, IntentShare, PaymentIntent
from payments.selectors.escrow import escrow_info
from payments.services.availability import release
from payments.services.create_intent import create_intent
from payments.services.rates import commission_for
from payments.services.refund import prepare_refund
from platforms import facade as platforms

HOLD, REFUND = "hold", "refund"


def open_escrow(
    *,
    key: UUID,
    merchant_id: UUID,
    reference: str,
    amount: Money,
    accept: str = Acceptance.BUYER,
    release_days: int | None = None,
    splits: Sequence[Split] = (),
    payment_method_types: Iterable[str] = (CARD,),
    description: str = "",
    payer_id: UUID | None = None,
    category: str = "",
    commission: Money | None = None,
    token: str = "",
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> EscrowInfo:
    """A payment whose money is kept until acceptance, for an order known to the caller alone.

    Confirm the payment like any other. The first answer holds the buyer's secret for ``accept``.
    ``release_days`` None: the platform's; ``commission`` None: by the rules. Raises
    InvalidSplit, KeyReused, ExternalIdTaken, and what creating a payment raises.
    """
    if commission is None:
        found = commission_for(merchant_id=merchant_id, amount=amount, category=category)
        commission = found.amount
    _check(amount - commission, splits)
    with together():
        intent = create_intent(
            key=key,
            reference=reference,
            amount=amount,
            shares=[Share(merchant_id, reference, amount, commission)],
            payment_method_types=payment_method_types,
            description=description,
            merchant_id=merchant_id,
            payer_id=payer_id,
        )
        share = IntentShare.objects.get(intent_id=intent.id)
        token = token or secrets.token_urlsafe(24)
        known = Escrow.objects.filter(share=share).first()
        if known is not None:
            return escrow_info(known)
        row = Escrow(
            share=share, intent_id=intent.id, merchant_id=merchant_id, payer_id=payer_id,
            reference=reference,
            accept=Acceptance(accept),
            release_days=_days(release_days),
            token_digest=digest(token),
            external_id=external_id,
            metadata=dict(metadata or {}),
        )  # fmt: skip
        _write(row, splits)
        audit.record(
            action="payments.escrow.opened",
            target=row,
            after={"amount": amount, "reference": reference, "accept": accept},
        )
        return escrow_info(row, token=token)


def _days(given: int | None) -> int:
    return int(platforms.setting("payments", "release_days")) if given is None else given


def _write(row: Escrow, splits: Sequence[Split]) -> None:
    row.touch()
    gathered.forget(Escrow)
    Escrow.objects.bulk_create([row], ignore_conflicts=True)
    if not Escrow.objects.filter(id=row.id).exists():
        raise ExternalIdTaken(field="external_id")
    EscrowSplit.objects.bulk_create(
        EscrowSplit(
            escrow=row,
            place=place,
            kind=SplitKind(one.kind),
            name=one.name,
            payee_id=one.payee_id,
            amount=one.amount.amount,
        )
        for place, one in enumerate(splits)
    )


def deliver(*, escrow_id: UUID, at: datetime | None = None) -> EscrowInfo:
    """The goods reached the buyer (``at``, business time; now): unless an inspection has to
    release the money, it is released after the escrow's days. Told again: as it is.

    Raises NotFound, EscrowNotHeld, Invalid for a time to come.
    """
    with together():
        _intent, share, row = locks.escrow(escrow_id)
        now = clock.business()
        if at is not None and at > now:
            raise Invalid(_("A delivery lies in the past."), field="delivered_at")
        if row.delivered_at is not None:
            return escrow_info(row, share)
        _held(row, share)
        row.delivered_at = max(at or now, share.intent.captured_at or now)
        if row.accept != Acceptance.INSPECTION:
            share.available_at = row.delivered_at + timedelta(days=row.release_days)
            share.save(update_fields=["available_at"])
        row.save()
        outbox.append(
            events.EscrowDelivered(row.id, row.merchant_id, row.reference),
            aggregate=row,
            merchant_id=row.merchant_id,
        )
        return escrow_info(row, share)


def accept(
    *, escrow_id: UUID, amount: Money | None = None, before: int | None = None
) -> EscrowInfo:
    """The goods are accepted: all that is held is released, or ``amount`` of it for a part.

    ``before`` is what the caller saw as released: if it is more by now, nothing happens (a retry).
    Raises NotFound, EscrowFrozen, EscrowHeldBack, EscrowNotHeld, Invalid.
    """
    with together():
        _intent, share, row = locks.escrow(escrow_id)
        if before is not None and share.released > before:
            return escrow_info(row, share)
        if row.state == EscrowState.RELEASED and amount is None:
            return escrow_info(row, share)
        _held(row, share)
        _released_now(share)
        wanted = share.held if amount is None else amount.amount
        if amount is not None and amount.currency != share.currency:
            raise Invalid(_("It isn't in %(c)s.") % {"c": share.currency}, field="amount")
        if not 0 < wanted <= share.held:
            raise Invalid(
                _("Between the smallest unit and %(held)s.")
                % {"held": Money(share.held, share.currency)},
                field="amount",
            )
        if row.accepted_at is None:
            row.accepted_at = clock.business()
            row.save(update_fields=["accepted_at"])
        audit.record(
            action="payments.escrow.accepted",
            target=row,
            after={"amount": Money(wanted, share.currency)},
        )
        release([(share, wanted)])
        row.refresh_from_db()
        return escrow_info(row, share)


def inspected(
    *, escrow_id: UUID, report: str, released_share: Decimal, rest: str = HOLD
) -> EscrowInfo:
    """An inspection found ``released_share`` (0 to 1) of the goods as agreed: so much of the
    merchant's part is released in all; the ``rest`` stays held or is refunded.

    The same ``report`` again is the same result. Raises NotFound, EscrowFrozen, EscrowHeldBack when
    something were released, EscrowNotHeld, InspectionGiven, Invalid.
    """
    if not Decimal(0) <= released_share <= 1:
        raise Invalid(_("A share is from 0 to 1."), field="released_share")
    if rest not in (HOLD, REFUND):
        raise Invalid(_("hold or refund."), field="rest")
    with together():
        intent, share, row = locks.escrow(escrow_id)
        if row.inspection_report == report:
            if row.inspected != released_share.quantize(Decimal("0.000001")):
                raise InspectionGiven(field="report")
            return escrow_info(row, share)
        _held(row, share)
        row.inspected, row.inspection_report = released_share, report
        row.save(update_fields=["inspected", "inspection_report"])
        whole = share.net - share.taken
        now_due = max(0, part_of(whole=whole, share=released_share) - share.released)
        told = events.EscrowInspected(
            row.id, row.merchant_id, row.reference, report, str(released_share)
        )
        outbox.append(told, aggregate=row, merchant_id=row.merchant_id)
        audit.record(
            action="payments.escrow.inspected",
            target=row,
            after={"report": report, "released_share": str(released_share)},
        )
        if now_due:
            _released_now(share)
            release([(share, now_due)])
        if rest == REFUND and share.held:
            _give_rest_back(intent, share, uuid5(row.id, f"inspection:{report}"))
        row.refresh_from_db()
        return escrow_info(row)


def _give_rest_back(intent: PaymentIntent, share: IntentShare, key: UUID) -> None:
    """Refund what is still held, with the commission's part of it; a job carries it out."""
    gross, ours = _gross(share)
    refund = prepare_refund(
        key=key,
        intent_id=intent.id,
        shares=[
            RefundShare(
                share.merchant_id,
                share.reference,
                Money(gross, share.currency),
                Money(gross + ours - share.held, share.currency),
                Money(ours, share.currency),
            )
        ],
        reason="inspection",
    )
    jobs.enqueue("payments.refresh_refund", {"refund_id": str(refund.id)}, unique=str(refund.id))


def _gross(share: IntentShare) -> tuple[int, int]:
    """What is held together with the commission that was taken of it: the buyer's part and what
    the platform added. In proportion, but the buyer gets no more than what isn't refunded (returns
    may have given back less of the platform's part than that), and at least one unit."""
    net = share.net
    if not net:
        return share.held, 0
    rest = Decimal(share.held) / net
    left = share.commission - share.commission_refunded
    whole = share.held + min(left, part_of(whole=share.commission, share=rest))
    ours = min(share.subsidy - share.subsidy_refunded, part_of(whole=share.subsidy, share=rest))
    buyer = min(max(1, whole - ours), share.amount - share.refunded)
    return buyer, whole - buyer


def digest(token: str) -> str:
    """How a buyer's secret is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def _held(row: Escrow, share: IntentShare) -> None:
    """Raises EscrowFrozen, EscrowNotHeld."""
    if row.state == EscrowState.FROZEN or share.freezes:
        raise EscrowFrozen(state=str(row.state))
    if row.state != EscrowState.HELD or not share.held:
        raise EscrowNotHeld(state=str(row.state))


def _released_now(share: IntentShare) -> None:
    """Raises EscrowHeldBack."""
    if share.held_until is not None and share.held_until > clock.business():
        raise EscrowHeldBack(held_until=share.held_until)


def _check(net: Money, splits: Sequence[Split]) -> None:
    for place, one in enumerate(splits):
        here = f"splits.{place}"
        if one.amount.currency != net.currency:
            raise InvalidSplit(_("It isn't in %(c)s.") % {"c": net.currency}, field=here)
        if one.amount.amount <= 0:
            raise InvalidSplit(_("A part is more than nothing."), field=f"{here}.amount")
        if one.payee_id is not None:
            platforms.merchant(one.payee_id)
    if sum(one.amount.amount for one in splits) > net.amount:
        raise InvalidSplit(_("Together at most %(net)s.") % {"net": net}, field="splits")
