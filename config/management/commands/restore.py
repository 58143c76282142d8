"""``manage.py restore``"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.backup import restore


class Command(BaseCommand):
    """Fill empty databases from a backup and compare every figure with those of then."""

    help = "Restore a backup into an empty system: rows, ledger sums and chain heads are compared."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, help="the folder that `manage.py backup` made")
        parser.add_argument(
            "--secrets",
            type=Path,
            help="the file of secrets (default: the one beside the backup, if it is there)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["backup"].resolve()
        beside = folder.with_name(f"{folder.name}.secrets.tar")
        secrets = options["secrets"] or (beside if beside.is_file() else None)
        restore(folder, secrets=secrets, say=self.stdout.write)
        self.stdout.write("Restored. Start it as usual; the search index is built anew.")
