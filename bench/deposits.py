"""An auction ends: ``python -m bench.deposits [BIDDERS]`` (10,000).

Starts the product on an empty folder, freezes a deposit for each bidder, and asks for all but the
winner's back, as the merchant's program does. Says how long the worker's job took (each
deposit audited, told and booked) and what processor time the product used meanwhile; fails when a
bidder lacks a fen, or after a minute.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.processes import usage
from bench.stack import Stack

AMOUNT, MATTER, STEP = 20_000, "lot-1", 1_000
GOAL = 60  # seconds


def main() -> int:
    bidders = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(prefix="qc-bench-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        stack = Stack(place, workers=1, threads=2)
        try:
            stack.start()
            stack.python("bench.seed", f"http://127.0.0.1:{stack.gateway_port}", stack.url)
            assert stack.process is not None
            product = str(stack.process.pid)
            found = stack.python("bench.deposits", "--inside", str(bidders), product)
        finally:
            stack.stop()
    print(json.dumps(found, indent=1))
    fine = found["balanced"] and found["returned"] == bidders - 1 and found["held"] == 1
    return 0 if fine and found["job_s"] < GOAL else 1


def inside(bidders: int, product: int) -> dict[str, Any]:
    """The part beside the product: freeze, ask, wait, count."""
    import django

    django.setup()
    from bench.seed import PLATFORM
    from kernel import jobs, tenancy
    from payments import facade
    from platforms import facade as platforms

    tenant = tenancy.directory().by_code(PLATFORM)
    assert tenant is not None
    with tenancy.scope(tenant):
        merchant = platforms.merchants_page(limit=1).items[0].id
        began = time.perf_counter()
        for first in range(0, bidders, STEP):
            _freeze(merchant, min(STEP, bidders - first))
        frozen = time.perf_counter() - began
        winner = facade.deposits_page(merchant_id=merchant, limit=1).items[0].id
        load, used, began = os.getloadavg()[0], usage(product).cpu, time.perf_counter()
        job = facade.begin_return(merchant_id=merchant, reference=MATTER, keep=[winner])
        while (info := jobs.job_info(job)).state not in ("done", "failed"):
            time.sleep(0.05)
        waited, after = time.perf_counter() - began, usage(product).cpu
        trial = facade.trial_balance()
        sums = _sums(trial.rows)
        assert info.finished_at is not None
        assert info.started_at is not None
        return {
            "bidders": bidders,
            "freeze_s": round(frozen, 1),
            "job_s": round((info.finished_at - info.started_at).total_seconds(), 1),
            "asked_to_done_s": round(waited, 1),
            "returned": info.result["returned"] if info.result else 0,
            "held": sums["deposit"] // AMOUNT,
            "balanced": trial.balanced and sums["wallet"] == (bidders - 1) * AMOUNT,
            "cpu_s": {name: round(after[name] - used[name], 1) for name in ("worker", "postgres")},
            "load_before": round(load, 2),
        }


def _freeze(merchant: Any, number: int) -> None:
    """Bidders with just enough money, and their deposits, as the services write them."""
    from kernel import tenancy
    from kernel.ids import public_id, uuid7
    from kernel.money import Money
    from kernel.transactions import atomic
    from payments import ledger
    from payments.domain import postings
    from payments.domain.chart import Code
    from payments.models import Deposit

    book = postings.Book(tenancy.current_id(), "CNY")
    rows = [
        Deposit(
            key=uuid4(), payer_id=uuid4(), merchant_id=merchant, reference=MATTER, amount=AMOUNT,
            currency="CNY",
        )
        for _ in range(number)
    ]  # fmt: skip
    with atomic():
        for row in rows:
            row.touch()
        Deposit.objects.bulk_create(rows)
        moves = []
        for row in rows:
            purse = book.of(Code.WALLET, row.payer_id)
            moves.append(
                ledger.Transfer(
                    uuid7(), book.of(Code.BANK), purse, Money(AMOUNT, "CNY"), "bench", uuid7()
                )
            )
            moves.append(
                postings.wallet(
                    book, id=row.id, owner_id=row.payer_id, amount=AMOUNT, step="deposit",
                    reference=MATTER, document=public_id("dep", row.id),
                )
            )  # fmt: skip
        ledger.post_all(moves, linked=False)


def _sums(rows: Any) -> dict[str, int]:
    sums: dict[str, int] = {"deposit": 0, "wallet": 0}
    for row in rows:
        if row.code in sums:
            sums[row.code] += row.credits_posted - row.debits_posted
    return sums


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        print(json.dumps(inside(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        sys.exit(main())
