"""One order paid in several payments: planned, reminded of, completed or defaulted."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, jobs, outbox
from kernel.errors import Invalid, NotFound
from kernel.money import Money, total
from kernel.pagination import PageOf, keyset
from kernel.statements import Columns
from kernel.transactions import together
from payments import events_guarantee as events
from payments import locks
from payments.contracts import CARD, IntentState, RefundShare
from payments.contracts_guarantee import Acceptance, EscrowInfo, EscrowState
from payments.contracts_instalments import (
    InstalmentInfo,
    InstalmentPlanInfo,
    OnDefault,
    PlanState,
)
from payments.errors import ExternalIdTaken, KeyReused
from payments.models import Instalment, InstalmentPlan, PaymentIntent
from payments.services import instalment_terms
from payments.services.cancel_intent import prepare_cancel
from payments.services.guarantee import accept, open_escrow
from payments.services.rates import commission_for
from payments.services.refund import prepare_refund

_PLANS = Columns(Instalment, "plan_id")
BATCH = 100
MOST = 36
LAST = timedelta(days=5 * 366)


def open_plan(
    *,
    key: UUID,
    merchant_id: UUID,
    reference: str,
    amount: Money,
    parts: Sequence[tuple[Money, datetime]],
    on_default: str = OnDefault.KEEP,
    grace_days: int = 3,
    remind_days: int = 3,
    accept_by: str = Acceptance.BUYER,
    payment_method_types: Iterable[str] = (CARD,),
    category: str = "",
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> InstalmentPlanInfo:
    """A payment for each part (amount, due at, business time), each kept in an escrow.

    The commission on the whole is spread over the parts to the fen. The answer has the buyer's
    secret for accepting, for all of them. The same ``key`` is the same plan. Raises Invalid,
    KeyReused, ExternalIdTaken.
    """
    _check(key, amount, parts, grace_days)
    commission = commission_for(merchant_id=merchant_id, amount=amount, category=category).amount
    shares = commission.allocate([Decimal(part.amount) for part, _due in parts])
    token = secrets.token_urlsafe(24)
    with together():
        row = InstalmentPlan(
            key=key,
            merchant_id=merchant_id,
            reference=reference,
            amount=amount.amount,
            currency=amount.currency,
            on_default=OnDefault(on_default),
            grace_days=grace_days,
            remind_days=remind_days,
            external_id=external_id,
            metadata=dict(metadata or {}),
        )
        row.touch()
        InstalmentPlan.objects.bulk_create([row], ignore_conflicts=True)
        if not InstalmentPlan.objects.filter(id=row.id).exists():
            return _known(key, reference, amount)
        for place, (part, due_at) in enumerate(parts):
            escrow = open_escrow(
                key=uuid5(key, f"instalment:{place}"),
                merchant_id=merchant_id,
                reference=reference,
                amount=part,
                accept=accept_by,
                payment_method_types=payment_method_types,
                commission=shares[place],
                token=token,
            )
            _keep(row, escrow, place, due_at)
        audit.record(
            action="payments.instalment_plan.opened",
            target=row,
            after={"amount": amount, "reference": reference, "parts": len(parts)},
        )
        return plan_info(row, token=token)


def _keep(row: InstalmentPlan, escrow: EscrowInfo, place: int, due_at: datetime) -> None:
    Instalment(
        plan=row,
        escrow_id=escrow.id,
        intent_id=escrow.intent_id,
        place=place,
        amount=escrow.amount.amount,
        due_at=due_at,
    ).save(force_insert=True)


def paid(intent_id: UUID) -> None:
    """A payment arrived: the instalment, if it is one, is paid; after the last the plan is over."""
    found = _PLANS.one("intent_id = %s LIMIT 1", [intent_id])
    if found is None:
        return
    with together():
        row = _locked(found["plan_id"])
        intent = PaymentIntent.objects.get(id=intent_id)
        Instalment.objects.filter(intent_id=intent_id, paid_at__isnull=True).update(
            paid_at=intent.captured_at or clock.business(), open=False
        )
        left = Instalment.objects.filter(plan=row, paid_at__isnull=True).exists()
        if row.state == PlanState.ACTIVE and not left:
            _move(row, PlanState.COMPLETED)


def look() -> dict[str, int]:
    """Remind of what is due soon, tell what is overdue, end plans whose grace is over; how many
    of each. Told once; to be repeated."""
    now = clock.business()
    due = Instalment.objects.filter(open=True, plan__state=PlanState.ACTIVE)
    soon = due.filter(reminded_at__isnull=True, due_at__lte=now + timedelta(days=90))
    done = {"reminded": 0, "overdue": 0, "defaulted": 0}
    for one in soon.select_related("plan").order_by("due_at")[:BATCH]:
        if one.due_at - timedelta(days=one.plan.remind_days) <= now:
            done["reminded"] += _note(one, "reminded_at", now, events.InstalmentDue)
    late = due.filter(overdue_at__isnull=True, due_at__lt=now).select_related("plan")
    for one in late.order_by("due_at")[:BATCH]:
        done["overdue"] += _note(one, "overdue_at", now, events.InstalmentOverdue)
    gone = due.filter(overdue_at__isnull=False).select_related("plan").order_by("due_at")
    over = {one.plan_id for one in gone if one.due_at + timedelta(days=one.plan.grace_days) <= now}
    for plan_id in sorted(over)[:BATCH]:
        done["defaulted"] += _default(plan_id)
    return done


def cancel_plan(*, plan_id: UUID) -> InstalmentPlanInfo:
    """Nothing more is to be paid; what was paid stays held, to be accepted or refunded. Cancelled
    before: as it is. Raises NotFound, InvalidTransition."""
    with together():
        row = _locked(plan_id)
        if row.state != PlanState.CANCELED:
            _move(row, PlanState.CANCELED)
            _end_unpaid(row)
        return plan_info(row)


def instalment_plan(*, plan_id: UUID) -> InstalmentPlanInfo:
    """One plan. Raises NotFound."""
    row = InstalmentPlan.objects.filter(id=plan_id).first()
    if row is None:
        raise NotFound
    return plan_info(row)


def instalment_plans_page(
    *,
    merchant_id: UUID | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[InstalmentPlanInfo]:
    """A merchant's plans, or all of the platform."""
    wanted = {"merchant_id": merchant_id, "state": state, "updated_at__gte": updated_since}
    rows = InstalmentPlan.objects.filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(plan_info)


