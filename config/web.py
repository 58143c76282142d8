"""Granian with the settings that suit this product.

Its own process reads the settings alone; what is served is loaded by the processes it starts.
"""

import os
import shutil

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from config.embedded.parent import leave_with_parent


def serve_product() -> None:
    """The pages and the API on LISTEN_ADDRESS:PORT."""
    _share_figures()
    run(
        "config.wsgi:application",
        address=settings.LISTEN_ADDRESS,
        port=settings.PORT,
        workers=settings.WEB_WORKERS,
        threads=settings.WEB_THREADS,
    )


def serve_gateway() -> None:
    """The simulated outside world on LISTEN_ADDRESS:GATEWAY_PORT."""
    address, port, threads = settings.LISTEN_ADDRESS, settings.GATEWAY_PORT, settings.WEB_THREADS
    os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"  # of the process that serves
    run("config.gateway:application", address=address, port=port, workers=1, threads=threads)


def run(target: str, *, address: str, port: int, workers: int, threads: int) -> None:
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
    ).serve()


def _share_figures() -> None:
    """A folder in which the processes to be started add up what they count, empty at first."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return  # its owner empties it
    folder = settings.DATA_DIR / "metrics" / str(settings.PORT)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
