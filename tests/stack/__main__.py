"""``make test-stack``: starts the servers, then runs the integration part of the suite on them.

Runs of pytest: the quick database tests on PostgreSQL and Redis of the distribution; the stack
tests with web, worker and beat as separate processes; these once more with two databases; signed
documents before EU DSS (by Maven); and the search tests on each real search server, or on the one
that SEARCH_URL names.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack import search_servers
from tests.stack.servers import Missing, postgres, redis_server

ROOT = Path(__file__).resolve().parents[2]
# Where locks, policies, functions and plans are; the rest speaks to them through the ORM.
DATABASE = (
    *("kernel", "inventory", "payments", "journeys", "races"),
    *(f"tenancy/test_{name}.py" for name in ("connections", "functions", "models", "plans")),
)
RUNS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    (
        "database tests on real servers",
        [
            "--only-database",
            "-n",
            "auto",
            "--dist",
            "loadfile",
            "--no-loadscope-reorder",
            "-m",
            "not stack and not browser and not slow",
            *(f"tests/{name}" for name in DATABASE),
        ],
        {},
    ),
    ("separate processes, one database", ["-m", "stack", "tests/stack"], {}),
    (
        "separate processes, two databases",
        ["-m", "stack", "tests/stack"],
        {"DATABASE_SHARDS": "east"},
    ),
    ("signed documents judged by EU DSS", ["-m", "stack", "tests/certification"], {}),
)
SEARCH = "tests/search/servers"
SEARCH_RUN = ["-m", "stack", SEARCH]
# One server is also killed and paused, which takes minutes; all keep the contract and agree with
# the embedded engine.
FILES = ("contract", "differential", "evaluating")
SHORT = ["-m", "stack", *(f"{SEARCH}/test_{name}.py" for name in FILES)]
SEARCH_RUNS = {"elasticsearch-9": SHORT, "opensearch-3": SHORT}


def main(chosen: list[str]) -> int:
    """Run all, or those whose number (1 to 7) is given; the highest exit code."""
    worst = 0
    search_url = os.environ.pop("SEARCH_URL", "")
    kinds = ["SEARCH_URL"] if search_url else list(search_servers.KINDS)
    with tempfile.TemporaryDirectory(prefix="qc-stack-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        try:
            with postgres(place / "pg") as database, redis_server(place / "redis") as broker:
                servers = {"TEST_DATABASE_ADMIN_URL": database, "REDIS_URL": broker}
                for number, (name, options, variables) in enumerate(RUNS, 1):
                    if not chosen or str(number) in chosen:
                        code = _run(number, name, options, servers | variables)
                        worst = max(worst, code)
                for number, kind in enumerate(kinds, len(RUNS) + 1):
                    if chosen and str(number) not in chosen:
                        continue
                    with _search(kind, search_url) as found:
                        if found:
                            code = _run(
                                number,
                                f"search on {kind}",
                                SEARCH_RUNS.get(kind, SEARCH_RUN),
                                servers | found,
                            )
                            worst = max(worst, code)
        except Missing as error:
            print(error, file=sys.stderr)
            return 2
    return worst


@contextmanager
def _search(kind: str, url: str) -> Iterator[dict[str, str]]:
    """The variables that name a search server of this kind; none, and why, if it can't be had."""
    if url:
        yield {"SEARCH_URL": url}
        return
    try:
        search_servers.program()
        lacking = search_servers.can_start(kind)
        if lacking:
            raise Missing(f"{kind} {lacking}")
    except Missing as reason:
        print(f"== search on {kind} SKIPPED: {reason}", flush=True)
        yield {}
        return
    with search_servers.search_server(kind) as server:
        yield search_servers.environment(server)


def _run(number: int, name: str, options: list[str], variables: dict[str, str]) -> int:
    print(f"== {number}. {name}", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=ROOT,
        env=os.environ | variables,
        check=False,
    )
    print(f"== {number}. {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