def plan_info(row: InstalmentPlan, *, token: str = "") -> InstalmentPlanInfo:
    """The contract of a row."""
    parts = list(Instalment.objects.filter(plan_id=row.id).order_by("place"))

    def state(one: Instalment) -> str:
        if one.paid_at is not None:
            return "paid"
        if not one.open:
            return "ended"
        return "overdue" if one.overdue_at is not None else "due"

    return InstalmentPlanInfo(
        id=row.id,
        state=str(row.state),
        merchant_id=row.merchant_id,
        reference=row.reference,
        amount=Money(row.amount, row.currency),
        paid=Money(sum(one.amount for one in parts if one.paid_at), row.currency),
        on_default=row.on_default,
        grace_days=row.grace_days,
        remind_days=row.remind_days,
        instalments=tuple(
            InstalmentInfo(
                place=one.place,
                state=state(one),
                amount=Money(one.amount, row.currency),
                due_at=one.due_at,
                paid_at=one.paid_at,
                intent_id=one.intent_id,
                escrow_id=one.escrow_id,
            )
            for one in parts
        ),
        external_id=row.external_id,
        metadata=row.metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        token=token,
    )


def _default(plan_id: UUID) -> int:
    with together():
        row = _locked(plan_id)
        late = Instalment.objects.filter(plan=row, open=True, overdue_at__isnull=False)
        ids = list(late.values_list("intent_id", flat=True))
        captured = PaymentIntent.objects.filter(id__in=ids, state=IntentState.SUCCEEDED)
        if row.state != PlanState.ACTIVE or captured.exists():
            return 0  # paid meanwhile: the event is on its way
        _move(row, PlanState.DEFAULTED)
        _end_unpaid(row)
        for one in Instalment.objects.filter(plan=row, paid_at__isnull=False).order_by("place"):
            _give(row, one)
        return 1


