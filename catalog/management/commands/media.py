"""``manage.py media check|move|verify|sweep``"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.errors import MediaStoreAway
from catalog.services import media, moving
from kernel import tenancy

EVERY = 100  # pictures between two lines of progress


class Command(BaseCommand):
    """The pictures' place: whether it works, moving them there or back, what is missing or left."""

    help = (
        "check: write, read and remove one object. move: copy pictures into the store (or back), "
        "as often as you like. verify: is every copy there? sweep: remove copies without a row."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("check", "move", "verify", "sweep"))
        parser.add_argument("--to", choices=("store", "folder"), default="store", help="for move")
        parser.add_argument(
            "--remove", action="store_true", help="move: the file goes once the store has it"
        )
        parser.add_argument("--deep", action="store_true", help="verify: read every copy")

    def handle(self, *args: Any, **options: Any) -> None:
        what = options["what"]
        if not settings.MEDIA_STORAGE and what != "verify":
            raise CommandError("There is no store: MEDIA_STORAGE is empty (.env.example).")
        if options["remove"] and options["to"] == "folder":
            raise CommandError("--remove is for moving to the store.")
        with _told():
            if what == "check":
                self._check()
            elif what == "sweep":
                self._sweep()
            else:
                self._each(what, options)

    def _check(self) -> None:
        found = media.media_problem()
        if found:
            raise CommandError(f"{settings.MEDIA_STORAGE} can't be used: {found}")
        moving.probe()
        self.stdout.write(f"{settings.MEDIA_STORAGE}: written, read and removed.")

    def _each(self, what: str, options: dict[str, Any]) -> None:
        total = moving.Count()
        for tenant in tenancy.directory().all():
            with tenancy.scope(tenant):
                for number, (digest, widths) in enumerate(moving.pictures(), 1):
                    if what == "verify":
                        moving.verify(total, digest, widths, deep=options["deep"])
                    elif options["to"] == "folder":
                        moving.move_back(total, digest, widths)
                    else:
                        moving.move_out(total, digest, widths, remove=options["remove"])
                    if number % EVERY == 0:
                        self.stdout.write(f"{tenant.code}: {number} pictures; {_words(total)}")
        self.stdout.write(_words(total))
        for name in total.failed[:20]:
            self.stderr.write(f"missing or not as it was written: {name}")
        if total.failed:
            raise CommandError(f"{len(total.failed)} copies are missing or not as written.")

    def _sweep(self) -> None:
        total = moving.Count()
        for tenant in tenancy.directory().all():
            with tenancy.scope(tenant):
                moving.sweep_orphans(total)
        self.stdout.write(f"{total.removed} copies without a row removed.")


def _words(count: moving.Count) -> str:
    told = f"{count.copied} copies copied ({count.bytes / 1e6:.1f} MB), {count.present} in place"
    return told + (f", {count.removed} files removed here" if count.removed else "")


@contextmanager
def _told() -> Iterator[None]:
    """A store that fails ends the command with its reason; run again, it goes on from there."""
    try:
        yield
    except MediaStoreAway as error:
        reason = error.__cause__ or "what was read isn't what was written"
        raise CommandError(f"{settings.MEDIA_STORAGE} failed: {reason}. Run it again.") from error
