"""``manage.py worker``: run durable work until SIGTERM or SIGINT."""

import os
import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kernel.worker import Worker, drain

HANDLERS, JOBS, WEBHOOKS = 3, 3, 4  # threads


class Command(BaseCommand):
    help = "Deliver events, run jobs and send webhooks, mail and what is due, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--handlers", type=int, default=HANDLERS, help="threads for events")
        parser.add_argument("--jobs", type=int, default=JOBS, help="threads for jobs")
        parser.add_argument("--webhooks", type=int, default=WEBHOOKS, help="threads for webhooks")
        parser.add_argument(
            "--once", action="store_true", help="do what is due now, then end (for cron)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"{drain()} done")
            return
        run(handlers=options["handlers"], jobs=options["jobs"], webhooks=options["webhooks"])


def run(*, handlers: int = HANDLERS, jobs: int = JOBS, webhooks: int = WEBHOOKS) -> None:
    """Work with so many threads of each kind until SIGTERM or SIGINT; from the main thread."""
    worker = Worker(handlers=handlers, jobs=jobs, hooks=webhooks)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    if not worker.run():
        # Threads that didn't end in time would keep the process; their leases are released
        # and what they did is committed step by step, so others go on from there.
        sys.stdout.flush()
        os._exit(0)
