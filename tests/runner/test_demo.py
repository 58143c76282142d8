"""``manage.py demo --check``, as `make demo-check` runs it: how it ends when something is broken.

That it ends well when nothing is, is a step of its own beside these tests.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pyotp
import pytest

from config.demo import apart
from config.demo.api import Refused
from config.demo.goods import SHOPS
from config.demo.progress import Progress
from config.demo.seed import PLATFORMS, RETAIL
from config.demo.story import tell
from config.demo.visit import visit
from config.management.commands.demo import GOODS
from config.serving import listens
from tests.runner.machine import Machine, settled, wait

PAGE = '<html lang="{language}" class="no-js"><input name="csrfmiddlewaretoken" value="t">'


class Facts(Progress):
    """All that a played demo remembers; whatever wasn't told is a word."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.facts = defaultdict(lambda: "words")
        for role in ("seller", "buyer"):
            self.facts[f"app:{role}"] = pyotp.random_base32()


class Shop:
    """Answers every page, but for what is broken."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()
        self.broken: dict[str, int] = {}
        self.one_language: set[str] = set()


@pytest.fixture
def shop(settings: Any, tmp_path: Path) -> Iterator[Shop]:
    found = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            language = "en" if "django_language=en" in self.headers["Cookie"] else "zh-Hans"
            found.asked.add((self.path, language))
            if self.path in found.one_language:
                language = "zh-Hans"
            text = PAGE.format(language=language).encode()
            self.send_response(found.broken.get(self.path, 200))
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_POST(self) -> None:
            """Signing in leads to the start page of whoever it is."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            start = re.sub("sign-in/(code/)?$", "", self.path)
            if "code=" in body or re.search("ginseng|warehouse|corn", body):
                start += "merchant/"
            elif "operator" in body:
                start += "operator/"
            self.send_response(302)
            self.send_header("Location", start)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.PORT, settings.DATA_DIR = server.server_address[1], tmp_path
    yield found
    server.shutdown()
    server.server_close()


def test_every_address_that_is_printed_is_opened_in_both_languages(
    shop: Shop, settings: Any, tmp_path: Path
) -> None:
    lines: list[str] = []
    facts = Facts(tmp_path / "facts")
    shown = tell(facts, lines.append)
    visit(shown, facts, lines.append)
    told = "\n".join(lines)
    base = re.escape(f"http://127.0.0.1:{settings.PORT}")
    printed = set(re.findall(rf"{base}(\S*)", told))
    assert len(printed) >= 2 * 5  # a shop with its two desks, its API's page and letters
    for page in printed:
        assert {(page, "zh-Hans"), (page, "en")} <= shop.asked, page
    assert re.search(r"All \d+ pages are there, in zh-Hans and en\.", told)


def test_all_that_cannot_be_opened_is_named(shop: Shop, tmp_path: Path) -> None:
    facts = Facts(tmp_path / "facts")
    shown = tell(facts, lambda line: None)
    shop.broken = {"/p/corn/mail/": 404, "/p/changchun/operator/": 500}
    shop.one_language = {"/p/changchun/verify/"}
    with pytest.raises(Refused) as refused:
        visit(shown, facts, lambda line: None)
    told = str(refused.value)
    for part in (
        "/p/corn/mail/ answered 404.",
        "/p/changchun/operator/) answered 500.",
        "/p/changchun/verify/ is in zh-Hans, asked for in en.",
    ):
        assert part in told
    assert told.count("http") == 4  # nothing else; signing in comes to the broken page


@contextmanager
def checking(**facts: object) -> Iterator[Machine]:
    """A demo to be checked that has come as far as the facts say."""
    with tempfile.TemporaryDirectory(prefix="qc-demo-") as folder:
        Path(folder).chmod(0o711)
        machine = settled(Machine(Path(folder)))
        machine.words = ("demo", "--check")
        (machine.data / "demo-progress.json").write_text(json.dumps({"filled": GOODS, **facts}))
        machine.start()
        yield machine
        assert machine.process
        if machine.process.poll() is None:
            machine.stop()


def everyone_of(machine: Machine) -> list[psutil.Process]:
    assert machine.process
    found: list[psutil.Process] = psutil.Process(machine.process.pid).children(recursive=True)
    return found


@pytest.mark.slow
@pytest.mark.kill
def test_a_story_that_breaks_ends_it_with_all_its_processes() -> None:
    """The first trade finds no platform: nothing was seeded."""
    codes = [code for code, _names, _blueprint in PLATFORMS]
    told = {f"{what}:{code}": True for what in ("connected", "fapiao", "ways") for code in codes}
    seller = {f"api:{RETAIL}:seller:{SHOPS[0].code}": "qk_test_nobody"}
    with checking(gateway_key="sk_test_nobody", **told, **seller) as machine:
        wait(
            lambda: {"postgres", "web", "worker", "gateway"} <= set(machine.children()), seconds=200
        )
        everyone = everyone_of(machine)
        assert machine.process
        code, output = machine.process.wait(200), machine.said()
        assert code == 1, output
    assert "CommandError: The demo broke off. The first trade: Refused: GET /categories" in output
    assert not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in everyone)
    assert not listens(machine.port)
    assert not listens(machine.gateway_port)


@pytest.mark.slow
@pytest.mark.kill
def test_one_that_is_stopped_has_not_succeeded() -> None:
    with checking() as machine:
        wait(lambda: bool(machine.children()), seconds=200)
        code, output = machine.stop()
    assert code != 0, output
    assert "played to its end" in output


def test_apart_from_whatever_else_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither folder, ports nor databases of the caller; the exit code is the demo's."""
    say = (
        "import os, signal, sys; e = os.environ;"
        "print(e['DATA_DIR'], e['PORT'], e['GATEWAY_PORT'], sorted(e), flush=True);"
        "open(e['DATA_DIR'] + '/file', 'w').close(); signal.pause() if {wait} else sys.exit(3)"
    )
    program = (
        "import sys; from config.demo import apart;"
        f"apart.COMMAND = (sys.executable, '-c', {say!r}.replace('{{wait}}', sys.argv[1]));"
        "sys.exit(apart.main())"
    )
    for name in ("DATABASE_URL", "REDIS_URL", "SEARCH_URL", "GATEWAY_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/mine")
    monkeypatch.setenv("DATA_DIR", "/nowhere")
    root = str(Path(apart.__file__).parents[2])
    for waits, signalled, code in (("False", False, 3), ("True", True, -signal.SIGTERM)):
        process = subprocess.Popen(
            [sys.executable, "-c", program, waits],
            cwd=root,
            env=os.environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        folder, port, gateway_port, names = process.stdout.readline().split(" ", 3)
        if signalled:
            process.terminate()
        process.communicate(timeout=60)
        assert process.returncode == code % 256
        assert not Path(folder).exists()
        assert folder != "/nowhere"
        assert port != gateway_port
        assert "_URL" not in names
