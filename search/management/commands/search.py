"""``manage.py search``: its subcommands stand in modules of their own beside this folder.

Each has ``add_arguments(commands)``, which adds parsers and sets ``run(say, **options)`` on them.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

MODULES = ("indexing", "evaluating")


class Command(BaseCommand):
    help = "See, rebuild, verify and evaluate the search index."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True, metavar="command")
        for name in MODULES:
            if find_spec(f"search.management.{name}"):
                import_module(f"search.management.{name}").add_arguments(commands)

    def handle(self, *args: Any, **options: Any) -> None:
        options["run"](self.stdout.write, **options)
