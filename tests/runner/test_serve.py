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

from tests.runner.machine import Machine, settled, wait

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
    machine.start()
    machine.up()
    secrets = machine.data / "secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    stops_cleanly(machine, signal.SIGTERM)


def test_ctrl_c_stops_it_and_a_second_start_prepares_nothing(machine: Machine) -> None:
    settled(machine).start()
    machine.up()
    output = stops_cleanly(machine, signal.SIGINT)
    for word in ("Migrating", "Compiled", "Collected"):
        assert word not in output


def stops_cleanly(machine: Machine, how: signal.Signals) -> str:
    """What it said until it was gone, with everyone it had started."""
    everyone = family(machine)
    code, output = machine.stop(how)
    assert code == 0, output
    assert f"http://127.0.0.1:{machine.port}/" in output
    assert "Traceback" not in output
    assert [p for p in everyone if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
    return output


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
    settled(machine).start()
    machine.up()
    assert "already runs from" in machine.refused()
    other = str(machine.data.parent / "other")
    told = machine.refused(DATA_DIR=other)
    assert f"Port {machine.port} can't be used" in told
    assert "PORT=" in told
    assert machine.is_ok()


def test_everything_killed_at_once_starts_again(machine: Machine) -> None:
    settled(machine).start()
    machine.up()
    assert machine.process
    old = [p for p in family(machine) if "postgres" not in p.name()]
    machine.process.kill()
    machine.process.communicate(timeout=60)  # until the last of its children has left
    machine.start()
    machine.up()
    wait(lambda: not any(p.is_running() for p in old), seconds=10)


def test_a_killed_part_comes_back(machine: Machine) -> None:
    settled(machine).start()
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
