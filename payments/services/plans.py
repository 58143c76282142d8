"""Payouts by plan: when, how much, and what follows when the bank refuses."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, outbox, tenancy
from kernel.errors import Conflict, DomainError, Invalid
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from kernel.transactions import together
from payments import events_guarantee as events
from payments import ledger
from payments.contracts_terms import Interval, PlanInfo, UpcomingPlan
from payments.domain.chart import Code
from payments.domain.postings import Book
from payments.domain.schedule import next_run
from payments.models import LedgerTransfer, Payout, PayoutPlan
from platforms import facade as platforms

log = logging.getLogger("quancheng.payments")
BATCH = 100
TRIES = 3
AGAIN = frozenset({"bank_unavailable", "processing_error", "timeout", "insufficient_funds"})
ACCOUNT = "account"  # a pause that only another bank account ends
OPERATOR = "operator"  # the hold that an operator began, and ends; beside what the account says
FARTHEST = timedelta(days=366)


def set_plan(
    *,
    merchant_id: UUID,
    interval: str,
    day: int = 1,
    minimum: int = 0,
    hold_days: int = 0,
    valid_from: datetime | None = None,
) -> PlanInfo:
    """How the merchant is paid out from now on, or from ``valid_from`` (business time) on; either
    takes the place of what was to begin later. Raises Invalid, NotFound."""
    platforms.merchant(merchant_id)
    now = clock.business()
    _check(interval, day, minimum, hold_days)
    if valid_from is not None and not now < valid_from <= now + FARTHEST:
        raise Invalid(_("In the future, within a year; empty: now."), field="valid_from")
    wanted = {"interval": interval, "day": day, "minimum": minimum, "hold_days": hold_days}
    with together():
        row = plan_row(merchant_id)
        before = {name: getattr(row, name) for name in wanted}
        row.upcoming, row.upcoming_from = (wanted, valid_from) if valid_from else ({}, None)
        if valid_from is None:
            _apply(row, wanted)
        row.save()
        audit.record(
            action="payments.payout_plan.changed",
            target=row,
            before={**before, "interval": str(row.interval) if valid_from else before["interval"]},
            after={**wanted, "valid_from": valid_from},
        )
        return plan_info(row)


def apply_due() -> int:
    """Let the plans begin whose day has come; how many."""
    now = clock.business()
    with together():
        rows = PayoutPlan.objects.select_for_update(skip_locked=True)
        due = list(rows.filter(upcoming_from__lte=now).order_by("upcoming_from", "id")[:BATCH])
        for row in due:
            _apply(row, row.upcoming)
            row.upcoming, row.upcoming_from = {}, None
            row.save()
            audit.record(
                action="payments.payout_plan.began",
                target=row,
                after={"interval": str(row.interval), "minimum": row.minimum},
            )
        return len(due)


def hold_payouts(*, merchant_id: UUID, until: datetime | None = None, reason: str) -> PlanInfo:
    """An operator holds a merchant's payouts, also those that it asks for, ``until`` a business
    time or until the hold is ended. Raises Invalid, NotFound."""
    platforms.merchant(merchant_id)
    text = reason.strip()
    if not 1 <= len(text) <= 200:
        raise Invalid(_("Say why, in at most 200 characters."), field="reason")
    if until is not None and until <= clock.business():
        raise Invalid(_("It ends in the future; empty: when you end it."), field="until")
    with together():
        row = plan_row(merchant_id)
        row.held, row.held_until = True, until
        row.save()
        audit.record(
            action="payments.payout_plan.held",
            target=row,
            after={"until": until, "reason": text},
            texts={"reason"},
        )
        return plan_info(row)


def resume_payouts(*, merchant_id: UUID) -> PlanInfo:
    """End an operator's hold; what the bank account asks for stays. Raises Conflict when only
    another bank account, or time, ends the rest."""
    with together():
        row = plan_row(merchant_id)
        if row.held:
            row.held, row.held_until = False, None
            row.save()
            audit.record(action="payments.payout_plan.resumed", target=row)
        elif resting(row):
            raise Conflict(_("The payouts rest because of the bank account, not by an operator."))
        return plan_info(row)


def plan(*, merchant_id: UUID) -> PlanInfo:
    """The merchant's plan; payouts when asked for, if none was made."""
    found = PayoutPlan.objects.filter(merchant_id=merchant_id).first()
    return plan_info(found or PayoutPlan(merchant_id=merchant_id))


def plans_page(
    *, order: tuple[str, ...] = ("-id",), cursor: str | None = None, limit: int = 20
) -> PageOf[PlanInfo]:
    """The plans that were made, of all merchants."""
    rows = PayoutPlan.objects.all()
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(plan_info)


def plan_row(merchant_id: UUID) -> PayoutPlan:
    """The plan, locked; made if there is none."""
    fresh = PayoutPlan(merchant_id=merchant_id)
    fresh.touch()
    PayoutPlan.objects.bulk_create([fresh], ignore_conflicts=True)
    return PayoutPlan.objects.select_for_update().get(merchant_id=merchant_id)


def resting(row: PayoutPlan) -> tuple[str, datetime | None] | None:
    """Why nothing may be paid out now, and until when: an operator's hold, else the account's
    rest; None when it may."""
    now = clock.business()
    for reason, until in (
        (OPERATOR if row.held else "", row.held_until),
        (row.pause, row.paused_until),
    ):
        if reason and (until is None or until > now):
            return reason, until
    return None


