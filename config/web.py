"""Granian with the settings that suit this product.

Where processes may be forked, the product is loaded before those that serve it are started, so that
they share the memory. The gateway is served by one: that loads it by itself.
"""

import os
import shutil
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import mp

from config.ahead import can_share
from config.embedded.parent import leave_with_parent
from kernel.turns import Runner, Turns

HERE = ("", "localhost", "127.0.0.1", "::1")


def serve_product() -> None:
    """The pages and the API on LISTEN_ADDRESS:PORT."""
    share_figures()
    if settings.WEB_TURNS and database_here():
        take_turns()
    if can_share():
        import_module("config.wsgi")
    run(
        "config.wsgi:application",
        name="quancheng web",
        address=settings.LISTEN_ADDRESS,
        port=settings.PORT,
        workers=settings.WEB_WORKERS,
        threads=settings.WEB_THREADS,
    )


def serve_gateway() -> None:
    """The simulated outside world on LISTEN_ADDRESS:GATEWAY_PORT."""
    # Before any is read: the process that serves is forked, and keeps what was read here.
    os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"
    run(
        "config.gateway:application",
        name="quancheng gateway",
        address=settings.LISTEN_ADDRESS,
        port=settings.GATEWAY_PORT,
        workers=1,
        threads=settings.WEB_THREADS,
    )


def database_here() -> bool:
    """Whether all of the product's databases are on this machine, as far as can be told."""
    hosts = {str(one["HOST"]) for one in settings.DATABASES.values()}
    return all(host in HERE or host.startswith("/") for host in hosts)


def take_turns() -> None:
    """Have the threads of each process that serves take turns (``kernel.turns``). An answer is on
    its way before granian's call for a request returns, so that is what is wrapped; its version is
    pinned."""
    made: Callable[..., Runner] = vars(mp)["_wsgi_call_wrap"]
    vars(mp)["_wsgi_call_wrap"] = lambda *args: Turns().kept_by(made(*args))


def run(target: str, *, name: str, address: str, port: int, workers: int, threads: int) -> None:
    """Serve a WSGI application until SIGTERM; a worker process that dies is replaced."""
    leave_with_parent()
    Granian(
        target,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        blocking_threads_idle_timeout=600,
        backpressure=settings.WEB_BACKLOG,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=10,
        process_name=name,
    ).serve()


def share_figures() -> None:
    """A folder in which the processes to be started add up what they count, empty at first."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return  # its owner empties it
    folder = settings.DATA_DIR / "metrics" / str(settings.PORT)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
