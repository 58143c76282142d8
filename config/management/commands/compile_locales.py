"""``manage.py compile_locales``"""

from typing import Any

from django.core.management.base import BaseCommand

from config.preparing import compile_locales


class Command(BaseCommand):
    """Translations, without gettext's own tools."""

    help = "Compile every .po file into a .mo file, with Babel."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Compiled {compile_locales(force=True)} translation files.")
