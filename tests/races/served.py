"""The product served from a folder of its own, as ``make serve`` does, and people who buy there.

Buyers send what wasn't answered again under the same key, as the API's conventions tell them to.
"""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psutil
import requests

from tests.races.crowd import DETAILS
from tests.runner.machine import ROOT, Machine, settled

BUYERS = 4
PATIENCE = 150.0  # seconds a buyer keeps trying: a lease of 60 s, and the way there


class Served(Machine):
    """A machine whose output goes to a file: nobody reads along here."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.output = folder / "output.txt"

    def environment(self, **more: str) -> dict[str, str]:
        calm = {"RATE_LIMIT_GUEST": "1000000", "DJANGO_SETTINGS_MODULE": "config.settings"}
        return super().environment(**calm, **more)

    def start(self) -> None:
        with self.output.open("ab") as file:
            self.process = subprocess.Popen(
                self.command(), env=self.environment(), stdout=file, stderr=file, text=True
            )

    def said(self) -> str:
        return self.output.read_text()

    def run(self, *arguments: str) -> dict[str, Any]:
        """What ``tests.races.market`` prints on this machine."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.races.market", *arguments],
            env=self.environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def kill(self, victim: str) -> None:
        """SIGKILL one part with all its processes; of the database only the postmaster."""
        assert self.process
        if victim in ("supervisor", "machine"):
            family = psutil.Process(self.process.pid).children(recursive=True)
            database = self.postmaster()
            dying = [*family, database, *database.children()] if victim == "machine" else []
            for process in (self.process, *dying):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            self.process.wait()
            self.start()
            return
        child = self.postmaster() if victim == "postgres" else self.children()[victim]
        family = [] if victim == "postgres" else child.children(recursive=True)
        for process in (child, *family):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs([child], timeout=10)

    def postmaster(self) -> psutil.Process:
        """The database server, whether the present supervisor started or found it."""
        file = self.data / "postgres" / "18" / "postmaster.pid"
        return psutil.Process(int(file.read_text().split("\n", 1)[0]))


@contextmanager
def served_machine() -> Iterator[Served]:
    """A machine that has been started, with nothing to prepare; stopped and removed at the end."""
    with TemporaryDirectory(prefix="qc-served-") as folder:
        Path(folder).chmod(0o711)
        found = Served(Path(folder))
        settled(found).start()
        try:
            yield found
        finally:
            if found.process and found.process.poll() is None:
                found.stop()


@dataclass
class Purchase:
    """One buyer's way: what was answered, and how much it was about."""

    total: int = 0
    status: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    tries: int = 0


class Buyers:
    """A few people who buy one thing after another, until others come in their place.

    Who is held up by a dead process's lease finishes what was begun beside the others.
    """

    def __init__(self, machine: Served, market: dict[str, Any]) -> None:
        self.machine = machine
        self.market = market
        self.done: list[Purchase] = []
        self.failures: list[str] = []
        self.shift = 0
        self.threads: list[threading.Thread] = []

    def come(self) -> None:
        """Fresh people; those who were here finish their purchase and go."""
        self.shift += 1
        fresh = [threading.Thread(target=self._live, args=(self.shift,)) for _ in range(BUYERS)]
        self.threads += fresh
        for thread in fresh:
            thread.start()

    def go(self) -> list[Purchase]:
        """All finish and go; what they bought."""
        self.shift += 1
        for thread in self.threads:
            thread.join(PATIENCE + 30)
        assert not any(thread.is_alive() for thread in self.threads)
        assert self.failures == [], self.failures
        return self.done

    def _live(self, shift: int) -> None:
        while self.shift == shift:
            try:
                self.done.append(self._buy())
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                return

    def _buy(self) -> Purchase:
        lines = [{"variant_id": v, "quantity": "1"} for v in self.market["variants"]]
        bought = Purchase()
        cart = self._send("POST", "/carts", {"lines": lines}, 201)
        token = {"Cart-Token": cart["token"]}
        shown = self._send("PUT", f"/carts/{cart['id']}/address", DETAILS, 200, **token)
        bought.total = shown["total"]["amount"]
        body = {
            "cart_id": cart["id"],
            "payment_method": "pm_card_visa",
            "expected_total": bought.total,
        }
        bought.answer = self._send("POST", "/checkouts", body, 201, bought=bought, **token)
        return bought

    def _send(
        self,
        method: str,
        path: str,
        body: Any,
        wanted: int,
        *,
        bought: Purchase | None = None,
        **headers: str,
    ) -> dict[str, Any]:
        """The answer, after as many tries under one key as it takes."""
        headers["Idempotency-Key"] = uuid4().hex
        headers["Content-Type"] = "application/json"
        deadline = time.monotonic() + PATIENCE
        while True:
            status, text = self._once(method, path, json.dumps(body), headers)
            if bought:
                bought.tries += 1
            flying = status == 409 and "idempotency_in_flight" in text
            if not (status == 0 or status >= 500 or flying):
                break
            assert time.monotonic() < deadline, f"{method} {path}: {status} {text}"
            time.sleep(0.5)
        assert status == wanted, f"{method} {path}: {status} {text}"
        found: dict[str, Any] = json.loads(text)
        return found

    def _once(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.machine.port, timeout=30)
        try:
            line.request(method, f"/p/{self.market['code']}/api/v1{path}", body, headers)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            line.close()


def charges(machine: Served, key: str) -> list[dict[str, Any]]:
    """All charges that the gateway knows."""
    found: list[dict[str, Any]] = []
    while True:
        after = f"&starting_after={found[-1]['id']}" if found else ""
        page = requests.get(
            f"http://127.0.0.1:{machine.gateway_port}/v1/charges?limit=100{after}",
            headers={"Authorization": f"Bearer {key}"},
            timeout=20,
        ).json()
        found += page["data"]
        if not page["has_more"]:
            return found


def unfinished(machine: Served, market: dict[str, Any]) -> list[dict[str, Any]]:
    """The journeys that are still on their way."""
    found: list[dict[str, Any]] = []
    for state in ("running", "undoing", "waiting"):
        answer = requests.get(
            f"http://127.0.0.1:{machine.port}/p/{market['code']}/api/v1/journeys?state={state}",
            headers={"Authorization": f"Bearer {market['operator']}"},
            timeout=20,
        )
        found += answer.json()["data"]
    return found
