"""One machine, one command: the database, web, a worker and the sandbox, watched together.

This process watches for as long as all runs, so it loads little itself, and that after those that
load the product are on their way.
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from config import ahead
from config.embedded.secrets import kept_secret
from config.embedded.user import CannotStart
from config.locales import stale_locales
from config.supervisor import BROKEN, Child, Interrupted, Supervisor

if TYPE_CHECKING:
    from config.embedded.postgres import Server

Say = Callable[[str], None]
UP_WITHIN = 180.0  # seconds for web to answer after it was started
FREED_WITHIN = 6.0  # seconds for a killed predecessor's processes to leave the port


def main() -> None:
    """``manage.py serve``: loads the product itself when the others are on their way."""
    try:
        serve(say=partial(print, flush=True))
    except (CommandError, ImproperlyConfigured) as error:
        sys.exit(f"{type(error).__name__}: {error}")


def serve(
    *,
    say: Say,
    before_web: Callable[[], None] | None = None,
    after_up: Callable[[], None] | None = None,
    then_stop: bool = False,
) -> None:
    """Run everything in the foreground until SIGTERM or Ctrl-C, then stop cleanly.

    ``before_web`` runs when the schema is ready; ``after_up`` runs beside the processes once web
    answers, and its failure stops them. With ``then_stop`` so does its success, unless one of the
    processes ended meanwhile: they are told. Raises CommandError with a remedy when it can't start.
    """
    with only_one_here(settings.DATA_DIR):
        for name, port in (("PORT", settings.PORT), ("GATEWAY_PORT", settings.GATEWAY_PORT)):
            _require_free(name, port)
        supervisor = Supervisor(_children(), server=None, say=say)
        supervisor.listen()
        try:
            supervisor.interruptible = True
            if stale_locales():
                import_module("config.preparing").translate(say)
            supervisor.interruptible = False  # nobody would know of a process started just then
            supervisor.load()
            supervisor.server = embedded_server()
            supervisor.interruptible = True
            _bring_up(supervisor, say, before_web)
            supervisor.interruptible = False
            if not supervisor.stopping.is_set():
                supervisor.start()
                supervisor.run_beside(lambda: _when_up(supervisor, say, after_up, then_stop))
                supervisor.watch()
        except Interrupted:
            say("Interrupted; the next start goes on from here.")
        except CannotStart as error:
            raise CommandError(str(error)) from error
        finally:
            supervisor.interruptible = False
            if any(child.process for child in supervisor.children):
                say("Stopping …")
            supervisor.stop()
        if supervisor.failure is not None:
            raise supervisor.failure
        if then_stop:
            _require_unbroken(supervisor.children)
        say("Stopped.")


def embedded_server() -> "Server | None":
    """The embedded database server, unless DATABASE_URL names another."""
    if os.environ.get("DATABASE_URL", "").strip():
        return None
    found: Server = import_module("config.embedded.postgres").Server(settings.DATA_DIR)
    return found


def start_database(server: "Server") -> None:
    """Start the embedded server with its roles and databases."""
    import psycopg

    from config.embedded.roles import LOGIN_ROLES, bootstrap_roles

    server.start()
    passwords = {r: kept_secret(server.data_dir, f"postgres_quancheng_{r}") for r in LOGIN_ROLES}
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        bootstrap_roles(admin, passwords=passwords)


def _bring_up(supervisor: Supervisor, say: Say, before_web: Callable[[], None] | None) -> None:
    if supervisor.server:
        start_database(supervisor.server)
    if supervisor.stopping.is_set():
        return
    from config.unprepared import anything_unprepared, make_partitions

    if anything_unprepared():
        _prepare()
    else:
        make_partitions()
    if before_web and not supervisor.stopping.is_set():
        _with_the_product(before_web)


def _prepare() -> None:
    """In a process of its own: what that takes to load isn't kept until the end."""
    command = [sys.executable, str(settings.ROOT / "manage.py"), "prepare"]
    if subprocess.run(command, stdin=subprocess.DEVNULL, start_new_session=True).returncode:
        raise CommandError("It couldn't be prepared; the reason stands above.")


def _with_the_product(call: Callable[[], None]) -> None:
    import django
    from django.db import connections

    django.setup()
    try:
        call()
    finally:
        connections.close_all()


def _children() -> list[Child]:
    manage = [sys.executable, str(settings.ROOT / "manage.py")]
    children = [
        Child("web", [*manage, "web"]),
        Child("worker", [*manage, "worker", "--skip-checks"]),
    ]
    if ahead.can_share():
        product = Child("product", [*manage, "product"], word=ahead.GO, first=ahead.LOAD)
        product.process, product.started = ahead.started(), time.monotonic()
        children = [product]
    if "sandbox" in settings.DATABASES:
        children.append(Child("sandbox", [*manage, "gateway"]))
    return children


def _when_up(
    supervisor: Supervisor, say: Say, after_up: Callable[[], None] | None, then_stop: bool
) -> None:
    places = [settings.PORT] + ([settings.GATEWAY_PORT] if "sandbox" in settings.DATABASES else [])
    deadline = time.monotonic() + UP_WITHIN
    while not supervisor.stopping.is_set():
        if answers(settings.PORT) and all(listens(port) for port in places):
            break
        if time.monotonic() > deadline:
            raise CommandError(f"Nothing answers on ports {places} after {UP_WITHIN:.0f} s.")
        time.sleep(0.1)
    if supervisor.stopping.is_set():
        return
    say(f"Quancheng is at http://127.0.0.1:{settings.PORT}/")
    if after_up:
        after_up()
    if then_stop:
        supervisor.stopping.set()


def _require_unbroken(children: Iterable[Child]) -> None:
    """Also web and the worker, which are the product's children: it says so as it leaves."""
    ended = [
        child.name
        for child in children
        if child.failures or (child.process and child.process.poll() == BROKEN)
    ]
    if ended:
        raise CommandError(
            f"These, or processes of theirs, ended and were started again: {', '.join(ended)}."
        )


def answers(port: int) -> bool:
    """Whether web says that it is alive."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listens(port: int) -> bool:
    """Whether anything accepts connections on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def _require_free(name: str, port: int) -> None:
    deadline = time.monotonic() + FREED_WITHIN
    while True:
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((settings.LISTEN_ADDRESS, port))
                return
        except (OSError, OverflowError) as error:
            if time.monotonic() > deadline or isinstance(error, OverflowError):
                raise CommandError(
                    f"Port {port} can't be used ({error}). Free it, or choose another: "
                    f"{name}={port + 10 if port < 65000 else 8000} make demo"
                ) from error
        time.sleep(0.3)


@contextmanager
def only_one_here(data_dir: Path) -> Iterator[None]:
    """Hold DATA_DIR for this process; the lock goes with the process however it ends."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / "serve.lock").open("a+")
    except OSError as error:
        raise CommandError(f"DATA_DIR={data_dir} can't be written: {error.strerror}.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise CommandError(
                f"Another Quancheng (process {file.read().strip() or '?'}) already runs from "
                f"{data_dir}. Stop it, or set DATA_DIR (and PORT) to start a second one."
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
