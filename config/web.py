"""Granian with the settings that suit this product."""

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels


def run(target: str, *, address: str, port: int, workers: int, threads: int) -> None:
    """Serve a WSGI application until SIGTERM; a worker process that dies is replaced."""
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
