"""``manage.py backup``"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.backup import back_up


class Command(BaseCommand):
    """Copy every database and the pictures, while everything runs or while nothing does."""

    help = "Write a backup: consistent dumps, pictures, digests and figures; secrets beside it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            type=Path,
            default=settings.DATA_DIR / "backups",
            help="the folder that gets the backup (default: DATA_DIR/backups)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        made = back_up(options["to"].resolve(), say=self.stdout.write)
        self.stdout.write(f"The backup is {made}")
