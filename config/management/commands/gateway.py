"""``manage.py gateway``"""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import web


class Command(BaseCommand):
    """The simulated outside world (gateway, bank, carrier) alone."""

    help = "Serve the sandbox gateway on LISTEN_ADDRESS:GATEWAY_PORT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"  # of the process that serves
        web.run(
            "config.gateway:application",
            address=settings.LISTEN_ADDRESS,
            port=settings.GATEWAY_PORT,
            workers=1,
            threads=settings.WEB_THREADS,
        )
