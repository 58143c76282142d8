"""``make bench``: see README.md here. ``--quick`` for a few seconds each."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.report import show, write
from bench.run import Run


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Measure speed and memory.")
    parser.add_argument("--quick", action="store_true", help="a few seconds for each scenario")
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--threads", type=int, default=4, help="threads of each")
    parser.add_argument(
        "--only", nargs="*", default=[], help="parts: read search write order ledger race"
    )
    parser.add_argument("--output", type=Path, default=Path(".data/bench"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qc-bench-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        run = Run(
            place,
            products=chosen.products,
            clients=chosen.clients,
            seconds=2 if chosen.quick else 8,
            workers=chosen.workers,
            threads=chosen.threads,
            only=set(chosen.only),
            batch=20 if chosen.quick else 100,
        )
        result = run.everything()
    show(result)
    print(f"\nWritten to {write(result, chosen.output)}")
    return 1 if result["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
