"""Keeps child processes running: starts, restarts with growing pauses, stops them together."""

import multiprocessing
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any

from setproctitle import setproctitle

from config.ahead import launch
from config.embedded.user import CannotStart

if TYPE_CHECKING:
    from config.embedded.postgres import Server

LONGEST_PAUSE = 30.0  # seconds between restarts of a child that keeps failing
HEALTHY_AFTER = 60.0  # a child that ran this long starts over with short pauses
PATIENCE = 30.0  # seconds between SIGTERM and SIGKILL
BROKEN = 3  # exit code of one that was told to stop, and of whose children one had ended before
STOPS = (signal.SIGTERM, signal.SIGINT)


class Interrupted(KeyboardInterrupt):
    """Told to stop while the main thread was preparing something that may be broken off. What
    libraries do on Ctrl-C is due: psycopg ends the statement, so that its connection stays usable.
    """


class Forked:
    """A copy of this process that makes one call, handled as ``subprocess.Popen`` is."""

    def __init__(self, name: str, call: Callable[[], object]) -> None:
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=self._run, args=(name, call), name=name)
        # Until the copy has its own ways of hearing, it must not hear with ours.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        assert self._process.pid
        self.pid: int = self._process.pid

    @staticmethod
    def _run(name: str, call: Callable[[], object]) -> None:
        os.setsid()
        for number in STOPS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        setproctitle(f"quancheng {name}")
        call()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


@dataclass
class Child:
    """One kind of process and how its present incarnation fares: a ``command``, or a ``call``
    made by a copy of this process. Who gets a ``word`` waits for it on standard input; a ``first``
    one may come before, when there is something to do in between."""

    name: str
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    call: Callable[[], object] | None = None
    word: str = ""
    first: str = ""
    process: "subprocess.Popen[bytes] | Forked | None" = None
    started: float = 0.0
    failures: int = 0
    resume: float = 0.0

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C is the supervisor's to hear."""
        if self.call:
            self.process = Forked(self.name, self.call)
        else:
            self.process = launch(self.command, self.environment, told=bool(self.word))
        self.started = time.monotonic()

    def begin(self) -> None:
        """Start it, unless it was, and let it load what it needs: its word comes later."""
        if self.process is None:
            self.start()
        pipe: Any = getattr(self.process, "stdin", None)
        if self.first and pipe:
            with suppress(BrokenPipeError):
                pipe.write(f"{self.first}\n".encode())
                pipe.flush()

    def tell(self) -> None:
        """Give it its word, once."""
        pipe: Any = getattr(self.process, "stdin", None)
        if self.word and pipe and not pipe.closed:
            with suppress(BrokenPipeError), pipe:
                pipe.write(f"{self.word}\n".encode())

    def pause(self) -> float:
        """Seconds to wait before the next start, after one more failure."""
        if time.monotonic() - self.started > HEALTHY_AFTER:
            self.failures = 0
        self.failures += 1
        return float(min(0.5 * 2 ** (self.failures - 1), LONGEST_PAUSE))


class Supervisor:
    """Runs children (and the embedded database, if given) until told to stop."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        server: "Server | None",
        say: Callable[[str], None],
        patience: float | None = None,
    ) -> None:
        self.children = list(children)
        self.server = server
        self.say = say
        self.patience = PATIENCE if patience is None else patience
        self.stopping = threading.Event()
        self.failure: BaseException | None = None
        self._server_failures = 0
        self.interruptible = False

    def listen(self) -> None:
        """Stop on SIGTERM and on Ctrl-C; call from the main thread."""
        for number in STOPS:
            signal.signal(number, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        again = self.stopping.is_set()
        self.stopping.set()
        if self.interruptible and not again:
            raise Interrupted

    def load(self) -> None:
        """Start those that wait for their word, so that they load what they need meanwhile."""
        for child in self.children:
            if child.word:
                child.begin()

    def start(self) -> None:
        """Start every child that isn't, and let those go on that wait for their word."""
        for child in self.children:
            if not self.stopping.is_set():
                if child.process is None:
                    child.start()
                child.tell()

    def watch(self) -> None:
        """Restart what ended, until told to stop."""
        while not self.stopping.wait(0.2):
            self._watch_server()
            for child in self.children:
                self._watch_child(child)

    def stop(self) -> None:
        """Stop the children together, then the database."""
        self.stopping.set()
        alive = [c for c in self.children if c.process and c.process.poll() is None]
        for child in alive:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + self.patience
        for child in alive:
            assert child.process is not None
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{child.name} didn't stop in {self.patience:.0f} s and was killed.")
                _signal(child, signal.SIGKILL, group=True)
                child.process.wait()
        if self.server:
            self.server.stop()

    def run_beside(self, work: Callable[[], None]) -> None:
        """Do ``work`` in a thread; a failure there stops everything and is kept in ``failure``."""

        def run() -> None:
            try:
                work()
            except BaseException as error:
                if not self.stopping.is_set():
                    self.failure = error
                    self.stopping.set()

        threading.Thread(target=run, name="beside", daemon=True).start()

    def _watch_child(self, child: Child) -> None:
        now = time.monotonic()
        code = child.process.poll() if child.process else None
        if code is not None:
            wait = child.pause()
            self.say(f"{child.name} ended ({_describe(code)}); starts again in {wait:g} s.")
            child.process, child.resume = None, now + wait
        if child.process is None and now >= child.resume:
            child.start()
            child.tell()

    def _watch_server(self) -> None:
        if self.server is None or self.server.alive():
            return
        self._server_failures += 1
        self.say("PostgreSQL ended; starting it again.")
        try:
            self.server.start()
        except CannotStart as error:
            self.say(str(error))
            if self._server_failures >= 10:
                self.failure = error
                self.stopping.set()
            self.stopping.wait(min(0.5 * 2**self._server_failures, LONGEST_PAUSE))
        else:
            self._server_failures = 0


def _signal(child: Child, number: signal.Signals, *, group: bool = False) -> None:
    assert child.process is not None
    try:
        if group:
            os.killpg(child.process.pid, number)
        else:
            child.process.send_signal(number)
    except ProcessLookupError:
        pass


def _describe(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
