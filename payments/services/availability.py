"""When a merchant's share becomes available, and making it so."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.db.models import F, Q

from kernel import clock, outbox, tenancy
from kernel.money import Money
from kernel.outbox import AggregateRef
from kernel.transactions import together
from payments import events, ledger
from payments.domain.chart import Code
from payments.domain.postings import Book
from payments.domain.postings_guarantee import ReleasePosting, released
from payments.models import IntentShare, LedgerAccount, PaymentIntent, Reserve
from payments.services import escrows
from payments.services import reserves as reserves_
from platforms import facade as platforms

BATCH = 200


def schedule_availability(*, reference: str, available_at: datetime | None = None) -> int:
    """Name the business time at which the shares of ``reference`` (an order) become available:
    ``release_days`` after now if none is given. How many shares it concerns. What an inspection
    must release only learns that it was delivered.

    Shares already released, or scheduled before, stay as they are; so it may be repeated.
    """
    now = clock.business()
    rows = IntentShare.objects.filter(
        reference=reference, released_at__isnull=True, available_at__isnull=True
    )
    with together():
        found = set(rows.values_list("id", "intent_id"))
        if not found:
            return 0
        days = int(platforms.setting("payments", "release_days"))
        inspected = escrows.delivered({share for share, _intent in found}, now)
        ready = {share for share, _intent in found} - inspected
        _touch({intent for _share, intent in found})
        return rows.filter(id__in=ready).update(
            available_at=available_at or now + timedelta(days=days)
        )


def hold_back(*, reference: str, until: datetime | None) -> int:
    """What is still held of ``reference`` (an order) isn't released before ``until``, business
    time, though its days are over; None: those days alone count again. How many shares it concerns.
    Told again: as it is."""
    rows = IntentShare.objects.filter(reference=reference, released_at__isnull=True)
    here = Q(held_until__isnull=True) if until is None else Q(held_until=until)
    with together():
        found = rows.filter(captured=True).exclude(here)
        intents = set(found.values_list("intent_id", flat=True))
        if not intents:
            return 0
        _touch(intents)
        return rows.update(held_until=until)


def release_due(*, limit: int = BATCH) -> int:
    """Make available what is due on the business clock; how many shares. In one transaction."""
    with together():
        now = clock.business()
        shares = _due(now, limit)
        if shares:
            release([(share, share.held) for share in shares])
        return len(shares)


def release(wanted: Sequence[tuple[IntentShare, int]]) -> None:
    """Release so much of each locked share, in the caller's transaction: to the merchant, less
    what it owes and what is kept back, and to those it is split with. A share of which nothing is
    left is over."""
    now = clock.business()
    shares = [share for share, _amount in wanted]
    splits = escrows.splits_of(shares)
    owed = _owed(shares)
    percent = Decimal(str(platforms.setting("payments", "reserve_percent")))
    until = now + timedelta(days=int(platforms.setting("payments", "reserve_days")))
    transfers, facts, reserves = [], [], []
    for share, amount in wanted:
        before = share.released
        if amount:
            parts = escrows.divided(share, amount, splits.get(share.id, []))
            own = amount - sum(part.amount for part in parts)
            whose = (share.merchant_id, share.currency)
            recovered = min(own, owed.get(whose, 0))
            owed[whose] = owed.get(whose, 0) - recovered
            kept = Money(own - recovered, share.currency).percent(percent).amount
            if kept:
                reserves.append(_reserve(share, before, kept, until))
            transfers += released(
                Book(share.platform_id, share.currency),
                ReleasePosting(
                    share_id=share.id,
                    intent_id=share.intent_id,
                    merchant_id=share.merchant_id,
                    reference=share.reference,
                    amount=amount,
                    before=before,
                    splits=tuple(parts),
                    recovered=recovered,
                    reserved=kept,
                ),
            )
            facts.append(_fact(share, own))
            share.released += amount
        if not share.held:
            share.released_at = now
    ledger.post_all(transfers)
    IntentShare.objects.bulk_update(shares, ["released", "released_at"])
    Reserve.objects.bulk_create(reserves)
    _touch({share.intent_id for share in shares})
    outbox.append_many(facts)
    escrows.released({share.id: amount for share, amount in wanted}, shares)


def _reserve(share: IntentShare, before: int, amount: int, until: datetime) -> Reserve:
    return reserves_.noted(
        merchant_id=share.merchant_id,
        currency=share.currency,
        cause=reserves_.ROLLING,
        source_id=uuid5(share.id, f"reserve:{before}"),
        amount=amount,
        until=until,
    )


def _due(now: datetime, limit: int) -> list[IntentShare]:
    """Shares whose time has come, that nothing holds back and no dispute has frozen, locked after
    their intents; those in others' hands wait for the next round."""
    due = IntentShare.objects.filter(
        Q(held_until__isnull=True) | Q(held_until__lte=now),
        captured=True,
        released_at__isnull=True,
        available_at__lte=now,
        freezes=0,
    ).order_by("available_at", "id")
    wanted = set(due.values_list("intent_id", flat=True)[:limit])
    if not wanted:
        return []
    intents = PaymentIntent.objects.select_for_update(skip_locked=True).filter(id__in=wanted)
    ours = list(intents.order_by("id").values_list("id", flat=True))
    return list(due.filter(intent_id__in=ours).select_for_update(skip_locked=True))


def _touch(intents: set[UUID]) -> None:
    """The intents' shares changed: who keeps a copy in step must see it."""
    PaymentIntent.objects.filter(id__in=intents).update(
        version=F("version") + 1, updated_at=clock.system()
    )


def _fact(share: IntentShare, amount: int) -> tuple[outbox.Event, AggregateRef, UUID | None]:
    event = events.BalanceReleased(
        intent_id=share.intent_id,
        merchant_id=share.merchant_id,
        reference=share.reference,
        amount=Money(amount, share.currency),
    )
    return event, AggregateRef("payments.intentshare", share.id), share.merchant_id


def _owed(shares: Iterable[IntentShare]) -> dict[tuple[UUID, str], int]:
    """What the merchants concerned owe, read under lock; nothing is locked if nobody owes."""
    merchants = {share.merchant_id for share in shares}
    debtors = {
        (owner, currency)
        for owner, currency, debits, credits_ in LedgerAccount.objects.filter(
            owner__in=merchants, code=Code.MERCHANT_OWED
        ).values_list("owner", "currency", "debits_posted", "credits_posted")
        if owner is not None and debits > credits_
    }
    if not debtors:
        return {}
    platform = tenancy.current_id()
    books = {share.currency: Book(platform, share.currency) for share in shares}
    ledger.lock_accounts(
        books[share.currency].of(code, share.merchant_id)
        for share in shares
        for code in (
            Code.MERCHANT_PENDING,
            Code.MERCHANT_AVAILABLE,
            Code.MERCHANT_RESERVED,
            Code.MERCHANT_OWED,
        )
    )
    accounts = {
        (owner, currency): Book(platform, currency).of(Code.MERCHANT_OWED, owner)
        for owner, currency in debtors
    }
    balances = ledger.account_balances(accounts.values())
    return {whose: max(0, balances[account.id]) for whose, account in accounts.items()}
