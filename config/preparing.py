"""What must be done before processes serve: schema, translations, static files.

Each part first asks cheaply whether there is anything to do, so that a second start is quick.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from config.locales import stale_locales
from config.unprepared import (
    make_partitions,
    schema_owners,
    static_collected,
    static_stamp,
)

MIGRATION_LOCK = 7_403_152_019


def prepare(say: Callable[[str], None]) -> None:
    """Migrate, compile translations, collect static files: whatever is out of date."""
    if migrate(say):
        say("The database schema is up to date.")
    make_partitions()
    translate(say)
    if collect_static():
        say("Collected static files.")


def translate(say: Callable[[str], None]) -> None:
    """Compile the translations alone. Needs no database, and has to be done before the product is
    loaded: Django reads all of them as soon as it has models, and keeps what it read."""
    compiled = compile_locales()
    if compiled:
        say(f"Compiled {compiled} translation files.")


def pending_migrations(alias: str) -> list[str]:
    """Names of migrations not yet applied on ``alias``, as ``app.name``."""
    executor, targets = _executor(alias)
    return [f"{m.app_label}.{m.name}" for m, _ in executor.migration_plan(targets)]


def apply_migrations(alias: str) -> None:
    """Apply what is pending on ``alias``; the sandbox's database gets its app, the others not."""
    executor, targets = _executor(alias)
    executor.migrate(targets)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=alias)
    if alias != "sandbox":
        # So that web can tell whether its database is migrated, without the owner's rights.
        app = sql.Identifier(settings.DATABASE_ROLES["app"])
        with connections[alias].cursor() as cursor:
            cursor.execute(sql.SQL("GRANT SELECT ON django_migrations TO {}").format(app))


def _executor(alias: str) -> tuple[MigrationExecutor, list[tuple[str, str]]]:
    executor = MigrationExecutor(connections[alias])
    theirs = alias == "sandbox"
    leaves = executor.loader.graph.leaf_nodes()
    return executor, [node for node in leaves if (node[0] == "sandbox") == theirs]


def migrate(say: Callable[[str], None]) -> bool:
    """Apply pending migrations; one process at a time. Returns whether there were any."""
    done = False
    for alias in schema_owners():
        if not pending_migrations(alias):
            continue
        with _only_one(alias):
            waiting = pending_migrations(alias)
            if waiting:
                say(f"Migrating {alias}: {len(waiting)} steps …")
                apply_migrations(alias)
                done = True
    return done


@contextmanager
def _only_one(alias: str) -> Iterator[None]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        yield
    finally:
        connections[alias].close()  # the lock goes with the session


def compile_locales(*, force: bool = False) -> int:
    """Make .mo files from the .po files that are newer. Returns how many were made."""
    waiting = stale_locales(every=force)
    for source in waiting:
        target = source.with_suffix(".mo")
        try:
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
        except PoFileError as error:
            where = source.relative_to(settings.ROOT)
            raise CommandError(f"{where}: {error}. Mend the file, then start again.") from error
        draft = target.with_suffix(".mo.draft")
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        draft.replace(target)
    return len(waiting)


def collect_static() -> bool:
    """Collect static files into STATIC_ROOT when their sources changed."""
    if static_collected():
        return False
    stamp = static_stamp()  # of before: what changes meanwhile is collected by the next start
    call_command("collectstatic", interactive=False, clear=False, verbosity=0)
    (Path(settings.STATIC_ROOT) / ".stamp").write_text(stamp)
    return True
