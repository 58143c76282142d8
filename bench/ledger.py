"""The ledger function through the product's own code, beside pgbench calling it directly.

Of twenty transfers one would overdraw a limited account and is refused (5 %), four are pending
and two post or void one of these; the others move money between limited accounts.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

ACCOUNTS = 200
FLOAT = 10**12


def main(seconds: float, batch: int, all_clients: list[int]) -> dict[str, Any]:
    import django

    django.setup()
    from bench.seed import PLATFORM
    from kernel import tenancy

    tenant = tenancy.directory().by_code(PLATFORM)
    assert tenant is not None
    found: dict[str, Any] = {}
    with tenancy.scope(tenant):
        accounts = _fund()
    for clients in all_clients:
        for size in (1, batch):
            name = (
                f"ledger single ×{clients}" if size == 1 else f"ledger batch of {size} ×{clients}"
            )
            found[name] = _measure(tenant, accounts, size, clients, seconds)
    return found


def _accounts() -> tuple[list[Any], Any]:
    from kernel import tenancy
    from kernel.ids import uuid7
    from payments.domain.chart import Account, Code

    platform = tenancy.current_id()
    limited = [
        Account(platform, Code.MERCHANT_AVAILABLE, "CNY", owner=uuid7()) for _ in range(ACCOUNTS)
    ]
    return limited, Account(platform, Code.BANK, "CNY")


def _fund() -> list[Any]:
    from kernel.ids import uuid7
    from kernel.money import Money
    from kernel.transactions import atomic
    from payments.ledger import Transfer, post_all

    limited, bank = _accounts()
    empty = limited[ACCOUNTS // 2 :]
    full = limited[: ACCOUNTS // 2]
    with atomic():
        post_all(
            [
                Transfer(uuid7(), bank, account, Money(FLOAT, "CNY"), "bench", uuid7())
                for account in full
            ]
        )
        # The other half is opened with next to nothing: whoever debits it is refused.
        post_all(
            [
                Transfer(uuid7(), bank, account, Money(1, "CNY"), "bench", uuid7())
                for account in empty
            ]
        )
    return limited


def _mix(accounts: list[Any], size: int, dice: random.Random) -> list[Any]:
    from kernel.ids import uuid7
    from kernel.money import Money
    from payments.ledger import Flag, Transfer

    full, empty = accounts[: ACCOUNTS // 2], accounts[ACCOUNTS // 2 :]
    journal: UUID = uuid7()
    made: list[Any] = []
    waiting: list[Any] = []
    for place in range(size):
        kind = dice.randrange(20) if size == 1 else place % 20
        debit, credit = dice.sample(full, 2)
        amount = Money(dice.randrange(1, 500), "CNY")
        flags, pending = Flag.NONE, None
        if kind == 0:
            debit, amount = dice.choice(empty), Money(10**9, "CNY")
        elif kind in (1, 2, 3, 4):
            flags = Flag.PENDING
        elif kind in (5, 6) and waiting:
            earlier = waiting.pop()
            flags = Flag.POST if kind == 5 else Flag.VOID
            debit, credit, amount = earlier.debit, earlier.credit, earlier.amount
            pending = earlier.id
        made.append(
            Transfer(
                uuid7(), debit, credit, amount, "bench", journal, flags=flags, pending_id=pending
            )
        )
        if flags == Flag.PENDING:
            waiting.append(made[-1])
    return made


def _measure(
    tenant: Any, accounts: list[Any], size: int, clients: int, seconds: float
) -> dict[str, Any]:
    from django.db import connections

    from kernel import tenancy
    from kernel.transactions import atomic
    from payments.ledger import post

    done, refused = [0] * clients, [0] * clients
    began = time.perf_counter()

    def work(number: int) -> None:
        dice = random.Random(number)
        with tenancy.scope(tenant):
            while time.perf_counter() - began < seconds:
                transfers = _mix(accounts, size, dice)
                with atomic():
                    results = post(transfers, open_accounts=False)
                done[number] += size
                refused[number] += sum(result != "ok" for result in results)
        connections.close_all()

    _together(work, clients)
    took = time.perf_counter() - began
    return {
        "per_second": round(sum(done) / took, 1),
        "clients": clients,
        "done": sum(done),
        "refused_share": round(sum(refused) / max(1, sum(done)), 4),
    }


def _together(work: Callable[[int], None], clients: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    print(
        json.dumps(main(float(sys.argv[1]), int(sys.argv[2]), [int(one) for one in sys.argv[3:]]))
    )
