"""``manage.py serve`` from nothing: comes up, survives what may happen, goes down cleanly."""

import contextlib
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.kill]


def free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


class Machine:
    """One DATA_DIR with its ports, on which the product is started and killed."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port, self.gateway_port = free_ports()
        self.process: subprocess.Popen[str] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        keep = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
        ours = {
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "GATEWAY_PORT": str(self.gateway_port),
            "WEB_WORKERS": "1",
        }
        return keep | ours | more

    def command(self) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), "serve"]

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command(),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def refused(self, **more: str) -> str:
        """What a start says that can't succeed."""
        done = subprocess.run(
            self.command(),
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode != 0
        return done.stderr

    def get(self, path: str, port: int | None = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def ready(self) -> dict[str, Any]:
        status, text = self.get("/readyz")
        return json.loads(text) if status else {"status": "away"}

    def is_ok(self) -> bool:
        return bool(self.ready()["status"] == "ok" and self.get("/", self.gateway_port)[0])

    def up(self) -> None:
        wait(self.is_ok, seconds=200, told=lambda: str(self.ready()))

    def children(self) -> dict[str, psutil.Process]:
        assert self.process
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess, IndexError):
                words = child.cmdline()
                found["postgres" if "postgres" in child.name() else words[2]] = child
        return found

    def replaced(self, name: str, pid: int) -> bool:
        """Whether another process than ``pid`` now is the child of that name."""
        child = self.children().get(name)
        return child is not None and child.pid != pid

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        assert self.process
        self.process.send_signal(how)
        output, _ = self.process.communicate(timeout=120)
        return self.process.returncode, output


def wait(check: Callable[[], bool], *, seconds: float, told: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)


@pytest.fixture
def machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="qc-serve-") as folder:
        Path(folder).chmod(0o711)
        found = Machine(Path(folder))
        yield found
        if found.process and found.process.poll() is None:
            found.stop()
        pid = found.data / "postgres" / "18" / "postmaster.pid"
        assert not pid.exists()


def family(machine: Machine) -> list[psutil.Process]:
    assert machine.process
    found: list[psutil.Process] = psutil.Process(machine.process.pid).children(recursive=True)
    return found


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_comes_up_from_nothing_and_stops_cleanly(machine: Machine, how: signal.Signals) -> None:
    machine.start()
    machine.up()
    everyone = family(machine)
    secrets = machine.data / "secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    code, output = machine.stop(how)
    assert code == 0, output
    assert f"http://127.0.0.1:{machine.port}/" in output
    assert "Traceback" not in output
    assert [p for p in everyone if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []

    machine.start()
    machine.up()
    _, output = machine.stop()
    for word in ("Migrating", "Compiled", "Collected"):
        assert word not in output


@pytest.mark.parametrize("after", [1.2, 3.0])
def test_stops_at_once_while_it_is_still_preparing(machine: Machine, after: float) -> None:
    """Whatever a first start is doing when it is told to stop, the next one goes on from there."""
    machine.start()
    time.sleep(after)
    code, output = machine.stop()
    assert "Traceback" not in output
    assert code in {0, -signal.SIGTERM}, output  # before it listens, a signal just ends it
    machine.start()
    machine.up()


def test_a_second_start_is_told_why_it_cannot(machine: Machine) -> None:
    machine.start()
    machine.up()
    assert "already runs from" in machine.refused()
    other = str(machine.data.parent / "other")
    told = machine.refused(DATA_DIR=other)
    assert f"Port {machine.port} can't be used" in told
    assert "PORT=" in told
    assert machine.is_ok()


def test_everything_killed_at_once_starts_again(machine: Machine) -> None:
    machine.start()
    machine.up()
    assert machine.process
    old = [p for p in family(machine) if "postgres" not in p.name()]
    machine.process.kill()
    machine.process.communicate()
    machine.start()
    machine.up()
    wait(lambda: not any(p.is_running() for p in old), seconds=10)


def test_a_killed_part_comes_back(machine: Machine) -> None:
    machine.start()
    machine.up()
    for victim in ("postgres", "web", "worker", "gateway"):
        first = machine.children()[victim]
        first.kill()
        first.wait(10)
        wait(
            partial(machine.replaced, victim, first.pid),
            seconds=60,
            told=lambda: str(machine.children()),
        )
        machine.up()
    code, output = machine.stop()
    assert code == 0
    assert output.count("ended") >= 4
