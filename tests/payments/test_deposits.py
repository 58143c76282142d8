"""Guarantee deposits: frozen, returned to the losers, forfeited; races and the door."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from kernel import jobs, tenancy
from kernel.errors import DomainError, Invalid, InvalidTransition
from kernel.ids import public_id
from kernel.transactions import connection
from payments import facade
from payments.facade import DepositInfo
from payments.services import deposits
from tests.factories.payments import cny, make_payee
from tests.factories.platforms import api_client, make_key, make_platform
from tests.payments.test_wallets import codes, stored, top_up


def bidder(amount: int = 10_000) -> UUID:
    owner = uuid4()
    top_up(owner, amount)
    return owner


def frozen(payer: UUID, merchant: UUID, amount: int = 2_000, **fields: Any) -> DepositInfo:
    asked = {"key": uuid4(), "reference": "lot-1", **fields}
    return facade.freeze_deposit(payer_id=payer, merchant_id=merchant, amount=cny(amount), **asked)


def available(merchant: UUID) -> int:
    return facade.balance(merchant_id=merchant, currency="CNY").available.amount


@pytest.mark.usefixtures("books")
class TestOne:
    def test_frozen_and_returned(self) -> None:
        payer, merchant = bidder(), make_payee()
        deposit = frozen(payer, merchant)
        assert stored(payer) == (8_000, 2_000)
        back = facade.return_deposit(deposit_id=deposit.id)
        assert back.state == "returned"
        assert back.ended_at is not None
        assert stored(payer) == (10_000, 0)
        assert facade.return_deposit(deposit_id=deposit.id) == back
        with pytest.raises(InvalidTransition):
            facade.forfeit_deposit(deposit_id=deposit.id, reason="late")

    def test_forfeited_in_part(self) -> None:
        payer, merchant = bidder(), make_payee()
        deposit = frozen(payer, merchant)
        lost = facade.forfeit_deposit(deposit_id=deposit.id, reason="no show", amount=cny(1_999))
        assert (lost.state, lost.forfeited.amount, lost.reason) == ("forfeited", 1_999, "no show")
        assert stored(payer) == (8_001, 0)
        assert available(merchant) == 1_999
        assert codes().get("wallet_clearing", 0) == 0
        again = facade.forfeit_deposit(deposit_id=deposit.id, reason="", amount=cny(1_999))
        assert again == lost
        with pytest.raises(InvalidTransition):
            facade.return_deposit(deposit_id=deposit.id)
        kinds = [one.type for one in facade.wallet_movements_page(owner_id=payer).items]
        assert sorted(kinds[:2]) == ["deposit_forfeited", "deposit_returned"]
        assert facade.balance_transactions(merchant_id=merchant).items[0].type == "deposit_received"

    @pytest.mark.parametrize("amount", [0, 2_001])
    def test_no_more_than_it_is(self, amount: int) -> None:
        deposit = frozen(bidder(), make_payee())
        with pytest.raises(Invalid):
            facade.forfeit_deposit(deposit_id=deposit.id, reason="", amount=cny(amount))

    def test_what_is_not_there_cannot_be_frozen(self) -> None:
        payer, merchant = bidder(1_999), make_payee()
        key = uuid4()
        with pytest.raises(facade.InsufficientBalance) as caught:
            frozen(payer, merchant, key=key)
        assert caught.value.params["available"] == {"amount": 1_999, "currency": "CNY"}

    def test_one_for_a_matter_and_again_after_it_ended(self) -> None:
        payer, merchant, key = bidder(), make_payee(), uuid4()
        first = frozen(payer, merchant, key=key)
        assert frozen(payer, merchant, key=key) == first
        with pytest.raises(facade.KeyReused):
            frozen(payer, merchant, 2_001, key=key)
        with pytest.raises(facade.AlreadyDeposited):
            frozen(payer, merchant)
        frozen(payer, merchant, reference="lot-2")
        facade.return_deposit(deposit_id=first.id)
        frozen(payer, merchant)
        assert stored(payer) == (6_000, 4_000)

    def test_losers_get_theirs_back_and_the_winner_waits(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deposits, "BATCH", 2)
        merchant = make_payee()
        payers = [bidder() for _ in range(5)]
        made = [frozen(payer, merchant) for payer in payers]
        elsewhere = frozen(payers[0], merchant, reference="lot-2")
        job = facade.begin_return(merchant_id=merchant, reference="lot-1", keep=[made[3].id])
        jobs.drain()
        info = jobs.job_info(job, merchant_id=merchant)
        assert (info.state, info.result) == ("done", {"returned": 4})
        states = {one.id: facade.deposit(deposit_id=one.id).state for one in [*made, elsewhere]}
        assert [id for id, state in states.items() if state == "held"] == [
            made[3].id,
            elsewhere.id,
        ]
        with pytest.raises(Invalid):
            facade.begin_return(merchant_id=merchant, reference="lot-1", keep=[made[0].id])

    def test_a_merchants_program_gives_them_back(self) -> None:
        merchant = make_payee()
        won, lost = (frozen(bidder(), merchant) for _ in range(2))
        client = api_client(make_key(merchant_id=merchant))
        asked = {"reference": "lot-1", "keep": [public_id("dep", won.id)]}
        answer = client.post("/deposits/return", asked)
        assert answer.status_code == 202, answer.content
        jobs.drain()
        job = client.get(f"/jobs/{answer.json()['job']}").json()
        assert (job["state"], job["result"]) == ("done", {"returned": 1})
        states = [facade.deposit(deposit_id=one.id).state for one in (won, lost)]
        assert states == ["held", "returned"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_balance_is_frozen_once_and_one_deposit_ends_once() -> None:
    with tenancy.scope(make_platform()):
        payer, merchant = bidder(3_000), make_payee()
        made = together(*[partial(frozen, payer, merchant, reference=f"lot-{n}") for n in range(4)])
        assert [type(one) for one in made].count(DepositInfo) == 1
        assert stored(payer) == (1_000, 2_000)
        (deposit,) = [one for one in made if isinstance(one, DepositInfo)]
        ends = together(
            lambda: facade.return_deposit(deposit_id=deposit.id),
            lambda: facade.forfeit_deposit(deposit_id=deposit.id, reason="both"),
        )
        assert [type(one) for one in ends].count(DepositInfo) == 1
        assert stored(payer)[0] + available(merchant) == 3_000
        assert facade.trial_balance().balanced


def together(*calls: Callable[[], Any]) -> list[Any]:
    """What each call answered or raised, all begun at once in threads of their own."""
    tenant, gate = tenancy.current(), threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        with tenancy.scope(tenant):
            try:
                gate.wait(10)
                results[place] = calls[place]()
            except DomainError as error:
                results[place] = error
            finally:
                connection().close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results
