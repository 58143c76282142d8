"""``manage.py verify_chains [CODE]``: hash chains and their daily seals, checked."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from journeys import facade
from kernel import tenancy


class Command(BaseCommand):
    help = "Recompute the ledger's and the audit trail's hash chains and check their daily seals."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", help="one platform's code; without it, all")
        parser.add_argument("--seal", action="store_true", help="seal yesterday first if it isn't")

    def handle(self, *args: Any, **options: Any) -> None:
        directory = tenancy.directory()
        tenants = directory.all()
        if options["code"]:
            found = directory.by_code(options["code"])
            if found is None:
                raise CommandError(f"There is no platform {options['code']!r}.")
            tenants = [found]
        broken = 0
        for tenant in tenants:
            with tenancy.scope(tenant):
                if options["seal"]:
                    facade.seal_chains()
                report = facade.verify_chains()
            for problem in report.problems:
                self.stdout.write(f"{tenant.code}: {problem}")
            broken += len(report.problems)
            counted = ", ".join(f"{name} {links} links" for name, links in report.links.items())
            self.stdout.write(f"{tenant.code}: {counted}, {report.seals} seals")
        if broken:
            raise CommandError(f"{broken} problems")
