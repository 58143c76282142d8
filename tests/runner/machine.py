"""The product on a folder of its own, started and killed as ``make serve`` does it."""

import contextlib
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]


def free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


class Machine:
    """One DATA_DIR with its ports, on which the product is started and killed."""

    words: tuple[str, ...] = ("serve",)  # the command and its options

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port, self.gateway_port = free_ports()
        self.process: subprocess.Popen[str] | None = None
        self._said: list[str] = []
        self._reader = threading.Thread()

    def environment(self, **more: str) -> dict[str, str]:
        keep = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
        ours = {
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "GATEWAY_PORT": str(self.gateway_port),
            "WEB_WORKERS": "1",
            "PYTHONUNBUFFERED": "1",  # what a killed one said isn't lost
        }
        return keep | ours | more

    def command(self) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *self.words]

    def start(self) -> None:
        process = subprocess.Popen(
            self.command(),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said: list[str] = []
        assert process.stdout
        # Read all the time: whoever writes into a full pipe stands still.
        reader = threading.Thread(target=said.extend, args=(process.stdout,), daemon=True)
        reader.start()
        self.process, self._said, self._reader = process, said, reader

    def said(self) -> str:
        """All that it and its children printed, once the last of them has left."""
        self._reader.join(120)
        assert not self._reader.is_alive(), "a child is still there"
        return "".join(self._said)

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
        found: dict[str, psutil.Process] = {}
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, IndexError):
                title = child.cmdline()[0].split()
                if "postgres" in child.name():
                    found.setdefault("postgres", child)
                elif title[0] == "quancheng" and len(title) == 2:  # not those it forked to serve
                    found[title[1]] = child
        return found

    def replaced(self, name: str, pid: int) -> bool:
        """Whether another process than ``pid`` now is the child of that name."""
        child = self.children().get(name)
        return child is not None and child.pid != pid

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        assert self.process
        self.process.send_signal(how)
        code = self.process.wait(timeout=120)
        return code, self.said()


def wait(check: Callable[[], bool], *, seconds: float, told: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)


def stopped_cleanly(machine: Machine, how: signal.Signals) -> str:
    """What it said until it was gone, with everyone it had started."""
    assert machine.process
    everyone = psutil.Process(machine.process.pid).children(recursive=True)
    code, output = machine.stop(how)
    assert code == 0, output
    assert f"http://127.0.0.1:{machine.port}/" in output
    assert "Traceback" not in output
    assert [p for p in everyone if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
    return output


def settled(machine: Machine) -> Machine:
    """The machine with what a first start leaves, so that the next start has nothing to prepare.

    One first start for all tests of the run; each gets a copy of what it left.
    """
    pattern = Path(os.environ["QC_TEST_DATA_DIR"]) / "settled"
    with pattern.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (pattern / "data").exists():
            first = Machine(pattern / "draft")
            first.data.parent.mkdir(parents=True)
            for folder in (pattern.parent, pattern, first.data.parent):
                folder.chmod(0o711)
            first.start()
            first.up()
            stopped_cleanly(first, signal.SIGTERM)
            first.data.rename(pattern / "data")
    machine.data.mkdir(exist_ok=True)
    subprocess.run(["cp", "-pR", f"{pattern}/data/.", str(machine.data)], check=True)
    return machine
