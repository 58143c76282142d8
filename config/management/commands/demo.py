"""``manage.py demo``"""

import traceback
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo.progress import Progress
from config.serving import serve

GOODS = 4  # counted up when the demo has more in it: what is missing is added at the next start
Story = Callable[[Progress, Callable[[str], None]], None]


class Command(BaseCommand):
    """Everything on one machine with demo data and a first trade; ``make demo`` calls it, and with
    ``--check`` ``make demo-check``."""

    help = "Start, fill two platforms, trade once before your eyes, then serve until stopped."
    requires_system_checks: list[str] = []
    checked = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="play it to its end, open the pages it prints, then stop; 0 only if all went well",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        progress = Progress(settings.DATA_DIR / "demo-progress.json")
        check = options["check"]
        serve(
            say=self.stdout.write,
            before_web=lambda: self._fill(progress),
            after_up=lambda: self._show(progress, check=check),
            then_stop=check,
        )
        if check and not self.checked:
            raise CommandError("Stopped before the demo had been played to its end.")

    def _fill(self, progress: Progress) -> None:
        if progress.facts.get("filled") == GOODS:
            return
        from config.demo.seed import seed

        self.stdout.write("Opening two platforms and filling their shelves …")
        seed(progress, self.stdout.write)
        progress.keep("filled", GOODS)

    def _show(self, progress: Progress, *, check: bool) -> None:
        from config.demo.outside import connect
        from config.demo.story import tell
        from config.demo.visit import visit

        self._play("Connecting with the sandbox", lambda: connect(progress))
        for name, title, story in _stories():
            if name not in progress:
                self.stdout.write(f"\n{title}:")
                self._play(title, partial(story, progress, self.stdout.write))
                progress.once(name, lambda: True)
        shown = tell(progress, self.stdout.write)
        if check:
            self._play("Opening the pages", lambda: visit(shown, progress, self.stdout.write))
            self.checked = True
        else:
            self.stdout.write("  Ctrl-C stops.")

    def _play(self, title: str, part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as error:
            self.stderr.write(traceback.format_exc())
            told = f"{type(error).__name__}: {error}"
            raise CommandError(f"The demo broke off. {title}: {told}") from error


def _stories() -> tuple[tuple[str, str, Story], ...]:
    """What is told of each, and the fact that says that it was told."""
    from config.demo.city import city
    from config.demo.deal import deal
    from config.demo.order import order_with_contract
    from config.demo.take_back import take_back
    from config.demo.trade import trade

    return (
        ("traded", "The first trade", trade),
        ("return", "The first return", take_back),
        ("city", "Three merchants, one payment", city),
        ("dealt", "The first contract", deal),
        ("contract_order", "The first order with a contract", order_with_contract),
    )
