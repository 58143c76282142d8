"""Granian with the settings that suit this product.

Where processes may be forked, the product is loaded before those that serve it are started, so that
they share the memory. The gateway is served by one: that loads it by itself.
"""

import os
import shutil
from importlib import import_module

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from config.ahead import can_share
from config.embedded.parent import leave_with_parent


def serve_product() -> None:
    """The pages and the API on LISTEN_ADDRESS:PORT."""
    share_figures()
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
