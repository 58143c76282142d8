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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.stack import search_servers
from tests.stack.servers import Missing, postgres, redis_server

ROOT = Path(__file__).resolve().parents[2]
# Where locks, policies, functions and plans are; the rest speaks to them through the ORM.
DATABASE = (
    *("kernel", "inventory", "races", "journeys/test_engine.py"),
    *(
        f"payments/test_{name}.py"
        for name in (
            "ledger",
            "ledger_fuzz",
            "ledger_stateful",
            "deposits",
            "races",
            "guarantee_races",
            "invoice_races",
            "wallets",
        )
    ),
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
    search_url = os.environ.pop("SEARCH_URL", "")
    kinds = ["SEARCH_URL"] if search_url else list(search_servers.KINDS)
    with tempfile.TemporaryDirectory(prefix="qc-stack-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        try:
            with postgres(place / "pg") as database, redis_server(place / "redis") as broker:
                servers = {"TEST_DATABASE_ADMIN_URL": database, "REDIS_URL": broker}

                def one(number: int) -> int:
                    if chosen and str(number) not in chosen:
                        return 0
                    if number <= len(RUNS):
                        name, options, variables = RUNS[number - 1]
                        return _run(number, name, options, servers | variables, place)
                    kind = kinds[number - len(RUNS) - 1]
                    options = SEARCH_RUNS.get(kind, SEARCH_RUN)
                    with _search(kind, search_url) as found:
                        name = f"search on {kind}"
                        return _run(number, name, options, servers | found, place) if found else 0

                # The first keeps every processor busy; the others wait a lot, so some at a time.
                lanes = [[2], [3], [4, *range(len(RUNS) + 1, len(RUNS) + 1 + len(kinds))]]
                with ThreadPoolExecutor(len(lanes)) as pool:
                    later = [one(1), *pool.map(lambda lane: max(map(one, lane)), lanes)]
        except Missing as error:
            print(error, file=sys.stderr)
            return 2
    return max(later)


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


def _run(number: int, name: str, options: list[str], variables: dict[str, str], place: Path) -> int:
    """One run of pytest in databases, Redis's too, of its own; shows what it said at its end."""
    print(f"== {number}. {name}", flush=True)
    began = time.monotonic()
    # Another run's workers must not take what ours are told, nor may ours empty their list.
    broker = variables["REDIS_URL"].removesuffix("/0")
    own = {"TEST_DB_NAME": f"qc_stack_{number}", "REDIS_URL": f"{broker}/{number}"}
    with (place / f"{number}.txt").open("w+", encoding="utf-8", errors="replace") as said:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options],
            cwd=ROOT,
            env=os.environ | variables | own,
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said.seek(0)
        took = time.monotonic() - began
        print(f"{said.read()}== {number}. {name}: {took:.0f} s", flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
