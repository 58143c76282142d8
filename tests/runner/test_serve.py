"""``manage.py serve`` from nothing: comes up, survives what may happen, goes down cleanly."""

import signal
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.runner.machine import ROOT, Machine, settled, stopped_cleanly, wait

pytestmark = [pytest.mark.slow, pytest.mark.kill]


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


def test_comes_up_from_nothing_and_stops_cleanly(machine: Machine) -> None:
    settled(machine)  # starts from nothing and stops, unless another test did
    assert stat.S_IMODE((machine.data / "secrets").stat().st_mode) == 0o700


def test_a_start_with_nothing_to_prepare(machine: Machine) -> None:
    settled(machine).start()
    machine.up()
    a_second_start_is_told_why_it_cannot(machine)
    output = stopped_cleanly(machine, signal.SIGINT)
    for word in ("Migrating", "Compiled", "Collected"):
        assert word not in output


def a_second_start_is_told_why_it_cannot(machine: Machine) -> None:
    assert "already runs from" in machine.refused()
    other = str(machine.data.parent / "other")
    told = machine.refused(DATA_DIR=other)
    assert f"Port {machine.port} can't be used" in told
    assert "PORT=" in told
    assert machine.is_ok()


def test_stops_at_once_while_it_is_still_preparing(machine: Machine) -> None:
    """Whatever a first start is doing when it is told to stop, the next one goes on from there."""
    for after in (1.2, 3.0):
        machine.start()
        time.sleep(after)
        code, output = machine.stop()
        assert "Traceback" not in output
        assert code in {0, -signal.SIGTERM}, output  # before it listens, a signal just ends it
    machine.start()
    machine.up()


def test_what_is_killed_comes_back(machine: Machine) -> None:
    settled(machine).start()
    machine.up()
    for victim in ("postgres", "web", "worker", "gateway", "product"):
        first = machine.children()[victim]
        first.kill()
        first.wait(10)
        wait(
            partial(machine.replaced, victim, first.pid),
            seconds=200,
            told=lambda: str(machine.children()),
        )
        machine.up()
    output = everything_killed_at_once_starts_again(machine)
    assert output.count("ended") >= 5
    assert machine.stop()[0] == 0


def everything_killed_at_once_starts_again(machine: Machine) -> str:
    """What the killed one had said."""
    assert machine.process
    old = [p for p in family(machine) if "postgres" not in p.name()]
    machine.process.kill()
    machine.process.wait(60)
    output = machine.said()
    machine.start()
    machine.up()
    wait(lambda: not any(p.is_running() for p in old), seconds=60)
    return output


WORKER_DIES = """
import contextlib, os, psutil, time
from config.serving import serve

def worker():
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # or ended, and not waited for yet
            if child.cmdline()[:1] == ["quancheng worker"]:
                return child.pid

def kill():
    first = worker()
    os.kill(first, 9)
    while worker() in (None, first):
        time.sleep(0.1)

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
serve(say=lambda text: print(text, flush=True), after_up=kill, then_stop=True)
"""


class Checked(Machine):
    """What is watched to its end, as `make demo-check` watches; its worker dies on the way."""

    def command(self) -> list[str]:
        return [sys.executable, "-c", WORKER_DIES]

    def environment(self, **more: str) -> dict[str, str]:
        return super().environment(PYTHONPATH=str(ROOT), **more)


def test_a_check_tells_that_a_process_of_the_product_ended(machine: Machine) -> None:
    settled(machine)
    checked = Checked(machine.data.parent)
    checked.start()
    assert checked.process
    code, output = checked.process.wait(200), checked.said()
    assert "worker ended (killed by SIGKILL); starts again" in output
    assert code != 0, output
    assert "These, or processes of theirs, ended and were started again: product." in output
