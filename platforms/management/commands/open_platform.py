"""``manage.py open_platform``: open a platform, and give its first operator a way in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import tenancy
from kernel.errors import DomainError
from platforms import facade


class Command(BaseCommand):
    help = "Open a platform from a blueprint."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="2 to 32 of a-z, 0-9 and -; part of addresses and keys")
        parser.add_argument("--name", required=True, help="its name in Chinese")
        parser.add_argument("--name-en", default="", help="its name in English")
        parser.add_argument("--blueprint", default="city_retail")
        parser.add_argument("--host", action="append", default=[], help="a host name of its own")
        parser.add_argument("--live", action="store_true", help="real money; the clock can't move")
        parser.add_argument("--database", default="default", help="alias of its database")
        parser.add_argument("--operator", default="", help="address to invite as operator")
        parser.add_argument(
            "--operator-key", action="store_true", help="print a key for the operator, once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = {"zh-Hans": options["name"]}
        if options["name_en"]:
            names["en"] = options["name_en"]
        try:
            info = facade.open_platform(
                code=options["code"],
                names=names,
                blueprint=options["blueprint"],
                hosts=options["host"],
                live=options["live"],
                database=options["database"],
            )
            tenant = tenancy.directory().by_id(info.id)
            if tenant is None:
                raise CommandError("The platform was opened, but the directory doesn't show it.")
            with tenancy.scope(tenant):
                self.stdout.write(f"{info.public_id} {facade.platform_url('/')}")
                self._operator(options["operator"], options["operator_key"])
        except DomainError as error:
            lines = [str(error), *(f"  {p.field}: {p.problem} {p.remedy}" for p in error.problems)]
            raise CommandError("\n".join(lines)) from error

    def _operator(self, email: str, key: bool) -> None:
        if email:
            facade.invite(email=email, role=facade.Role.OPERATOR)
            self.stdout.write(f"invited {email}")
        if key:
            issued = facade.issue_api_key(kind="operator", name="first operator", scopes=["*"])
            self.stdout.write(f"operator key (shown once): {issued.raw}")
