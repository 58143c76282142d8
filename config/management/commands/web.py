"""``manage.py web``"""

from typing import Any

from django.core.management.base import BaseCommand

from config import web


class Command(BaseCommand):
    """The web processes alone."""

    help = "Serve the product over HTTP with granian on LISTEN_ADDRESS:PORT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        web.serve_product()
