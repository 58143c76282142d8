"""PostgreSQL and Redis from the distribution's packages, on free ports, for one run."""

import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from config.embedded.user import RunAs, choose_user

POSTGRES_FLOOR = 15


class Missing(RuntimeError):
    """A program that these tests need isn't installed."""


def free_port() -> int:
    """A TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_programs() -> Path:
    """The folder with the lowest supported PostgreSQL that is installed (Debian's layout)."""
    found = sorted(
        (int(path.parent.parent.name), path.parent)
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if path.parent.parent.name.isdigit()
    )
    for version, place in found:
        if version >= POSTGRES_FLOOR:
            return place
    raise Missing("PostgreSQL 15 or later isn't installed: apt-get install postgresql")


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A throw-away server on TCP; gives the superuser's address."""
    place = postgres_programs()
    folder.mkdir(parents=True)
    user = choose_user(folder / "none")
    user.give(folder)
    secret = secrets.token_hex(16)
    note = folder / "password"
    note.write_text(secret)
    user.give(note)
    data, port = folder / "data", free_port()
    command = [str(place / "initdb"), "-D", str(data), "-U", "postgres", "--locale=C.UTF-8", "-N"]
    _run([*command, "--auth=scram-sha-256", f"--pwfile={note}", "--encoding=UTF8"], user)
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": folder,
        "fsync": "off",
        "full_page_writes": "off",
        "max_connections": 200,
        "log_min_messages": "warning",
    }
    server = [str(place / "postgres"), "-D", str(data)]
    server += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    url = f"postgresql://postgres:{secret}@127.0.0.1:{port}/postgres"
    with _running(server, folder / "log", user=user):
        _until(lambda: psycopg.connect(url).close(), (psycopg.OperationalError,))
        yield url


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A throw-away Redis; gives its address."""
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("Redis isn't installed: apt-get install redis-server")
    folder.mkdir(parents=True)
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    url = f"redis://127.0.0.1:{port}/0"
    with _running([program, *options], folder / "log"):
        _until(lambda: redis.Redis.from_url(url).ping(), (redis.ConnectionError,))
        yield url


def _run(command: list[str], user: RunAs) -> None:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        **user.popen_options(),  # type: ignore[call-overload]
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")


@contextmanager
def _running(command: list[str], log: Path, *, user: RunAs | None = None) -> Iterator[None]:
    options: dict[str, Any] = user.popen_options() if user else {}
    with log.open("ab") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, **options)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until(attempt: Any, errors: tuple[type[Exception], ...], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            attempt()
            return
        except errors:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
