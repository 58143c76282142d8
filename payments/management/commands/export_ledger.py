"""``manage.py export_ledger CODE``: the platform's ledger as a beancount journal."""

import sys
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import tenancy
from payments import facade


class Command(BaseCommand):
    help = "Write a platform's posted ledger as a beancount journal that bean-check accepts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the platform's code")
        parser.add_argument("--output", help="a file; without it, standard output")
        parser.add_argument("--zone", default="Asia/Shanghai", help="whose days are meant")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenancy.directory().by_code(options["code"])
        if tenant is None:
            raise CommandError(f"There is no platform {options['code']!r}.")
        if not options["output"]:
            self._write(sys.stdout, tenant, options["zone"])
            return
        # Another name until it is whole: a run that was cut off leaves no half journal behind.
        target = Path(options["output"])
        unfinished = target.with_name(f".{target.name}.part")
        with unfinished.open("w", encoding="utf-8") as file:
            self._write(file, tenant, options["zone"])
        unfinished.replace(target)

    def _write(self, file: TextIO, tenant: tenancy.Tenant, zone: str) -> None:
        with tenancy.scope(tenant):
            for line in facade.journal(title=f"Quancheng {tenant.code}", zone=zone):
                file.write(f"{line}\n")
