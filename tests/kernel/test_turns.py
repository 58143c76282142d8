"""Threads of a web process that take requests one at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest
import requests

from kernel import http, turns
from kernel.turns import Turns

LONG = 30.0  # seconds within which anything must have happened


class Server:
    """Threads that take what is asked out of one queue, as the server's do."""

    def __init__(self, threads: int, made: Turns) -> None:
        self.asked: Queue[Callable[[], None] | None] = Queue()
        self.failed: list[BaseException] = []
        self.run = made.kept_by(lambda _protocol, scope: scope())
        self.threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(threads)]
        for one in self.threads:
            one.start()

    def _serve(self) -> None:
        while (what := self.asked.get()) is not None:
            try:
                self.run(None, what)
            except ValueError as error:
                self.failed.append(error)

    def ask(self, work: Callable[[], Any] = lambda: None) -> "Asked":
        one = Asked(work)
        self.asked.put(one)
        return one


class Asked:
    """A request; who answered it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work, self.begun, self.done = work, threading.Event(), threading.Event()
        self.thread = 0

    def __call__(self) -> None:
        self.thread = threading.get_ident()
        self.begun.set()
        try:
            self.work()
        finally:
            self.done.set()

    def answered(self) -> int:
        """By which thread, once it is."""
        assert self.done.wait(LONG)
        return self.thread


@pytest.fixture
def hold() -> Iterator[threading.Event]:
    """What a request waits for."""
    event = threading.Event()
    yield event
    event.set()
    turns._here.clear()


def settled(made: Turns, resting: int) -> None:
    """Wait until so many threads rest."""
    until = time.monotonic() + LONG
    while len(made._resting) != resting:
        assert time.monotonic() < until, made._resting
        time.sleep(0.001)


def rested(server: Server, made: Turns, hold: threading.Event) -> None:
    """Have all threads but one answer something and rest."""
    first = server.ask(hold.wait)
    assert first.begun.wait(LONG)
    others = [server.ask(hold.wait) for _ in server.threads[1:]]
    assert all(one.begun.wait(LONG) for one in others)
    hold.set()
    settled(made, len(server.threads) - 1)
    hold.clear()


def test_one_thread_answers_while_the_others_rest(hold: threading.Event) -> None:
    made = Turns(slow=LONG)
    server = Server(3, made)
    rested(server, made, hold)
    assert len({server.ask().answered() for _ in range(50)}) == 1
    assert len(made._resting) == 2


def test_another_takes_the_lead_while_one_calls_outside(hold: threading.Event) -> None:
    made = Turns(slow=LONG)
    server = Server(3, made)
    rested(server, made, hold)

    def outside() -> None:
        turns.held_up()
        hold.wait()

    away = server.ask(outside)
    assert away.begun.wait(LONG)
    others = {server.ask().answered() for _ in range(20)}
    assert len(others) == 1
    assert away.thread not in others
    hold.set()
    settled(made, 2)  # it rests when it is back
    assert {server.ask().answered() for _ in range(20)} == others


def test_a_call_to_an_outside_party_is_one(
    hold: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Turns(slow=LONG)
    server = Server(2, made)
    rested(server, made, hold)
    monkeypatch.setattr(requests.Session, "request", lambda *_args, **_named: hold.wait())
    away = server.ask(lambda: http.OutsideSession("party").request("GET", "http://127.0.0.1:9/"))
    assert away.begun.wait(LONG)
    assert server.ask().answered() != away.thread


def test_another_takes_the_lead_when_one_is_slow(hold: threading.Event) -> None:
    made = Turns(slow=0.01)
    server = Server(3, made)
    rested(server, made, hold)
    slow = [server.ask(hold.wait) for _ in range(2)]  # nobody says so
    assert all(one.begun.wait(LONG) for one in slow)
    assert server.ask().answered() not in {one.thread for one in slow}


def test_somebody_looks_again_after_a_quiet_time(hold: threading.Event) -> None:
    made = Turns(slow=0.01, quiet=0.02)
    server = Server(2, made)
    rested(server, made, hold)
    until = time.monotonic() + LONG
    while not made._asleep:
        assert time.monotonic() < until
        time.sleep(0.001)
    slow = server.ask(hold.wait)
    assert slow.begun.wait(LONG)
    assert server.ask().answered() != slow.thread


def test_nobody_rests_where_nothing_is_asked(hold: threading.Event) -> None:
    made = Turns(slow=LONG, quiet=0.01, idle=0.05)
    server = Server(3, made)
    rested(server, made, hold)
    settled(made, 0)


def test_a_lead_that_may_have_ended_is_not_waited_for(hold: threading.Event) -> None:
    made = Turns(idle=0.05)
    server = Server(2, made)
    rested(server, made, hold)
    settled(made, 0)
    server.asked.put(None)  # one of both is ended, which may be the lead
    while sum(one.is_alive() for one in server.threads) > 1:
        time.sleep(0.001)
    time.sleep(3 * made.idle)
    assert {server.ask().answered() for _ in range(5)} == {
        one.ident for one in server.threads if one.is_alive()
    }


def test_who_fails_does_not_rest_before_the_server_has_answered(hold: threading.Event) -> None:
    made = Turns(slow=LONG)
    server = Server(2, made)
    rested(server, made, hold)

    def outside() -> None:
        turns.held_up()
        hold.wait()

    lead = server.ask(outside)
    assert lead.begun.wait(LONG)

    def fail() -> None:
        turns.held_up()
        raise ValueError

    server.ask(fail).answered()
    hold.set()
    server.ask().answered()
    assert len(server.failed) == 1


def test_without_turns_nobody_is_told() -> None:
    turns._here.clear()
    turns.held_up()
