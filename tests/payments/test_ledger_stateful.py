"""Random batches against the model: results, balances, limits, chains, repeated ids, deadlines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from kernel import clock, tenancy
from kernel.money import Money
from payments import ledger
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag, Transfer
from payments.ledger.counters import counters
from payments.ledger.expiry import expire_due
from payments.models import LedgerFailure, LedgerTransfer
from tests.payments.ledger_model import LedgerModel

START = datetime(2026, 1, 1, tzinfo=UTC)
OWNERS = [UUID(int=1), UUID(int=2)]
AMOUNTS = st.sampled_from([*range(1, 21), *range(1, 9), 100, 10**15, 0, -1])
FLAGS = st.sampled_from(
    [
        *[Flag.NONE] * 4, *[Flag.PENDING] * 3, *[Flag.POST] * 3, *[Flag.VOID] * 2,
        Flag.VOID | Flag.EXPIRE, Flag.EXPIRE, Flag.PENDING | Flag.POST,
    ]
)  # fmt: skip


class LedgerMachine(RuleBasedStateMachine):
    """Every id ever used may come again, in any role."""

    @initialize()
    def start(self) -> None:
        # One machine run is one savepoint of the test's transaction.
        self.savepoint = transaction.savepoint()
        self.model = LedgerModel()
        self.now = START
        self.used: list[Transfer] = []
        here = tenancy.current_id()
        self.accounts = [
            Account(here, Code.GATEWAY, "CNY"),
            Account(here, Code.COMMISSION, "CNY"),
            *[Account(here, Code.MERCHANT_PENDING, "CNY", owner) for owner in OWNERS],
            Account(here, Code.MERCHANT_AVAILABLE, "CNY", OWNERS[0]),
            Account(here, Code.MERCHANT_OWED, "CNY", OWNERS[0]),
            Account(here, Code.GATEWAY, "USD"),
        ]

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    @rule(data=st.data(), size=st.integers(1, 6))
    def batch(self, data: Any, size: int) -> None:
        batch: list[Transfer] = []
        for _ in range(size):
            batch.append(self._transfer(data, batch))
        if data.draw(st.integers(0, 9)):  # seldom an open chain
            last = batch[-1]
            batch[-1] = replace(last, flags=last.flags & ~Flag.LINKED)
        self._compare(batch)

    @rule(data=st.data())
    def fund(self, data: Any) -> None:
        """Give limited accounts something, or nearly everything would be refused."""
        credits = data.draw(st.lists(st.sampled_from(self.accounts[2:5]), min_size=1, max_size=3))
        self._compare([_transfer(uuid4(), self.accounts[0], credit, 100) for credit in credits])

    @rule(data=st.data(), size=st.integers(1, 3), how=st.sampled_from([Flag.POST, Flag.VOID]))
    def resolve(self, data: Any, size: int, how: Flag) -> None:
        """Post or void what is pending, some of it for the second time."""
        holds = [t for t in self.model.transfers.values() if t.flags & Flag.PENDING]
        if not holds:
            return
        batch = []
        for hold in data.draw(st.lists(st.sampled_from(holds), min_size=size, max_size=size)):
            most = hold.amount.amount
            amount = most if how == Flag.VOID else data.draw(st.integers(1, most + 1))
            batch.append(
                _transfer(uuid4(), hold.debit, hold.credit, amount, flags=how, pending_id=hold.id)
            )
        self._compare(batch)

    @rule(data=st.data())
    def repeat(self, data: Any) -> None:
        """A client that never heard the answer sends some of it again."""
        if self.used:
            self._compare(data.draw(st.lists(st.sampled_from(self.used), min_size=1, max_size=5)))

    @rule(minutes=st.integers(1, 10))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def worker(self) -> None:
        """The worker comes by: what is due is free again, and nothing else."""
        ended = {t.pending_id for t in self.model.transfers.values()}
        due = [
            t for t in self.model.transfers.values()
            if t.expires_at and t.expires_at <= self.now and t.id not in ended
        ]  # fmt: skip
        voids = [
            replace(
                t, id=uuid5(t.id, "expire"), flags=Flag.VOID | Flag.EXPIRE, pending_id=t.id,
                expires_at=None,
            )
            for t in due
        ]  # fmt: skip
        assert self.model.post(voids, self.now) == ["ok"] * len(due)
        self.used += voids
        with clock.frozen(self.now):
            assert expire_due() == len(due)

    @invariant()
    def balances_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        assert counters(self.model.accounts) == {
            key: (c.debits_posted, c.credits_posted, c.debits_pending, c.credits_pending)
            for key, c in self.model.accounts.items()
        }
        assert set(LedgerTransfer.objects.values_list("id", flat=True)) == set(self.model.transfers)
        assert set(LedgerFailure.objects.values_list("id", flat=True)) == self.model.failed
        trial = ledger.trial_balance()
        assert trial.balanced, trial.problems

    def _compare(self, batch: list[Transfer]) -> None:
        self.used += batch
        with clock.frozen(self.now):
            assert ledger.post(batch) == self.model.post(batch, self.now), batch

    def _transfer(self, data: Any, batch: list[Transfer]) -> Transfer:
        known = [*self.used[-12:], *batch]
        if known and data.draw(st.integers(0, 9)) == 9:
            return data.draw(st.sampled_from(known))  # type: ignore[no-any-return]
        flags = data.draw(FLAGS)
        if data.draw(st.integers(0, 3)) == 3:
            flags |= Flag.LINKED
        holds = [t for t in known if t.flags & Flag.PENDING] or known
        if flags & (Flag.POST | Flag.VOID) and holds and data.draw(st.integers(0, 9)) > 0:
            hold = data.draw(st.sampled_from(holds))
            whole = flags & Flag.VOID or data.draw(st.booleans())
            amount = hold.amount.amount if whole else data.draw(AMOUNTS)
            return _transfer(
                uuid4(), hold.debit, hold.credit, amount, flags=flags, pending_id=hold.id
            )
        id_ = uuid4()
        if known and data.draw(st.integers(0, 9)) == 9:
            id_ = data.draw(st.sampled_from(known)).id
        pair = data.draw(st.permutations(self.accounts[:6]))[:2]
        if data.draw(st.integers(0, 19)) == 19:
            pair = [data.draw(st.sampled_from(self.accounts)), self.accounts[-1]]
        until = None
        if flags & Flag.PENDING and data.draw(st.booleans()):
            until = self.now + timedelta(minutes=data.draw(st.integers(0, 8)))
        return _transfer(
            id_,
            pair[0],
            pair[1],
            data.draw(AMOUNTS),
            flags=flags,
            expires_at=until,
        )


def _transfer(id_: UUID, debit: Account, credit: Account, amount: int, **more: Any) -> Transfer:
    return Transfer(
        id=id_, debit=debit, credit=credit, amount=Money(amount, debit.currency), code="test",
        journal=UUID(int=5), **more,
    )  # fmt: skip


@pytest.mark.slow
def test_the_function_agrees_with_the_model(platform: Any) -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
