"""``manage.py reset_data``"""

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.embedded.postgres import Server
from config.serving import only_one_here

# What this product writes below DATA_DIR; anything else there isn't ours to remove.
OURS = ("postgres", "secrets", "logs", "static", "media", "mail", "search", "metrics", "demo.json",
        "last_backup.json")  # fmt: skip
PATTERNS = ("demo-*.json", "beat*")


class Command(BaseCommand):
    """Forget everything kept on this machine."""

    help = "Remove the product's own files and folders below DATA_DIR."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with only_one_here(settings.DATA_DIR):
            server = Server(settings.DATA_DIR)
            server.stop()
            for name in OURS:
                path = settings.DATA_DIR / name
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
            for pattern in PATTERNS:
                for path in settings.DATA_DIR.glob(pattern):
                    path.unlink()
            shutil.rmtree(server.sockets, ignore_errors=True)
        self.stdout.write(f"The data in {settings.DATA_DIR} is gone.")
