"""``manage.py product``"""

from typing import Any

from django.core.management.base import BaseCommand

from config import product


class Command(BaseCommand):
    """Web and a worker that share memory; ``serve`` starts it."""

    help = "Serve the product and do its work, both forked from one process (serve starts it)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        product.run()
