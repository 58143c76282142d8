"""``manage.py retention status|run|hold|release``"""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import holds, partitions, retention, tenancy
from kernel.errors import DomainError
from kernel.system_role import shards, system_cursor
from kernel.tenancy import Tenant


class Command(BaseCommand):
    """What is kept, what is due to go and what holds it; and legal holds."""

    help = "Retention: status, run (what a worker does each hour), hold and release (legal holds)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("status", "run", "hold", "release"))
        parser.add_argument("platform", nargs="?", help="hold, release: the platform's code")
        parser.add_argument("id", nargs="?", help="release: which hold")
        parser.add_argument("--reason", default="", help="hold: why, and by whose order")

    def handle(self, *args: Any, **options: Any) -> None:
        what = options["what"]
        if what in ("hold", "release"):
            self._change(what, options)
            return
        for shard in shards():
            if what == "run":
                made = partitions.make(shard)
                removed = {name: rows for name, rows in retention.sweep(shard).items() if rows}
                self.stdout.write(
                    f"{shard}: made {made} partitions, removed {removed or 'nothing'}"
                )
            else:
                self._status(shard)

    def _status(self, shard: str) -> None:
        with system_cursor(shard) as sql:
            for one in partitions.tables(sql):
                kept = f"kept {one.kept.days} days" if one.kept else "kept for good"
                self.stdout.write(
                    f"{shard}: {one.name}: {one.partitions} partitions to "
                    f"{one.last_ends:%Y-%m-%d}, ~{one.rows} rows, {kept}"
                )
        for due in partitions.drop(shard, look=True):
            told = f"held: {due.held}" if due.held else "goes with the next sweep"
            self.stdout.write(f"{shard}: {due.partition}: {told}")
        for tenant in tenancy.directory().all():
            if tenant.database == shard:
                with tenancy.scope(tenant):
                    for hold in holds.standing():
                        self.stdout.write(
                            f"{tenant.code}: hold {hold.id} since {hold.since:%Y-%m-%d}: "
                            f"{hold.reason}"
                        )

    def _change(self, what: str, options: dict[str, Any]) -> None:
        with tenancy.scope(_platform(options["platform"])):
            try:
                if what == "hold":
                    self.stdout.write(f"Held: {holds.hold(options['reason'])}")
                    return
                holds.release(UUID(options["id"] or ""))
                self.stdout.write("Released.")
            except ValueError as error:
                raise CommandError("Say which hold; `retention status` lists them.") from error
            except DomainError as error:
                raise CommandError(f"{error.title}. {error}") from error


def _platform(code: str | None) -> Tenant:
    found = tenancy.directory().by_code(code or "")
    if found is None:
        raise CommandError(f"No platform is called {code!r}.")
    return found
