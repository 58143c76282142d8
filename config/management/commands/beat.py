"""``manage.py beat``"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """The clock that makes Celery workers sweep each second."""

    help = "Send the sweep message each second; run exactly one. Needs REDIS_URL."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REDIS_URL:
            raise CommandError(
                "beat needs REDIS_URL; without a broker the worker sweeps by itself."
            )
        from celery.apps.beat import Beat

        from config.celery import app
        from kernel.residents import Residents

        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        residents = Residents()  # Celery's workers come and go; this process stays
        residents.start()
        Beat(
            app=app,
            loglevel=settings.LOG_LEVEL,
            schedule=str(settings.DATA_DIR / "beat"),
            quiet=True,
            redirect_stdouts=False,
            hijack_root_logger=False,
        ).run()
        residents.stop()
