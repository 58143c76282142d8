"""``manage.py operations``"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import operations
from kernel import clock
from kernel.queues import Verdict

WORDS = {
    Verdict.FINE: "fine",
    Verdict.UNKNOWN: "not known",
    Verdict.LOOK: "look at it",
    Verdict.ACT: "ACT",
}


class Command(BaseCommand):
    """How the deployment runs; the exit code is 0 unless something must be done at once (1)."""

    help = (
        "Show queues, requests, databases, backups, seals and maintenance, each with a verdict. "
        "Ends with 1 when something must be done at once."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the same for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = operations.report()
        verdict = operations.overall(figures)
        if options["json"]:
            self.stdout.write(_packed(figures, verdict))
        else:
            for figure in figures:
                self._tell(figure)
            unknown = sum(one.verdict == Verdict.UNKNOWN for one in figures)
            more = f"; not known: {unknown}" if unknown else ""
            self.stdout.write(f"\nAll in all: {WORDS[verdict]}{more}.")
        if verdict == Verdict.ACT:
            raise SystemExit(1)

    def _tell(self, figure: operations.Figure) -> None:
        self.stdout.write(f"{WORDS[figure.verdict]:<11}{figure.name}: {figure.told}")
        for row in figure.rows:
            self.stdout.write(f"{'':13}{row}")
        if figure.remedy:
            self.stdout.write(f"{'':11}→ {figure.remedy}")


def _packed(figures: list[operations.Figure], verdict: Verdict) -> str:
    told = {
        "at": clock.system(),
        "verdict": verdict,
        "figures": [
            {
                "name": one.name,
                "verdict": one.verdict,
                "told": one.told,
                "remedy": one.remedy,
                "data": one.data,
            }
            for one in figures
        ],
    }
    return json.dumps(told, default=str, ensure_ascii=False, indent=1)
