"""Threads that send the same transfers again and again, in any order and company: each is booked
once or never, whoever came first; nobody is left waiting in a ring."""

import random
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from kernel import tenancy
from kernel.transactions import atomic
from payments import facade, ledger
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag, Transfer
from payments.models import LedgerTransfer
from tests.factories.payments import cny
from tests.factories.platforms import make_platform

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS, ROUNDS = 6, 25
FINAL = {"ok", "exists"}


def pool(here: UUID, dice: random.Random) -> list[list[Transfer]]:
    """Units that go together: single transfers, chains, holds with what resolves them."""
    hot = [Account(here, code, "CNY") for code in (Code.GATEWAY, Code.BANK, Code.COMMISSION)]
    limited = [Account(here, Code.WALLET, "CNY", UUID(int=n)) for n in range(4)]
    units = []
    for _ in range(40):
        debit, credit = dice.sample([*hot, *limited], 2)
        move = Transfer(uuid4(), debit, credit, cny(dice.randint(1, 60)), "test", uuid4())
        kind = dice.randrange(5)
        if kind == 0:
            other = Transfer(uuid4(), hot[0], limited[0], cny(5), "test", uuid4())
            units.append([move.linked(), other])
        elif kind < 3:
            hold = Transfer(
                move.id, move.debit, move.credit, move.amount, "test", move.journal, Flag.PENDING
            )
            units.append([hold])
            # Two rivals for the same hold: at most one of them may ever be booked.
            for flag in (Flag.POST, Flag.VOID):
                units.append(
                    [
                        Transfer(
                            uuid4(), hold.debit, hold.credit, hold.amount, "test", uuid4(), flag,
                            hold.id,
                        )
                    ]
                )  # fmt: skip
        else:
            units.append([move])
    return units


def test_retried_ids_from_many_threads() -> None:
    tenant = make_platform()
    with tenancy.scope(tenant):
        units = pool(tenant.id, random.Random(7))
        wallets = {t.credit for unit in units for t in unit if t.credit.code == Code.WALLET}
        start = Account(tenant.id, Code.OFFLINE, "CNY")
        ledger.post_all([Transfer(uuid4(), start, w, cny(150), "test", uuid4()) for w in wallets])
        said: list[list[tuple[UUID, str]]] = [[] for _ in range(THREADS)]
        wrong: list[BaseException] = []
        gate = threading.Barrier(THREADS)

        def work(number: int) -> None:
            dice = random.Random(number)
            try:
                gate.wait(20)
                for _ in range(ROUNDS):
                    batch = [t for unit in dice.sample(units, dice.randint(1, 9)) for t in unit]
                    with tenancy.scope(tenant), atomic():
                        results = ledger.post(batch)
                    said[number] += zip([t.id for t in batch], results, strict=True)
            except BaseException as error:
                wrong.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        _judge([pair for one in said for pair in one], units)


def _judge(said: list[tuple[UUID, str]], units: list[list[Transfer]]) -> None:
    booked = set(LedgerTransfer.objects.filter(code="test").values_list("id", flat=True))
    answers: dict[UUID, list[str]] = {}
    for id_, result in said:
        answers.setdefault(id_, []).append(result)
    for id_, results in answers.items():
        assert (id_ in booked) == bool(FINAL & set(results)), results
        assert results.count("ok") <= 1, results
        assert not any(r.startswith("exists_with") for r in results), results
    for unit in units:
        together = {t.id in booked for t in unit}
        assert len(together) == 1, unit
    rivals: dict[Any, int] = {}
    for row in LedgerTransfer.objects.exclude(pending_id=None):
        rivals[row.pending_id] = rivals.get(row.pending_id, 0) + 1
    assert set(rivals.values()) <= {1}
    assert sum(r == "ok" for _, r in said) > len(units) // 3
    trial = facade.trial_balance()
    assert trial.balanced, trial.problems
