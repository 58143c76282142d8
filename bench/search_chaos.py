"""``python -m bench.search_chaos``: is the index right after everything that can go wrong?

Starts the whole product with 100,000 products (``--products``), edits them at random while the
worker is killed by SIGKILL again and again, in the middle of rebuilds too; then takes the engine
away for ``--away`` seconds while edits go on, asks for a page meanwhile, lets all come to rest, and
compares every document with the database. Then measures how soon a single change is found, at
rest and during an import of 10,000 products (``--import``), and compares again.

The embedded engine is taken away with its folder. ``SEARCH_URL`` tries another one, which is
killed in between too: ``--server`` is the command that starts it, ``--server-pid`` the file with
its process id.
"""

import argparse
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench.processes import tree
from bench.scenarios import API, PAGE
from bench.seed import MERCHANTS, multiply
from bench.stack import ROOT, Stack


def signal_workers(stack: Stack, number: signal.Signals) -> int:
    """Send a signal to each worker; how many there are."""
    assert stack.process is not None
    workers = [pid for pid, kind in tree(stack.process.pid) if kind == "worker"]
    for pid in workers:
        os.kill(pid, number)
    return len(workers)


class Folder:
    """The embedded engine: gone when its folder is, and its writer halted, which would begin a new
    one otherwise."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.here = stack.data_dir / "search"
        self.gone = stack.data_dir / "search.gone"

    def kill(self) -> None:
        while not signal_workers(self.stack, signal.SIGSTOP):
            time.sleep(0.1)  # the one before was just killed
        self.here.rename(self.gone)

    def start(self) -> None:
        self.gone.rename(self.here)
        signal_workers(self.stack, signal.SIGCONT)


class Server:
    """A search server, killed by SIGKILL."""

    def __init__(self, command: str, pid: Path) -> None:
        self.command, self.pid = shlex.split(command), pid

    def kill(self) -> None:
        os.kill(int(self.pid.read_text()), signal.SIGKILL)

    def start(self) -> None:
        subprocess.run(self.command, check=True, stdout=subprocess.DEVNULL)


class Chaos:
    """One run; ``say`` tells of each step."""

    def __init__(
        self,
        stack: Stack,
        engine: Folder | Server,
        *,
        products: int,
        seconds: int,
        seed: int,
        pause: float = 0,
    ) -> None:
        self.stack, self.products, self.seconds, self.pause = stack, products, seconds, pause
        self.engine = engine
        self.dice = random.Random(seed)
        self.seed = seed
        self.result: dict[str, Any] = {"seed": seed, "products": products}

    def run(self, imported: int, away: int) -> dict[str, Any]:
        self.fill()
        self.trouble()
        self.absence(away)
        self.settle()
        self.verify()
        self.fresh(imported)
        if imported:
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
            kills += signal_workers(self.stack, signal.SIGKILL)
            if isinstance(self.engine, Server) and self.dice.random() < 0.4:
                self.engine.kill()
                self.engine.start()
                self.result["server_kills"] = self.result.get("server_kills", 0) + 1
        edits = [json.loads(editor.communicate()[0]) for editor in editors]
        self.result |= {"edits": sum(sum(one.values()) for one in edits), "kills": kills}
        self.say(f"{self.result['edits']} edits, the worker was killed {kills} times")

    def absence(self, seconds: int) -> None:
        """The engine is gone; edits go on, and so does the shop."""
        self.engine.kill()
        editor = self.begin("edit", str(seconds), str(self.seed + 3), str(self.pause))
        time.sleep(min(10, seconds / 2))  # a breaker may let a question through first
        told = json.loads(self.ask(f"{API}/search?q=tea"))
        page = self.ask(f"{PAGE}/search/?q=tea").decode()
        suggested = json.loads(self.ask(f"{API}/suggest?q=tea"))
        self.result["away"] = {
            "seconds": seconds,
            "edits": sum(json.loads(editor.communicate()[0]).values()),
            "degraded": told["degraded"],
            "products": len(told["data"]),
            "on_page": page.count("/products/"),
            "suggested": len(suggested["data"]),
            "waiting": json.loads(self.search("status", "--json"))["databases"][0]["waiting"],
        }
        self.engine.start()
        self.say(f"without the engine: {self.result['away']}")

    def ask(self, path: str) -> bytes:
        with urllib.request.urlopen(self.stack.url + path, timeout=60) as answer:
            return bytes(answer.read())

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
            self.result["fresh_during_import"] = self.stack.python(
                "bench.search_edits", "freshness", "1", "0.2", str(importing.pid)
            )
            self.say(f"during an import: {self.result['fresh_during_import']}")
            self.result["import"] = json.loads(importing.communicate()[0])
            self.say(f"the import: {self.result['import']}")

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
    parser.add_argument("--away", type=int, default=60, help="how long without the engine")
    parser.add_argument("--pause", type=float, default=0, help="seconds between edits then")
    parser.add_argument("--server", help="the command that starts the search server")
    parser.add_argument("--server-pid", type=Path, help="the file with its process id")
    parser.add_argument("--import", type=int, default=10_000, dest="imported")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qc-chaos-") as folder:
        Path(folder).chmod(0o711)
        stack = Stack(Path(folder), workers=1, threads=2)
        try:
            stack.start()
            engine = Server(chosen.server, chosen.server_pid) if chosen.server else Folder(stack)
            found = Chaos(
                stack,
                engine,
                products=chosen.products,
                seconds=chosen.seconds,
                seed=chosen.seed,
                pause=chosen.pause,
            ).run(chosen.imported, chosen.away)
        finally:
            stack.stop()
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
