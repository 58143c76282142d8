"""``manage.py prepare``"""

from typing import Any

from django.core.management.base import BaseCommand

from config.preparing import prepare


class Command(BaseCommand):
    """What a release needs before its processes start."""

    help = "Migrate every database, compile translations and collect static files, where needed."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        prepare(self.stdout.write)
