"""``manage.py serve``"""

from typing import Any

from django.core.management.base import BaseCommand

from config.serving import serve


class Command(BaseCommand):
    """Everything on one machine, in the foreground."""

    help = "Run the database (unless DATABASE_URL), web, a worker and the sandbox until stopped."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        serve(say=self.stdout.write)
