"""``manage.py web``"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import web


class Command(BaseCommand):
    """The web processes alone."""

    help = "Serve the product over HTTP with granian on LISTEN_ADDRESS:PORT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        web.run(
            "config.wsgi:application",
            address=settings.LISTEN_ADDRESS,
            port=settings.PORT,
            workers=settings.WEB_WORKERS,
            threads=settings.WEB_THREADS,
        )
