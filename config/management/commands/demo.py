"""``manage.py demo``"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.demo.progress import Progress
from config.serving import serve

GOODS = 4  # counted up when the demo has more in it: what is missing is added at the next start


class Command(BaseCommand):
    """Everything on one machine with demo data and a first trade; ``make demo`` calls it."""

    help = "Start, fill two platforms, trade once before your eyes, then serve until stopped."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        progress = Progress(settings.DATA_DIR / "demo-progress.json")
        serve(
            say=self.stdout.write,
            before_web=lambda: self._fill(progress),
            after_up=lambda: self._show(progress),
        )

    def _fill(self, progress: Progress) -> None:
        if progress.facts.get("filled") == GOODS:
            return
        from config.demo.seed import seed

        self.stdout.write("Opening two platforms and filling their shelves …")
        seed(progress, self.stdout.write)
        progress.keep("filled", GOODS)

    def _show(self, progress: Progress) -> None:
        from config.demo.city import city
        from config.demo.deal import deal
        from config.demo.order import order_with_contract
        from config.demo.outside import connect
        from config.demo.story import tell
        from config.demo.take_back import take_back
        from config.demo.trade import trade

        connect(progress)
        if "traded" not in progress:
            self.stdout.write("")
            self.stdout.write("The first trade:")
            trade(progress, self.stdout.write)
            progress.keep("traded", True)
        if "return" not in progress:
            self.stdout.write("")
            self.stdout.write("The first return:")
            take_back(progress, self.stdout.write)
        if "city" not in progress:
            self.stdout.write("")
            self.stdout.write("Three merchants, one payment:")
            city(progress, self.stdout.write)
        if "dealt" not in progress:
            self.stdout.write("")
            self.stdout.write("The first contract:")
            deal(progress, self.stdout.write)
            progress.keep("dealt", True)
        if "contract_order" not in progress:
            self.stdout.write("")
            self.stdout.write("The first order with a contract:")
            order_with_contract(progress, self.stdout.write)
        tell(progress, self.stdout.write)
