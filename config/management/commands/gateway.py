"""``manage.py gateway``"""

from typing import Any

from django.core.management.base import BaseCommand

from config import web


class Command(BaseCommand):
    """The simulated outside world (gateway, bank, carrier) alone."""

    help = "Serve the sandbox gateway on LISTEN_ADDRESS:GATEWAY_PORT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        web.serve_gateway()
