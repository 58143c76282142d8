"""``manage.py outbox``: look at events that wait, and let parked ones go on."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import outbox, tenancy
from kernel.errors import DomainError
from kernel.system_role import shards, system_cursor


class Command(BaseCommand):
    help = "Show how the outbox stands; list, replay or skip parked events of a platform."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="how many events wait, in every database")
        for name, text in (
            ("parked", "list a platform's parked events"),
            ("replay", "let parked events try again"),
            ("skip", "give parked events up"),
        ):
            one = actions.add_parser(name, help=text)
            one.add_argument("platform", help="the platform's code")
            if name != "parked":
                one.add_argument("delivery", nargs="+", type=UUID)
            if name == "skip":
                one.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "status":
            self._status()
            return
        tenant = tenancy.directory().by_code(options["platform"])
        if tenant is None:
            raise CommandError(f"There is no platform {options['platform']!r}.")
        with tenancy.scope(tenant):
            if options["action"] == "parked":
                self._parked()
                return
            for delivery in options["delivery"]:
                try:
                    if options["action"] == "replay":
                        outbox.replay(delivery)
                    else:
                        outbox.skip(delivery, reason=options["reason"])
                except DomainError as error:
                    raise CommandError(f"{delivery}: {error}") from error

    def _status(self) -> None:
        for shard in shards():
            with system_cursor(shard) as sql:
                sql.execute(
                    "SELECT (SELECT count(*) FROM kernel_outboxevent WHERE published_at IS NULL), "
                    "(SELECT count(*) FROM kernel_delivery WHERE state = 'pending'), "
                    "(SELECT count(*) FROM kernel_delivery WHERE state = 'parked'), "
                    "(SELECT count(*) FROM kernel_job WHERE state = 'queued')"
                )
                events, pending, parked, jobs = sql.fetchone()
            self.stdout.write(
                f"{shard}: {events} unpublished, {pending} pending, {parked} parked, {jobs} jobs"
            )

    def _parked(self) -> None:
        cursor = None
        while True:
            page = outbox.parked_deliveries(cursor=cursor, limit=100)
            for row in page.items:
                self.stdout.write(
                    f"{row.id}  {row.handler}  {row.event_type}  "
                    f"{row.aggregate_id} v{row.version}  {row.waiting} wait  {row.error}"
                )
            if not page.has_more:
                return
            cursor = page.next_cursor
