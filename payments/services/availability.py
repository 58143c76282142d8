"""When a merchant's share becomes available, and making it so."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from kernel import clock, outbox, tenancy
from kernel.money import Money
from kernel.outbox import AggregateRef
from payments import events, ledger
from payments.domain.chart import Code
from payments.domain.postings import Book, release
from payments.models import IntentShare, LedgerAccount, PaymentIntent
from payments.services.together import together
from platforms import facade as platforms

BATCH = 200


def schedule_availability(*, reference: str, available_at: datetime | None = None) -> int:
    """Name the business time at which the shares of ``reference`` (an order) become available:
    ``release_days`` after now if none is given. How many shares it concerns.

    Shares already released, or scheduled before, stay as they are; so it may be repeated.
    """
    if available_at is None:
        days = int(platforms.setting("payments", "release_days"))
        available_at = clock.business() + timedelta(days=days)
    rows = IntentShare.objects.filter(
        reference=reference, released_at__isnull=True, available_at__isnull=True
    )
    with together():
        intents = set(rows.values_list("intent_id", flat=True))
        if not intents:
            return 0
        _touch(intents)
        return rows.update(available_at=available_at)


def release_due(*, limit: int = BATCH) -> int:
    """Make available what is due on the business clock; how many shares. In one transaction."""
    with together():
        now = clock.business()
        shares = _due(now, limit)
        if not shares:
            return 0
        owed = _owed(shares)
        transfers, facts = [], []
        for share in shares:
            amount = share.amount - share.commission - share.taken
            if amount:
                whose = (share.merchant_id, share.currency)
                recovered = min(amount, owed.get(whose, 0))
                owed[whose] = owed.get(whose, 0) - recovered
                transfers += release(
                    Book(share.platform_id, share.currency),
                    share_id=share.id,
                    intent_id=share.intent_id,
                    merchant_id=share.merchant_id,
                    reference=share.reference,
                    amount=amount,
                    recovered=recovered,
                )
                facts.append(_fact(share, amount))
            share.released_at = now
        ledger.post_all(transfers)
        IntentShare.objects.filter(id__in=[share.id for share in shares]).update(released_at=now)
        _touch({share.intent_id for share in shares})
        outbox.append_many(facts)
        return len(shares)


def _due(now: datetime, limit: int) -> list[IntentShare]:
    """Shares whose time has come, locked after their intents; those in others' hands wait for
    the next round."""
    due = IntentShare.objects.filter(
        captured=True, released_at__isnull=True, available_at__lte=now
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
        for code in (Code.MERCHANT_PENDING, Code.MERCHANT_AVAILABLE, Code.MERCHANT_OWED)
    )
    accounts = {
        (owner, currency): Book(platform, currency).of(Code.MERCHANT_OWED, owner)
        for owner, currency in debtors
    }
    balances = ledger.account_balances(accounts.values())
    return {whose: max(0, balances[account.id]) for whose, account in accounts.items()}
