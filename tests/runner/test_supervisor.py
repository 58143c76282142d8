"""Children that end come back, with growing pauses; told to stop, everything stops."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from config.ahead import launch
from config.supervisor import Child, Supervisor


def eventually(check: Callable[[], bool], *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.05)
    return False


def supervise(*children: Child) -> tuple[Supervisor, list[str], threading.Thread]:
    said: list[str] = []
    found = Supervisor(children, server=None, say=said.append)
    found.start()
    watching = threading.Thread(target=found.watch)
    watching.start()
    return found, said, watching


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_killed_child_is_replaced() -> None:
    child = Child("sleeper", python("import time; time.sleep(60)"))
    supervisor, said, watching = supervise(child)
    try:
        assert child.process
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: child.process is not None and child.process.pid != first)
        assert "sleeper ended (killed by SIGKILL)" in said[0]
    finally:
        supervisor.stop()
        watching.join()
    assert child.process.poll() is not None


def test_a_child_that_keeps_failing_waits_longer_each_time() -> None:
    child = Child("broken", python("raise SystemExit(3)"))
    pauses = []
    for _ in range(9):
        child.started = time.monotonic()
        pauses.append(child.pause())
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    child.started = time.monotonic() - 61
    assert child.pause() == 0.5


def test_a_deaf_child_is_killed_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.supervisor.PATIENCE", 0.5)
    code = "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    child = Child("deaf", python(code))
    supervisor, said, watching = supervise(child)
    time.sleep(0.5)
    supervisor.stop()
    watching.join()
    assert child.process
    assert child.process.returncode == -signal.SIGKILL
    assert "was killed" in said[-1]


def test_a_forked_child_comes_back_and_ends_when_told(tmp_path: Path) -> None:
    """In a process of its own: the one that runs the tests has threads."""
    note = tmp_path / "pids"
    code = (
        "import os, signal, threading, time; from config.supervisor import *\n"
        f"note = open({str(note)!r}, 'a')\n"
        "def call():\n"
        "    note.write(f'{os.getpid()} {os.getsid(0)}\\n'); note.flush(); time.sleep(60)\n"
        "sleeper, say = Child('sleeper', call=call), lambda text: print(text, flush=True)\n"
        "s = Supervisor([sleeper], server=None, say=say)\n"
        "s.listen(); s.start(); s.watch(); s.stop(); print(s.children[0].process.returncode)\n"
    )
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen(
        python(code), env=os.environ | {"PYTHONPATH": str(root)}, stdout=subprocess.PIPE, text=True
    )

    def children() -> list[list[int]]:
        lines = note.read_text().splitlines() if note.exists() else []
        return [[int(word) for word in line.split()] for line in lines]

    assert eventually(lambda: len(children()) == 1)
    first, session = children()[0]
    assert first == session != parent.pid
    assert psutil.Process(first).cmdline()[0] == "quancheng sleeper"
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: len(children()) == 2)
    second = children()[1][0]
    parent.terminate()
    said, _ = parent.communicate(timeout=60)
    assert "sleeper ended (killed by SIGKILL); starts again in 0.5 s." in said
    assert said.splitlines()[-1] == str(-signal.SIGTERM)
    assert not psutil.pid_exists(second)


def test_who_waits_for_its_word_loads_before_the_others_start() -> None:
    code = "import sys; print('loaded', flush=True); sys.exit(len(sys.stdin.readline()))"
    waiting, other = Child("waits", python(code), word="go"), Child("other", python("pass"))
    supervisor = Supervisor([waiting, other], server=None, say=lambda text: None)
    supervisor.load()
    assert [one.process is not None for one in (waiting, other)] == [True, False]
    supervisor.start()
    assert [one.process is not None for one in (waiting, other)] == [True, True]
    assert waiting.process
    assert waiting.process.wait(60) == len("go\n")
    waiting.start()  # as after a crash: nobody says a word, and then it is told at once
    waiting.tell()
    assert waiting.process.wait(60) == len("go\n")
    waiting.tell()  # to one that is gone
    supervisor.stop()


def test_who_gets_a_first_word_hears_it_before_the_other() -> None:
    code = "import sys; sys.exit(len(sys.stdin.read()))"
    waiting = Child("waits", python(code), word="go", first="load")
    process = waiting.process = launch(python(code), {}, told=True)
    supervisor = Supervisor([waiting], server=None, say=lambda text: None)
    supervisor.load()
    assert waiting.process is process  # one that was started before
    assert process.poll() is None
    supervisor.start()
    assert process.wait(60) == len("load\ngo\n")
    supervisor.stop()


def test_a_failure_beside_stops_everything_and_is_kept() -> None:
    supervisor, _, watching = supervise(Child("sleeper", python("import time; time.sleep(60)")))

    def fail() -> None:
        raise ValueError("the trade broke")

    supervisor.run_beside(fail)
    watching.join(60)
    assert not watching.is_alive()
    supervisor.stop()
    assert str(supervisor.failure) == "the trade broke"


def test_children_leave_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    child = (
        "import os,time; from config.embedded.parent import leave_with_parent; leave_with_parent();"
        "second = os.fork();"  # as servers do that multiply themselves
        f"second and open({str(note)!r},'w').write(f'{{os.getpid()}} {{second}}'); time.sleep(60)"
    )
    parent = (
        "import sys,time; from config.supervisor import *;"
        f"s=Supervisor([Child('c',[sys.executable,'-c',{child!r}])],server=None,say=print);"
        "s.start(); time.sleep(60)"
    )
    root = Path(__file__).resolve().parents[2]
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", parent],
        os.environ | {"PYTHONPATH": str(root)},
    )
    assert eventually(lambda: note.exists() and bool(note.read_text()))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    left = [int(word) for word in note.read_text().split()]
    assert len(left) == 2
    assert eventually(lambda: not any(psutil.pid_exists(pid) for pid in left))


def test_who_was_still_loading_when_the_supervisor_was_killed_leaves_too(tmp_path: Path) -> None:
    note, go = tmp_path / "pid", tmp_path / "go"
    child = (
        f"import os,pathlib,time; open({str(note)!r},'w').write(str(os.getpid()))\n"
        f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.05)\n"
        "from config.embedded.parent import leave_with_parent; leave_with_parent()\n"
        "time.sleep(600)"
    )
    parent = (
        "import sys,time; from config.supervisor import *;"
        f"s=Supervisor([Child('c',[sys.executable,'-c',{child!r}])],server=None,say=print);"
        "s.start(); time.sleep(600)"
    )
    root = Path(__file__).resolve().parents[2]
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", parent],
        os.environ | {"PYTHONPATH": str(root)},
    )
    assert eventually(lambda: note.exists() and bool(note.read_text()))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    go.touch()
    left = int(note.read_text())
    try:
        assert eventually(lambda: not psutil.pid_exists(left), seconds=20)
    finally:
        if psutil.pid_exists(left):
            os.kill(left, signal.SIGKILL)
