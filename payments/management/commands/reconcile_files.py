"""Compare a gateway's, the ledger's and a bank's file: ``manage.py reconcile_files --json``."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from payments.domain.reconciliation import Rules, Side, Statement, StatementError, parse, reconcile


class Command(BaseCommand):
    """Needs no database. Exit 0: all agree; 1: exceptions; 2: a file can't be read."""

    help = "Compare three statement files; the formats are in docs/reconciliation.md"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        for side in Side:
            parser.add_argument(f"--{side.value}", required=True, type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="the whole report as JSON")
        parser.add_argument("--ledger-late", type=int, default=0, metavar="DAYS")
        parser.add_argument("--bank-late", type=int, default=0, metavar="DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        statements = [_read(options[side.value], side) for side in Side]
        outcome = reconcile(
            *statements,
            rules=Rules(
                grace=timedelta(hours=2),
                ledger_late=options["ledger_late"],
                bank_late=options["bank_late"],
            ),
        )
        if options["json"]:
            report = {
                "clean": outcome.clean,
                "counts": outcome.counts,
                "totals": outcome.totals,
                "matched": outcome.matched,
                "waiting": list(outcome.waiting),
                "exceptions": [finding.as_dict() for finding in outcome.findings],
            }
            self.stdout.write(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
        else:
            for one in outcome.findings:
                where = one.where.value if one.where else "?"
                self.stdout.write(
                    f"{one.day} {one.fault} in {where}: {one.key}"
                    f" expected {one.expected or '-'} found {one.found or '-'}"
                )
            self.stdout.write(
                f"{outcome.matched} agree, {len(outcome.waiting)} wait,"
                f" {len(outcome.findings)} exceptions"
            )
        if not outcome.clean:
            raise SystemExit(1)


def _read(path: Path, side: Side) -> Statement:
    try:
        return parse(path.read_bytes(), side)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", returncode=2) from error
    except StatementError as error:
        raise CommandError(f"{path}: {error} {error.remedy}", returncode=2) from error