def paused(merchant_id: UUID) -> tuple[str, datetime | None] | None:
    """``resting`` of the merchant's plan."""
    row = PayoutPlan.objects.filter(merchant_id=merchant_id).first()
    return resting(row) if row else None


def run_due() -> int:
    """Pay out by every plan whose time has come; how many payouts. Each in its own transaction."""
    apply_due()
    now = clock.business()
    due = PayoutPlan.objects.filter(next_run_at__lte=now).order_by("next_run_at", "id")
    done = 0
    for merchant_id in due.values_list("merchant_id", flat=True)[:BATCH]:
        try:
            done += _run(merchant_id, now)
        except DomainError as error:
            log.warning("payments: no payout for %s: %s", merchant_id, error.code)
    return done


def failed(row: Payout) -> None:
    """The bank refused a payout, and the money is available again: once more tomorrow if that may
    help, else nothing is paid out until the merchant has another account."""
    found = plan_row(row.merchant_id)
    found.failures += 1
    if row.failure_code in AGAIN and found.failures < TRIES:
        if found.interval != Interval.MANUAL:
            found.next_run_at = clock.business() + timedelta(days=1)
    elif row.failure_code not in AGAIN:
        found.pause, found.paused_until = ACCOUNT, None
        outbox.append(
            events.PayoutsPaused(row.merchant_id, row.failure_code),
            aggregate=found,
            merchant_id=row.merchant_id,
        )
    found.save()


def succeeded(merchant_id: UUID) -> None:
    """A payout arrived: failures are forgotten."""
    PayoutPlan.objects.filter(merchant_id=merchant_id, failures__gt=0).update(failures=0)


def hold(merchant_id: UUID) -> None:
    """The bank account was changed: payouts rest for the platform's days."""
    days = int(platforms.setting("payments", "payout_hold_days"))
    row = plan_row(merchant_id)
    row.pause = "changed_account" if days else ""
    row.paused_until = clock.business() + timedelta(days=days) if days else None
    row.failures = 0
    row.save()


def _run(merchant_id: UUID, now: datetime) -> int:
    from payments.services.payout import create_payout

    with together():
        row = plan_row(merchant_id)
        if row.next_run_at is None or row.next_run_at > now:
            return 0
        at, row.next_run_at = row.next_run_at, _next(row)
        row.save()
        currency = platforms.get_platform().currency
        value = payable(merchant_id, currency, row.hold_days)
        least = max(row.minimum, int(platforms.setting("payments", "payout_minimum")))
        if value < least or resting(row):
            return 0
        create_payout(
            merchant_id=merchant_id,
            amount=Money(value, currency),
            key=uuid5(row.id, at.isoformat()),
        )
        return 1


def payable(merchant_id: UUID, currency: str, hold_days: int) -> int:
    """What is available and has been so for ``hold_days`` (business time), in minor units."""
    book = Book(tenancy.current_id(), currency)
    account = book.of(Code.MERCHANT_AVAILABLE, merchant_id)
    ledger.lock_accounts([account, book.of(Code.MERCHANT_TRANSIT, merchant_id)])
    value = ledger.account_balances([account])[account.id]
    if hold_days:
        fresh = LedgerTransfer.objects.filter(
            credit_id=account.id,
            code__in=("release", "split_received", "deposit_received"),
            business_at__gt=clock.business() - timedelta(days=hold_days),
        ).aggregate(sum=Sum("amount"))["sum"]
        value -= fresh or 0
    return max(0, value)


def _check(interval: str, day: int, minimum: int, hold_days: int) -> None:
    if interval not in Interval.values:
        raise Invalid(_("manual, daily, weekly or monthly."), field="interval")
    most = 7 if interval == Interval.WEEKLY else 28
    if not 1 <= day <= most:
        raise Invalid(_("From 1 to %(most)s.") % {"most": most}, field="day")
    if not 0 <= hold_days <= 90:
        raise Invalid(_("From 0 to 90 days."), field="hold_days")
    if minimum < 0:
        raise Invalid(_("Nothing or more."), field="minimum")


def _apply(row: PayoutPlan, wanted: Mapping[str, Any]) -> None:
    row.interval, row.day = Interval(wanted["interval"]), wanted["day"]
    row.minimum, row.hold_days = wanted["minimum"], wanted["hold_days"]
    row.next_run_at = _next(row)


def _next(row: PayoutPlan) -> datetime | None:
    return next_run(
        interval=str(row.interval),
        day=row.day,
        after=clock.business(),
        zone=timezone.get_default_timezone(),
    )


def plan_info(row: PayoutPlan) -> PlanInfo:
    """The contract of a row."""
    pause, until = resting(row) or ("", None)
    currency = platforms.get_platform().currency
    upcoming = None
    if row.upcoming_from is not None:
        later = {**row.upcoming, "minimum": Money(row.upcoming["minimum"], currency)}
        upcoming = UpcomingPlan(valid_from=row.upcoming_from, **later)
    return PlanInfo(
        merchant_id=row.merchant_id,
        interval=str(row.interval),
        day=row.day,
        minimum=Money(row.minimum, currency),
        hold_days=row.hold_days,
        next_run_at=row.next_run_at,
        paused_until=until,
        pause=pause,
        failures=row.failures,
        version=row.version,
        upcoming=upcoming,
    )
