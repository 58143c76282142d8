"""``python -m bench.recon.run --orders 5000 --seeds 200``: clean months, then months with faults.

Calls ``manage.py reconcile_files`` on the bytes, in this process.
"""

import argparse
import io
import json
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.recon import faults
from bench.recon.world import Month, World


def compare(month: Month, folder: Path) -> dict[str, Any]:
    """The report of the product's command."""
    from django.core.management import call_command

    for name in ("gateway", "ledger", "bank"):
        (folder / name).write_bytes(getattr(month, name))
    out = io.StringIO()
    paths = {name: folder / name for name in ("gateway", "ledger", "bank")}
    with suppress(SystemExit):
        call_command("reconcile_files", json=True, stdout=out, **paths)
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def main() -> int:
    """How many seeds were named without a miss."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--clean", type=int, default=10)
    wanted = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    given = os.environ.get("RECON_SEED")
    seeds = [int(given)] if given else list(range(1, wanted.seeds + 1))
    bad, planted_count = 0, 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in range(0 if given else wanted.clean):
            report = compare(World(seed=10_000 + seed, orders=wanted.orders).month(), folder)
            if report["exceptions"]:
                bad += 1
                print(f"clean month {seed}: {report['exceptions'][:3]}")
        for seed in seeds:
            month = World(seed=seed % 5, orders=wanted.orders).month()
            changed, planted = faults.plant(month, seed)
            planted_count += len(planted)
            problems = faults.misses(planted, compare(changed, folder)["exceptions"])
            if problems:
                bad += 1
                print(f"RECON_SEED={seed}:", *problems, sep="\n  ")
    seconds = time.monotonic() - began
    print(f"{len(seeds)} seeds, {planted_count} faults, {bad} bad, {seconds:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
