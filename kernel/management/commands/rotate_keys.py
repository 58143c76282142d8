"""``manage.py rotate_keys``: wrap what is sealed under the master key in use (主密钥轮换)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import jobs, rotation, seal, tenancy
from kernel.transactions import atomic


class Command(BaseCommand):
    help = (
        "Wrap all data keys, private keys and secrets under PERSONAL_DATA_KEY; see operations.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--status", action="store_true", help="only tell what is under which")
        parser.add_argument("--here", action="store_true", help="do it here, not in the workers")

    def handle(self, *args: Any, **options: Any) -> None:
        old = 0
        for tenant in tenancy.directory().all():
            with tenancy.scope(tenant):
                try:
                    old += self._one(tenant.code, **options)
                except RuntimeError as error:
                    raise CommandError(f"{tenant.code}: {error}") from error
        if options["status"] and old:
            self.stdout.write(f"{old} are still under another key than {seal.current_id()}.")
        elif options["status"] or options["here"]:
            self.stdout.write(
                f"Everything is under {seal.current_id()}; older keys can be dropped."
            )

    def _one(self, code: str, *, status: bool, here: bool, **_rest: Any) -> int:
        if status:
            found = rotation.standing()
            self.stdout.write(f"{code}: " + ", ".join(f"{n} {key}" for key, n in found.items()))
            return sum(n for key, n in found.items() if key != seal.current_id())
        if here:
            self.stdout.write(f"{code}: {sum(rotation.rotate().values())} wrapped anew")
            return 0
        with atomic():
            job = jobs.enqueue("kernel.rotate_keys", unique="rotate")
        self.stdout.write(f"{code}: job {job}")
        return 0
