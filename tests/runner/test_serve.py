"""``manage.py serve`` from nothing: comes up, survives what may happen, goes down cleanly."""

import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.runner.machine import Machine, settled, stopped_cleanly, wait

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
