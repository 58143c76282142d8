"""Races that really race: threads, each with its own connection, on real PostgreSQL."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from kernel import clock, tenancy
from kernel.errors import DomainError
from kernel.money import Money
from kernel.records.outbox import OutboxEvent
from kernel.transactions import atomic
from payments import facade, ledger
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag, Transfer
from payments.ledger import post
from payments.models import Attempt, LedgerTransfer, PaymentIntent, Payout, Refund
from payments.services import reconcile, webhook
from tests.factories.payments import (
    cny,
    event,
    intent_body,
    make_available,
    make_gateway,
    make_intent,
    make_paid,
    make_payee,
    make_payout,
    make_refund,
    make_share,
    signed,
)
from tests.factories.platforms import make_platform

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 8


@pytest.fixture
def here() -> Iterator[tenancy.Tenant]:
    tenant = make_platform()
    with tenancy.scope(tenant):
        yield tenant
        trial = facade.trial_balance()
        assert trial.balanced, trial.problems


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment; what each answered or raised."""
    tenant, gate = tenancy.current(), threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            with tenancy.scope(tenant):
                gate.wait(20)
                return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def only(kind: type[BaseException], results: list[Any]) -> list[Any]:
    """The answers; every failure must be of ``kind``."""
    failures = [r for r in results if isinstance(r, BaseException)]
    assert all(isinstance(failure, kind) for failure in failures), failures
    return [r for r in results if not isinstance(r, BaseException)]


def at_gateway(code: Code = Code.GATEWAY) -> int:
    account = Account(tenancy.current_id(), code, "CNY")
    return ledger.account_balances([account])[account.id]


def test_fuzz_with_repeated_ids(here: Any) -> None:
    """Batches over a few hot accounts; each batch is sent by two threads, ids are never doubled."""
    accounts = [
        Account(here.id, Code.GATEWAY, "CNY"),
        Account(here.id, Code.COMMISSION, "CNY"),
        *[Account(here.id, Code.MERCHANT_PENDING, "CNY", UUID(int=n)) for n in range(4)],
    ]
    luck = random.Random(7)
    batches: list[list[Transfer]] = []
    for _ in range(40):
        batch = []
        for _ in range(luck.randint(1, 12)):
            debit, credit = luck.sample(accounts, 2)
            flags = luck.choice([Flag.NONE, Flag.NONE, Flag.PENDING, Flag.LINKED])
            batch.append(
                Transfer(
                    id=uuid4(), debit=debit, credit=credit,
                    amount=Money(luck.randint(1, 50), "CNY"),
                    code="fuzz", journal=UUID(int=1), flags=flags,
                )
            )  # fmt: skip
        batches.append(batch)

    def worker(seed: int) -> Callable[[], Counter[str]]:
        mine = batches * 2
        random.Random(seed).shuffle(mine)

        def run() -> Counter[str]:
            seen: Counter[str] = Counter()
            for batch in mine:
                with atomic():
                    seen.update(ledger.post(batch))
            return seen

        return run

    results = only(AssertionError, together([worker(n) for n in range(THREADS)]))
    total: Counter[str] = sum(results, Counter())
    assert total["ok"] == LedgerTransfer.objects.count()
    assert total["exists"] > total["ok"] > 0
    assert "exists_with_different_fields" not in total


def test_webhook_and_answer_race_to_one_capture(here: Any) -> None:
    make_gateway()
    for _ in range(5):
        webhook_races_answer()


def webhook_races_answer() -> None:
    intent = make_intent()
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
    PaymentIntent.objects.filter(id=intent.id).update(gateway_id=f"pi_{intent.id.hex}")
    body = event(intent_body(intent, "succeeded"))
    other = event(intent_body(intent, "succeeded"))
    result = {
        "status": "succeeded", "amount": 10_000, "currency": "CNY",
        "provider_id": f"pi_{intent.id.hex}",
    }  # fmt: skip
    before = at_gateway()
    answers = together(
        [
            *[lambda: facade.record_confirm(intent_id=intent.id, result=result)] * 3,
            *[lambda: webhook.take_in(body=body, header=signed(body))] * 3,
            lambda: webhook.take_in(body=other, header=signed(other)),
        ]
    )
    only(AssertionError, answers)
    assert at_gateway() - before == 10_000
    rows = OutboxEvent.objects.filter(type="payments.intent.captured.v1", aggregate_id=intent.id)
    assert rows.count() == 1
    assert sum(1 for answer in answers if answer is True) == 2, "each event once"


def test_double_clicked_confirmation_is_one_charge(here: Any) -> None:
    intent = make_intent()
    only(
        DomainError,
        together(
            [lambda: facade.confirm_intent(intent_id=intent.id, payment_method="offline_test")]
            * THREADS
        ),
    )
    assert facade.intent(intent_id=intent.id).state == "succeeded"
    assert Attempt.objects.filter(intent_id=intent.id).count() == 1
    assert at_gateway(Code.OFFLINE) == 10_000


def test_the_same_key_at_once_is_one_intent(here: Any) -> None:
    key, share = uuid4(), make_share()
    found = together([lambda: make_intent(share, key=key, reference="ogr_1").id] * THREADS)
    assert len(set(only(AssertionError, found))) == 1
    assert PaymentIntent.objects.count() == 1


def test_cancel_and_capture_race_to_one_end(here: Any) -> None:
    for _ in range(5):
        cancel_races_capture()


