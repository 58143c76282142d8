"""``manage.py gateway``"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import web


class Command(BaseCommand):
    """The simulated outside world (gateway, bank, carrier) alone."""

    help = "Serve the sandbox gateway on LISTEN_ADDRESS:GATEWAY_PORT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        web.run(
            "sandbox.wsgi:application",
            address=settings.LISTEN_ADDRESS,
            port=settings.GATEWAY_PORT,
            workers=1,
            threads=8,
        )
