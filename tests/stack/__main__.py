"""``make test-stack``: starts the servers, then runs the integration part of the suite on them.

Three runs of pytest: the database tests on PostgreSQL and Redis of the distribution; the stack
tests with web, worker and beat as separate processes; and these once more with two databases.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.stack.servers import Missing, postgres, redis_server

ROOT = Path(__file__).resolve().parents[2]
RUNS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    (
        "database tests on real servers",
        ["--only-database", "-n", "auto", "--dist", "loadfile", "-m", "not stack and not browser"],
        {},
    ),
    ("separate processes, one database", ["-m", "stack", "tests/stack"], {}),
    (
        "separate processes, two databases",
        ["-m", "stack", "tests/stack"],
        {"DATABASE_SHARDS": "east"},
    ),
)


def main(chosen: list[str]) -> int:
    """Run all, or those whose number (1 to 3) is given; the highest exit code."""
    worst = 0
    with tempfile.TemporaryDirectory(prefix="qc-stack-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        try:
            with postgres(place / "pg") as database, redis_server(place / "redis") as broker:
                servers = {"TEST_DATABASE_ADMIN_URL": database, "REDIS_URL": broker}
                for number, (name, options, variables) in enumerate(RUNS, 1):
                    if chosen and str(number) not in chosen:
                        continue
                    print(f"== {number}. {name}", flush=True)
                    began = time.monotonic()
                    done = subprocess.run(
                        [sys.executable, "-m", "pytest", *options],
                        cwd=ROOT,
                        env=os.environ | servers | variables,
                        check=False,
                    )
                    print(f"== {number}. {time.monotonic() - began:.0f} s", flush=True)
                    worst = max(worst, done.returncode)
        except Missing as error:
            print(error, file=sys.stderr)
            return 2
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
