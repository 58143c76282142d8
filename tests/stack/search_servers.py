"""Real search servers for one run each: Elasticsearch 8 and 9, OpenSearch 3.

A program ``serve`` (a folder beside this repository, or where SEARCH_SERVER points) sets one up and
starts it. What it sets up stays in the virtual environment's folder, so the next run starts in
seconds. Without that program, SEARCH_URL names a server to use; without either, the run is skipped
and says so.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.stack.servers import Missing

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("elasticsearch-8", "elasticsearch-9", "opensearch-3")
JDK_FLOOR = {"elasticsearch-8": 17, "elasticsearch-9": 21, "opensearch-3": 21}
PROGRAMS = ("mvn", "curl", "unzip")
HEAP = "384m"
# OpenSearch's runner takes no port above 9299; Elasticsearch's also uses the port plus 100.
PORTS = range(9220, 9299)
PREPARE_SECONDS = 400


@dataclass
class SearchServer:
    """One node that this run may kill and start again on the same folder."""

    kind: str
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The node's process, if it was started and lives."""
        try:
            number = int((self.folder / "pid").read_text())
            command = Path(f"/proc/{number}/cmdline")
            if command.parent.parent.exists() and b"java" not in command.read_bytes():
                return None  # the number went to somebody else
            os.kill(number, 0)
        except (OSError, ValueError):
            return None
        return number

    def start(self) -> None:
        """Start it and wait until it answers; the program's own message if it doesn't."""
        if self.pid is None:
            (self.folder / "pid").unlink(missing_ok=True)
        done = subprocess.run(
            [str(program()), self.kind, str(self.folder), str(self.port)],
            env=os.environ | {"HEAP": HEAP},
            capture_output=True,
            text=True,
            check=False,
            timeout=PREPARE_SECONDS,
        )
        if done.returncode != 0:
            raise Missing(f"{self.kind} could not be started: {done.stderr.strip()[-2000:]}")

    def kill(self) -> None:
        """Pull the plug: the process gets no chance to say goodbye."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + 60
        while self.pid is not None and time.monotonic() < deadline:
            time.sleep(0.1)
        self.kill()

    def _signal(self, number: signal.Signals) -> None:
        pid = self.pid
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if number is signal.SIGKILL:
            while self.pid is not None and not _gone(pid):
                time.sleep(0.05)
            (self.folder / "pid").unlink(missing_ok=True)


def _gone(pid: int) -> bool:
    """A killed process whose parent hasn't looked yet still has a number; it runs no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def program() -> Path:
    """The program that sets up and starts search servers."""
    chosen = os.environ.get("SEARCH_SERVER")
    found = Path(chosen) if chosen else ROOT.parent / "shared" / "search-server" / "serve"
    if found.is_dir():
        found /= "serve"
    if not found.is_file():
        raise Missing(
            f"no search servers: {found} isn't there. Set SEARCH_SERVER to the program that "
            "starts them, or SEARCH_URL to a running Elasticsearch or OpenSearch."
        )
    return found


def can_start(kind: str) -> str:
    """Empty if this machine can start ``kind``, else what it lacks."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        return f"needs {', '.join(absent)}"
    if max(_jdks(), default=0) < JDK_FLOOR[kind]:
        return (
            f"needs a JDK {JDK_FLOOR[kind]} or newer with its compiler (JAVA_HOME or /usr/lib/jvm)"
        )
    return ""


def _jdks() -> list[int]:
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    places = Path("/usr/lib/jvm")
    homes += list(places.iterdir()) if places.is_dir() else []
    found = []
    for home in homes:
        compiler = home / "bin" / "javac"
        if not compiler.is_file():
            continue
        done = subprocess.run([str(compiler), "-version"], capture_output=True, text=True)
        words = (done.stdout or done.stderr).split()
        version = words[1].split(".")[0] if len(words) > 1 else ""
        if version.isdigit():
            found.append(int(version))
    return found


@contextmanager
def search_server(kind: str) -> Iterator[SearchServer]:
    """A node of ``kind`` with an empty index, stopped at the end; one run at a time has it."""
    lacking = can_start(kind)
    if lacking:
        raise Missing(f"{kind}: {lacking}")
    folder = Path(sys.prefix) / "search-servers" / kind
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = SearchServer(kind, folder, _free_port())
        server.stop()  # one that an interrupted run left behind
        for old in (folder / "home" / "data", folder / "node"):
            shutil.rmtree(old, ignore_errors=True)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def given() -> SearchServer | None:
    """In a test: the node that this run may kill, from the environment that the run set."""
    folder, kind = os.environ.get("SEARCH_SERVER_FOLDER"), os.environ.get("SEARCH_SERVER_KIND")
    if not (folder and kind):
        return None
    return SearchServer(kind, Path(folder), int(os.environ["SEARCH_URL"].rsplit(":", 1)[1]))


def environment(server: SearchServer) -> dict[str, str]:
    """What ``given`` reads."""
    return {
        "SEARCH_URL": server.url,
        "SEARCH_SERVER_KIND": server.kind,
        "SEARCH_SERVER_FOLDER": str(server.folder),
    }


def _free_port() -> int:
    for port in PORTS:
        if _free(port) and _free(port + 100):
            return port
    raise Missing(f"no free port between {PORTS.start} and {PORTS.stop}")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
