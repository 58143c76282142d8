"""The threads of a process under the real server take turns (``kernel.turns``)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from bench.stack import free_port
from config import web

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
from config import web
web.take_turns()
web.run("tests.runner.turning:application", name="turning", address="127.0.0.1", port={port},
        workers=1, threads=3)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    port = free_port()
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(port=port)],
        env=os.environ | {"TURNING": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: _answers(url))
        yield url, child
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(30)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


@pytest.mark.slow
def test_one_thread_serves_until_it_is_held_up(
    server: tuple[str, "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    url, child = server
    with ThreadPoolExecutor(8) as pool:
        # The server starts a further thread when two requests wait.
        held = [pool.submit(requests.get, f"{url}/hold/{n}", timeout=60) for n in range(8)]
        until(lambda: sum((tmp_path / str(n)).exists() for n in range(8)) == 3)
        (tmp_path / "go").touch()
        assert len({one.result().text for one in held}) == 3
        assert len({requests.get(url, timeout=60).text for _ in range(30)}) == 1
        (tmp_path / "go").unlink()
        slow = pool.submit(requests.get, f"{url}/hold/more", timeout=60)
        until((tmp_path / "more").exists)
        others = {requests.get(url, timeout=60).text for _ in range(10)}
        (tmp_path / "go").touch()
        assert slow.result().text not in others
    child.send_signal(signal.SIGTERM)
    assert child.wait(60) == 0  # and those that rest don't hold it up


@pytest.mark.parametrize(
    ("hosts", "here"),
    [(("", "/run/postgresql"), True), (("localhost", "127.0.0.1"), True), (("", "db.lan"), False)],
)
def test_turns_are_taken_where_the_database_is_here(
    hosts: Any, here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        settings, "DATABASES", {str(n): {"HOST": one} for n, one in enumerate(hosts)}
    )
    assert web.database_here() is here
