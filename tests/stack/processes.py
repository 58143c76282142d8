"""Web, worker, beat and sandbox as separate processes, as in production."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stack.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]
CELERY = [str(Path(sys.executable).parent / "celery"), "-A", "config", "worker"]
KINDS = {
    "web": [*MANAGE, "web"],
    "sandbox": [*MANAGE, "gateway"],
    "worker": [*CELERY, "--concurrency", "2", "--loglevel", "WARNING"],
    "beat": [*MANAGE, "beat"],
}


def eventually(check: Callable[[], Any], *, seconds: float = 30) -> Any:
    """The first truthy answer; fails with the last one when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < deadline, f"still {found!r} after {seconds} s"
        time.sleep(0.2)


@dataclass
class Stack:
    """The running processes, and how to speak to them."""

    logs: Path
    port: int = field(default_factory=free_port)
    gateway_port: int = field(default_factory=free_port)
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str) -> None:
        variables = {
            "PORT": str(self.port),
            "GATEWAY_PORT": str(self.gateway_port),
            "DATABASE_POOL_SIZE": "4",
            "WEB_WORKERS": "2",
            "SUPERVISED": str(os.getpid()),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                KINDS[name],
                cwd=ROOT,
                env=os.environ | variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def up(self) -> None:
        """Wait until web answers; show what it said when it doesn't."""
        deadline = time.monotonic() + 120
        while self.get("/healthz")[0] != 200:
            assert time.monotonic() < deadline, self.log("web")[-3000:]
            time.sleep(0.2)

    def kill(self, name: str) -> None:
        """SIGKILL the process and all it started, as when the machine takes it away."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> dict[str, int]:
        """SIGTERM to all; their exit codes."""
        for process in self.processes.values():
            process.terminate()
        codes = {}
        for name, process in self.processes.items():
            try:
                codes[name] = process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                codes[name] = process.wait()
        self.processes.clear()
        return codes

    def get(self, path: str, **headers: str) -> tuple[int, Any, dict[str, str]]:
        return self.call("GET", path, None, **headers)

    def call(
        self, method: str, path: str, body: Any, **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, JSON (or text) and headers of the answer of web."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            content = None if body is None else json.dumps(body)
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            if content is not None:
                names["Content-Type"] = "application/json"
            connection.request(method, path, content, names)
            answer = connection.getresponse()
            text = answer.read().decode()
            kind = answer.headers.get("Content-Type", "")
            parsed = json.loads(text) if "json" in kind else text
            return answer.status, parsed, dict(answer.headers.items())
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error), {}
        finally:
            connection.close()

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")
