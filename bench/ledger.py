"""The ledger function through the product's own code, beside pgbench calling it directly.

Of twenty transfers one would overdraw a limited account and is refused (5 %), four are pending
and two post or void one of these; eight pass one of two accounts that everybody's money passes,
the others move between limited accounts. With ``--long N`` it posts N transfers, and recounts.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

ACCOUNTS = 200
FLOAT = 10**12
PROCESSES = 2


def main(seconds: float, batch: int, all_clients: list[int]) -> dict[str, Any]:
    tenant, tenancy = _platform()
    found: dict[str, Any] = {}
    with tenancy.scope(tenant):
        _fund()
    for clients in all_clients:
        for size in (1, batch):
            name = (
                f"ledger single ×{clients}" if size == 1 else f"ledger batch of {size} ×{clients}"
            )
            found[name] = _measure(size, clients, seconds=seconds)
    return found


def long(transfers: int, batch: int, clients: int) -> dict[str, Any]:
    """Post so many, then sum and recount everything, and chain it all."""
    tenant, tenancy = _platform()
    with tenancy.scope(tenant):
        _fund()
    found = _measure(batch, clients, transfers=transfers)
    from kernel.transactions import cursor
    from payments.ledger import trial_balance
    from payments.ledger.chain import extend_ledger_chain, verify_ledger_chain

    with tenancy.scope(tenant):
        began = time.perf_counter()
        trial = trial_balance()
        found["recount_s"] = round(time.perf_counter() - began, 1)
        began = time.perf_counter()
        extend_ledger_chain()
        found["chain_s"] = round(time.perf_counter() - began, 1)
        began = time.perf_counter()
        report = verify_ledger_chain()
        found["verify_chain_s"] = round(time.perf_counter() - began, 1)
        with cursor() as sql:
            sql.execute("SELECT count(*), pg_total_relation_size('ledger_transfer') FROM "
                        "ledger_transfer WHERE platform_id = %s", [tenant.id])  # fmt: skip
            found["transfers"], size = sql.fetchone()
            sql.execute("SELECT count(*) FROM ledger_stripe WHERE platform_id = %s", [tenant.id])
            found["stripes"] = sql.fetchone()[0]
    found["bytes_each"] = size // max(1, found["transfers"])
    found["balanced"], found["problems"] = trial.balanced, list(trial.problems)
    found["accounts"], found["chained"] = len(trial.rows), report.checked
    found["chain_ok"] = report.ok
    return found


def _platform() -> tuple[Any, Any]:
    import django

    django.setup()
    from bench.seed import PLATFORM
    from kernel import tenancy

    tenant = tenancy.directory().by_code(PLATFORM)
    assert tenant is not None
    return tenant, tenancy


def _accounts() -> tuple[list[Any], list[Any]]:
    """Half full, half nearly empty limited accounts, always the same; and the two hot ones."""
    from uuid import UUID

    from kernel import tenancy
    from payments.domain.chart import Account, Code

    platform = tenancy.current_id()
    limited = [
        Account(platform, Code.MERCHANT_AVAILABLE, "CNY", owner=UUID(int=number))
        for number in range(1, ACCOUNTS + 1)
    ]
    return limited, [Account(platform, code, "CNY") for code in (Code.BANK, Code.GATEWAY)]


def _fund() -> None:
    from kernel.ids import uuid7
    from kernel.money import Money
    from kernel.transactions import atomic
    from payments.ledger import Transfer, account_balances, post_all

    limited, (bank, gateway) = _accounts()
    if account_balances(limited[:1])[limited[0].id]:
        return
    # Whoever debits one of the second half is refused: it has next to nothing.
    sums = [FLOAT if place < ACCOUNTS // 2 else 1 for place in range(ACCOUNTS)]
    with atomic():
        post_all(
            [
                Transfer(uuid7(), bank, account, Money(much, "CNY"), "bench", uuid7())
                for account, much in zip(limited, sums, strict=True)
            ]
            + [Transfer(uuid7(), gateway, bank, Money(1, "CNY"), "bench", uuid7())]
        )


def _mix(limited: list[Any], hot: list[Any], size: int, dice: random.Random) -> list[Any]:
    from kernel.ids import uuid7
    from kernel.money import Money
    from payments.ledger import Flag, Transfer

    full, empty = limited[: ACCOUNTS // 2], limited[ACCOUNTS // 2 :]
    journal = uuid7()
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
        elif kind in range(7, 12):
            debit = hot[0]
        elif kind in range(12, 15):
            credit = hot[1]
        made.append(
            Transfer(
                uuid7(), debit, credit, amount, "bench", journal, flags=flags, pending_id=pending
            )
        )
        if flags == Flag.PENDING:
            waiting.append(made[-1])
    return made


def _measure(size: int, clients: int, *, seconds: float = 0, transfers: int = 0) -> dict[str, Any]:
    """``clients`` threads in up to two processes, for so long or for so many transfers."""
    load = round(os.getloadavg()[0], 2)
    each = [clients // PROCESSES, clients - clients // PROCESSES]
    command = [sys.executable, "-m", "bench.ledger", "--work", str(size)]
    began = time.perf_counter()
    running = [
        subprocess.Popen(
            [*command, str(threads), str(seconds), str(transfers * threads // clients)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for threads in each
        if threads
    ]
    # All at the same time: one that starts late would have the machine for itself at the end.
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    answers = [json.loads(answer) for answer in _released(running)]
    done = sum(answer["done"] for answer in answers)
    refused = sum(answer["refused"] for answer in answers)
    return {
        # The slowest one's time, from its first to its last transfer.
        "per_second": round(done / max(answer["took"] for answer in answers), 1),
        "clients": clients,
        "done": done,
        "refused_share": round(refused / max(1, done), 4),
        "load_before": load,
        "took_s": round(time.perf_counter() - began, 1),
    }


def _released(running: list["subprocess.Popen[bytes]"]) -> list[bytes]:
    """Let those that wait begin; what each says at its end."""
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    return [process.communicate()[0] for process in running]


def work(size: int, clients: int, seconds: float, transfers: int) -> dict[str, Any]:
    """One process's part."""
    tenant, tenancy = _platform()
    from django.db import connections

    from payments.ledger import account_balances, post

    with tenancy.scope(tenant):
        limited, hot = _accounts()
        account_balances(limited[:1])  # connected, and everything loaded
    done, refused = [0] * clients, [0] * clients
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()

    def one(number: int) -> None:
        dice = random.Random(f"{os.getpid()} {number}")
        with tenancy.scope(tenant):
            while (
                done[number] < transfers / clients
                if transfers
                else time.perf_counter() - began < seconds
            ):
                batch = _mix(limited, hot, size, dice)
                # Nothing else belongs to it: the statement is the transaction.
                results = post(batch, open_accounts=False)
                done[number] += size
                refused[number] += sum(result != "ok" for result in results)
        connections.close_all()

    _together(one, clients)
    return {"done": sum(done), "refused": sum(refused), "took": time.perf_counter() - began}


def _together(call: Callable[[int], None], clients: int) -> None:
    threads = [threading.Thread(target=call, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.ledger")
    parser.add_argument("--work", nargs=4, metavar=("SIZE", "CLIENTS", "SECONDS", "TRANSFERS"))
    parser.add_argument("--long", type=int, default=0, metavar="TRANSFERS")
    parser.add_argument("seconds", type=float, nargs="?", default=8)
    parser.add_argument("batch", type=int, nargs="?", default=1000)
    parser.add_argument("clients", type=int, nargs="*", default=[1, 8])
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    if given.work:
        size, threads, seconds, transfers = given.work
        print(json.dumps(work(int(size), int(threads), float(seconds), int(transfers))))
    elif given.long:
        print(json.dumps(long(given.long, given.batch, max(given.clients))))
    else:
        print(json.dumps(main(given.seconds, given.batch, given.clients)))