def cancel_races_capture() -> None:
    intent = make_intent()
    before = at_gateway(Code.OFFLINE)
    answers = together(
        [
            lambda: facade.confirm_intent(intent_id=intent.id, payment_method="offline_test"),
            lambda: facade.cancel_intent(intent_id=intent.id),
        ]
    )
    only(DomainError, answers)
    state = facade.intent(intent_id=intent.id).state
    booked = at_gateway(Code.OFFLINE) - before
    assert (state, booked) in (("succeeded", 10_000), ("canceled", 0))


def test_payouts_at_once_never_pay_more_than_there_is(here: Any) -> None:
    merchant = make_payee()
    make_available(make_share(5_000, 0, merchant_id=merchant))
    paid = only(
        facade.InsufficientBalance, together([lambda: make_payout(merchant, 1_000)] * THREADS)
    )
    assert len(paid) == 5
    assert Payout.objects.count() == 5
    found = facade.balance(merchant_id=merchant)
    assert (found.available, found.in_transit) == (cny(0), cny(5_000))


def test_an_account_is_opened_by_many_at_once(here: Any) -> None:
    """Whoever finds only one of its two accounts must not hold it while it opens the other."""
    payer = uuid4()
    full = Account(here.id, Code.MERCHANT_AVAILABLE, "CNY", payer)
    bank = Account(here.id, Code.BANK, "CNY")
    amount = cny(10)
    fund = Transfer(uuid4(), bank, full, cny(100_000), "test", uuid4())
    assert post([fund]) == ["ok"]
    places = [Account(here.id, Code.MERCHANT_AVAILABLE, "CNY", uuid4()) for _ in range(24)]

    def pay(to: Account) -> list[str]:
        return post([Transfer(uuid4(), full, to, amount, "test", uuid4())])

    for place in places:
        assert only(ValueError, together([partial(pay, place)] * THREADS)) == [["ok"]] * THREADS


def test_one_payout_key_at_once_is_one_payout(here: Any) -> None:
    merchant, key = make_payee(), uuid4()
    make_available(make_share(5_000, 0, merchant_id=merchant))
    together([lambda: make_payout(merchant, 1_000, key=key)] * THREADS)
    assert facade.balance(merchant_id=merchant).in_transit == cny(1_000)


def test_refunds_at_once_never_give_more_than_was_paid(here: Any) -> None:
    intent = make_paid()
    made = only(facade.RefundTooLarge, together([lambda: make_refund(intent, 3_000)] * THREADS))
    assert len(made) == 3
    assert Refund.objects.count() == 3
    assert facade.intent(intent_id=intent.id).amount_refunded == cny(9_000)


def test_releases_refunds_and_captures_at_once(here: Any) -> None:
    """No deadlock, and every fen is somewhere."""
    merchants = [uuid4(), uuid4()]
    intents = [
        make_paid(*[make_share(1_000, 50, merchant_id=merchant) for merchant in merchants])
        for _ in range(6)
    ]
    for intent in intents:
        for share in intent.shares:
            facade.schedule_availability(reference=share.reference, available_at=clock.business())

    def refund(intent: facade.IntentInfo) -> None:
        made = make_refund(intent, 300, 200)
        result = facade.perform_refund(refund_id=made.id)
        facade.record_refund(refund_id=made.id, result=result)

    calls: list[Callable[[], Any]] = [lambda i=i: refund(i) for i in intents]  # type: ignore[misc]
    calls += [lambda: facade.release_due(limit=3)] * 4
    calls += [lambda: make_paid(make_share(700, 35, merchant_id=merchants[0]))] * 2
    only(AssertionError, together(calls))
    while facade.release_due():
        pass
    assert at_gateway(Code.OFFLINE) == 6 * 1_500 + 2 * 700
    first, second = (facade.balance(merchant_id=merchant) for merchant in merchants)
    assert (first.pending, first.available) == (cny(2 * 665), cny(6 * (700 - 35)))
    assert (second.pending, second.available) == (cny(0), cny(6 * (800 - 40)))


def test_a_payout_is_booked_once_by_racing_answers(here: Any) -> None:
    from payments.contracts import Outcome
    from payments.services.payout import record_payout

    merchant = make_payee()
    make_available(make_share(5_000, 0, merchant_id=merchant))
    payout = make_payout(merchant)
    paid = Outcome("succeeded", provider_id="btr_1", amount=5_000, currency="CNY")
    failed = Outcome("failed", provider_id="btr_1", code="late")
    together([lambda: record_payout(payout_id=payout.id, outcome=paid)] * 4
             + [lambda: record_payout(payout_id=payout.id, outcome=failed)] * 4)  # fmt: skip
    found = facade.balance(merchant_id=merchant)
    bank = Account(here.id, Code.BANK, "CNY")
    left = ledger.account_balances([bank])[bank.id]
    assert (found.available.amount, left) in ((0, -5_000), (5_000, 0))
    assert OutboxEvent.objects.filter(type__startswith="payments.payout.").count() == 1


def test_reconcilers_at_once_take_each_row_once(here: Any) -> None:
    from datetime import timedelta

    intents = [make_intent() for _ in range(4)]
    for intent in intents:
        facade.prepare_confirm(intent_id=intent.id, payment_method="offline_test")
    PaymentIntent.objects.update(next_check_at=clock.system() - timedelta(seconds=1))
    counts = only(AssertionError, together([reconcile.reconcile] * 4))
    assert sum(count["intents"] for count in counts) == 4
    assert at_gateway(Code.OFFLINE) == 40_000
