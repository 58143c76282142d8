"""``python -m bench.search_chaos``: is the index right after everything that can go wrong?

Starts the whole product with 100,000 products (``--products``), edits them at random while the
worker is killed by SIGKILL again and again, in the middle of rebuilds too, lets all come to rest,
and compares every document with the database. Then measures how soon a single change is found, at
rest and during an import of 10,000 products (``--import``). ``SEARCH_URL`` tries another engine.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.processes import tree
from bench.seed import MERCHANTS, multiply
from bench.stack import ROOT, Stack


class Chaos:
    """One run; ``say`` tells of each step."""

    def __init__(self, stack: Stack, *, products: int, seconds: int, seed: int) -> None:
        self.stack, self.products, self.seconds = stack, products, seconds
        self.dice = random.Random(seed)
        self.seed = seed
        self.result: dict[str, Any] = {"seed": seed, "products": products}

    def run(self, imported: int) -> dict[str, Any]:
        self.fill()
        self.trouble()
        self.settle()
        self.verify()
        self.fresh(imported)
        self.settle()
        self.verify()
        return self.result

    def fill(self) -> None:
        """Products in the database, then the index of them, timed."""
        gateway = f"http://127.0.0.1:{self.stack.gateway_port}"
        self.stack.python("bench.seed", gateway, self.stack.url)
        multiply(self.stack.database_url("owner"), products=max(self.products, 2 * MERCHANTS))
        began = time.monotonic()
        self.search("rebuild")
        took = time.monotonic() - began
        self.result["rebuild_s"] = round(took, 1)
        self.result["documents_per_s"] = round(self.products / took)
        self.say(f"rebuilt in {took:.1f} s")

    def trouble(self) -> None:
        """Edits from two processes; the worker dies every few seconds, rebuilds are begun."""
        editors = [self.begin("edit", str(self.seconds), str(self.seed + n)) for n in (1, 2)]
        kills, end = 0, time.monotonic() + self.seconds
        while time.monotonic() < end:
            time.sleep(self.dice.uniform(2, 6))
            if self.dice.random() < 0.4:
                self.search("rebuild", "product", "--no-wait")
                time.sleep(self.dice.uniform(0.2, 2))
            kills += self.kill_worker()
        edits = [json.loads(editor.communicate()[0]) for editor in editors]
        self.result |= {"edits": sum(sum(one.values()) for one in edits), "kills": kills}
        self.say(f"{self.result['edits']} edits, the worker was killed {kills} times")

    def kill_worker(self) -> int:
        assert self.stack.process is not None
        workers = [pid for pid, kind in tree(self.stack.process.pid) if kind == "worker"]
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        return len(workers)

    def settle(self) -> None:
        """Wait until nothing is left to do."""
        began = time.monotonic()
        while True:
            told = json.loads(self.search("status", "--json"))
            waiting = [sum(one["waiting"].values()) for one in told["databases"]]
            behind = [one["caught_up_seconds_ago"] for one in told["databases"]]
            if (
                not any(waiting)
                and not told["tasks"]
                and all(b is not None and b < 5 for b in behind)
            ):
                break
            time.sleep(1)
        self.say(f"at rest after {time.monotonic() - began:.1f} s")

    def verify(self) -> None:
        began = time.monotonic()
        said = self.search("verify").strip().splitlines()
        self.result["verify"] = said[-1]
        self.say(f"{said[-1]} ({time.monotonic() - began:.1f} s)")

    def fresh(self, imported: int) -> None:
        """How soon a single change is found, alone and during an import."""
        self.result["fresh_at_rest"] = self.stack.python(
            "bench.search_edits", "freshness", "60", "0.05"
        )
        self.say(f"at rest: {self.result['fresh_at_rest']}")
        if imported:
            importing = self.begin("import", str(imported))
            time.sleep(3)
            self.result["fresh_during_import"] = self.stack.python(
                "bench.search_edits", "freshness", "100", "0.2"
            )
            self.say(f"during an import: {self.result['fresh_during_import']}")
            self.result["import"] = json.loads(importing.communicate()[0])

    def begin(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "bench.search_edits", *arguments],
            cwd=ROOT, env=self.stack.environment(), stdout=subprocess.PIPE,
        )  # fmt: skip

    def search(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "search", *arguments],
            cwd=ROOT, env=self.stack.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"search {' '.join(arguments)}: {done.stdout}\n{done.stderr[-2000:]}")
        return done.stdout

    @staticmethod
    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.search_chaos", description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60, help="how long to make trouble")
    parser.add_argument("--import", type=int, default=10_000, dest="imported")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qc-chaos-") as folder:
        Path(folder).chmod(0o711)
        stack = Stack(Path(folder), workers=1, threads=2)
        try:
            stack.start()
            found = Chaos(
                stack, products=chosen.products, seconds=chosen.seconds, seed=chosen.seed
            ).run(chosen.imported)
        finally:
            stack.stop()
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
