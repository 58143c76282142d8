"""The whole product as ``manage.py serve`` runs it, on free ports and a data folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from config.embedded.postgres import connection_url

ROOT = Path(__file__).resolve().parent.parent
UNLIMITED = "1000000000"
# Settings of who runs the bench that must not reach the product under it.
FOREIGN = {
    "REDIS_URL",
    "ENVIRONMENT",
    "API_VALIDATE_RESPONSES",
    "GATEWAY_URL",
    "BANK_URL",
    "CARRIER_URL",
}


def free_port() -> int:
    """A TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stack:
    """Starts and stops the product; ``workers`` and ``threads`` are the web server's."""

    def __init__(self, data_dir: Path, *, workers: int, threads: int) -> None:
        self.data_dir = data_dir
        self.workers, self.threads = workers, threads
        self.port, self.gateway_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = data_dir / "serve.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """What every process of the run gets; the rate limits are the only thing relaxed."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if "DATABASE" not in name and name not in FOREIGN
        }
        return kept | {
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "GATEWAY_PORT": str(self.gateway_port),
            "WEB_WORKERS": str(self.workers),
            "WEB_THREADS": str(self.threads),
            "RATE_LIMIT_KEY": UNLIMITED,
            "RATE_LIMIT_GUEST": UNLIMITED,
            "WEBHOOK_ALLOW_PRIVATE": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def database_url(self, role: str, database: str = "quancheng") -> str:
        return connection_url(self.data_dir, role=role, database=database)

    def start(self, path: str = "/healthz", *, within: float = 120) -> float:
        """Start, and wait for the first good answer of ``path``; how long that took."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "serve"],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            return wait_for(self.url + path, self.process, within=within)
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{self.log.read_text()[-2000:]}") from error

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(60)
        self.process = None

    def python(self, module: str, *arguments: str) -> Any:
        """What a module of the bench prints as JSON, run beside the product as its app role."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            check=True,
        )
        return json.loads(done.stdout)


def wait_for(url: str, process: "subprocess.Popen[bytes]", *, within: float) -> float:
    """Seconds until ``url`` answers 200. Raises RuntimeError when the process ends before."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with code {process.returncode}.")
        with suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
            if answer.status == 200:
                return time.monotonic() - began
        time.sleep(0.02)
    raise RuntimeError(f"{url} gave no answer in {within:.0f} s.")


@contextmanager
def serving(command: Sequence[str], url: str, environment: Mapping[str, str]) -> Iterator[int]:
    """A server of ours beside the product, until the block ends; its process id."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(url, process, within=60)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)
