"""Celery only wakes the claimer of durable work: a lost message costs a second, never the work.

Workers: ``celery -A config worker``; the sweep each second: ``manage.py beat`` (one of them).
"""

import logging
import os

from celery import Celery
from django.conf import settings

if not settings.configured:  # Celery's own command; elsewhere who started us has said it
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("quancheng")
app.conf.update(
    broker_url=settings.REDIS_URL or "memory://",
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "visibility_timeout": 60,
    },
    task_ignore_result=True,
    task_acks_late=False,
    task_default_queue="quancheng",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    beat_schedule={
        "sweep": {"task": "quancheng.wake", "schedule": 1.0, "options": {"expires": 2}},
    },
    timezone="UTC",
)
logger = logging.getLogger(__name__)


@app.task(name="quancheng.wake")  # type: ignore[untyped-decorator]
def wake() -> None:
    """Do all durable work that is due now."""
    from kernel.worker import drain

    drain()


def send_wake() -> None:
    """Tell a worker that something is due; says nothing when the broker is away."""
    try:
        wake.apply_async(expires=5, retry=False, ignore_result=True)
    except Exception as error:
        logger.info("The broker is away; the sweep will find the work", exc_info=error)
