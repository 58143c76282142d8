"""``manage.py platform_state CODE suspend|reopen|close``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.errors import DomainError
from platforms import facade

ACTIONS = {
    "suspend": facade.suspend_platform,
    "reopen": facade.reopen_platform,
    "close": facade.close_platform,
}


class Command(BaseCommand):
    help = "Suspend, reopen or close a platform; every process follows within a second."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("action", choices=sorted(ACTIONS))
        parser.add_argument("--reason", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] != "reopen" and not options["reason"]:
            raise CommandError("Give --reason: it is kept in the audit trail.")
        try:
            info = ACTIONS[options["action"]](code=options["code"], reason=options["reason"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{info.code} is {info.state}")