def _give(row: InstalmentPlan, one: Instalment) -> None:
    intent, share, escrow = locks.escrow(one.escrow_id)
    if escrow.state != EscrowState.HELD:
        return
    if row.on_default == OnDefault.FORFEIT and share.held:
        accept(escrow_id=escrow.id)
    elif row.on_default == OnDefault.REFUND and share.amount > share.refunded:
        left = Money(share.amount - share.refunded, share.currency)
        refund = prepare_refund(
            key=uuid5(one.id, "default"),
            intent_id=intent.id,
            shares=[RefundShare(share.merchant_id, share.reference, left)],
            reason="instalments_not_paid",
        )
        jobs.enqueue("payments.refresh_refund", {"refund_id": str(refund.id)})


def _end_unpaid(row: InstalmentPlan) -> None:
    for one in Instalment.objects.filter(plan=row, paid_at__isnull=True).order_by("place"):
        intent = locks.intent(one.intent_id)
        if intent.state not in (IntentState.SUCCEEDED, IntentState.CANCELED):
            prepare_cancel(intent_id=intent.id)
            jobs.enqueue("payments.refresh_intent", {"intent_id": str(intent.id)})
    Instalment.objects.filter(plan=row, paid_at__isnull=True).update(open=False)


def _note(one: Instalment, field: str, now: datetime, kind: type[events.InstalmentDue]) -> int:
    with together():
        row = _locked(one.plan_id)
        fresh = Instalment.objects.filter(id=one.id, open=True, **{f"{field}__isnull": True})
        if not fresh.update(**{field: now}):
            return 0
        event = kind(
            row.id, row.merchant_id, row.reference, one.place, Money(one.amount, row.currency),
            one.due_at,
        )  # fmt: skip
        outbox.append(event, aggregate=row, merchant_id=row.merchant_id)
        return 1


def _move(row: InstalmentPlan, state: PlanState) -> None:
    row.move(state, action=f"payments.instalment_plan.{state}")
    row.save()
    outbox.append(
        events.InstalmentPlanEnded(row.id, row.merchant_id, row.reference, str(state)),
        aggregate=row,
        merchant_id=row.merchant_id,
    )


def _locked(plan_id: UUID) -> InstalmentPlan:
    row = InstalmentPlan.objects.select_for_update().filter(id=plan_id).first()
    if row is None:
        raise NotFound
    return row


def _known(key: UUID, reference: str, amount: Money) -> InstalmentPlanInfo:
    row = InstalmentPlan.objects.filter(key=key).first()
    if row is None:
        raise ExternalIdTaken(field="external_id")
    if (row.reference, row.amount, row.currency) != (reference, amount.amount, amount.currency):
        raise KeyReused
    return plan_info(row)


def _check(
    key: UUID, amount: Money, parts: Sequence[tuple[Money, datetime]], grace_days: int
) -> None:
    if not 2 <= len(parts) <= MOST:
        raise Invalid(_("From 2 to %(most)s instalments.") % {"most": MOST}, field="instalments")
    now, before = clock.business(), None
    for place, (part, due_at) in enumerate(parts):
        here = f"instalments.{place}"
        if part.currency != amount.currency or part.amount <= 0:
            raise Invalid(_("More than nothing, in the order's currency."), field=f"{here}.amount")
        if before is not None and due_at <= before:
            raise Invalid(_("Each is due after the one before."), field=f"{here}.due_at")
        if due_at > now + LAST or (place and due_at <= now):
            raise Invalid(_("In the future, within five years."), field=f"{here}.due_at")
        before = due_at
    if total((part for part, _due in parts), amount.currency) != amount:
        raise Invalid(_("They must sum to %(amount)s.") % {"amount": amount}, field="instalments")
    if not InstalmentPlan.objects.filter(key=key).exists():  # a retry isn't looked at anew
        instalment_terms.check(amount, parts, grace_days, first="instalments.0.amount")
