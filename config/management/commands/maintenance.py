"""``manage.py maintenance on|off|status``"""

import re
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import clock, maintenance

_SPAN = re.compile(r"(\d{1,4})\s*(m|h)")


class Command(BaseCommand):
    """Refuse changes (or everything) while a person works on the machine."""

    help = "Maintenance mode: on, off, status. Takes effect at once, without a restart."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("on", "off", "status"))
        parser.add_argument("--for", dest="span", default="", help="how long: 30m or 2h")
        parser.add_argument("--note", default="", help="what visitors are told")
        parser.add_argument(
            "--closed", action="store_true", help="show nothing; otherwise reading goes on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "on":
            until = clock.system() + _span(options["span"]) if options["span"] else None
            maintenance.begin(until=until, closed=options["closed"], note=options["note"])
        elif options["what"] == "off" and not maintenance.end():
            self.stdout.write("There was no maintenance.")
            return
        self.stdout.write(_told(maintenance.current()))


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text.strip())
    if not found or not int(found[1]):
        raise CommandError(f"--for {text!r}: say how long as 30m or 2h.")
    return timedelta(**{"minutes" if found[2] == "m" else "hours": int(found[1])})


def _told(found: maintenance.Maintenance | None) -> str:
    if found is None:
        return "Open: no maintenance."
    what = "everything is refused" if found.closed else "changes are refused, reading goes on"
    until = f", until {found.until:%Y-%m-%d %H:%M %Z}" if found.until else ""
    return f"Maintenance since {found.since:%Y-%m-%d %H:%M %Z}{until}: {what}; the worker rests."
