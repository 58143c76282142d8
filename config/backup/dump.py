"""``make backup``: a consistent copy of every database and the pictures, while all goes on."""

import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandError

from config import env
from config.backup import figures, last, manifest, programs
from config.embedded.secrets import kept_secret
from config.preparing import pending_migrations
from config.serving import embedded_server, start_database
from config.unprepared import schema_owners
from kernel import clock, seal

Say = Callable[[str], None]
SECRETS = ("secret_key", "personal_data_key")
PICTURES = "media.tar"


def back_up(place: Path, *, say: Say) -> Path:
    """Write a new backup below ``place``; its folder.

    Each database is dumped in one snapshot, and its figures are taken in the same one. Pictures
    come after the databases: a row never names a picture that isn't there, since a picture is
    stored before its row and never changed. Raises CommandError; what was begun is then removed.
    """
    place.mkdir(parents=True, exist_ok=True)
    name = f"quancheng-{clock.system():%Y%m%dT%H%M%SZ}"
    draft = place / f".{name}.draft"
    draft.mkdir(mode=0o700)
    try:
        with running():
            made = _write(draft, say)
        made.write(draft)
        target = place / name
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _write_secrets(place / f"{name}.secrets.tar", say)
    last.remember(target, made.made_at, say)
    return target


@contextmanager
def running() -> Iterator[None]:
    """The embedded server, started for as long as it is needed if it doesn't run."""
    server = embedded_server()
    found = server is None or server.alive()
    if server and not found:
        start_database(server)
    try:
        yield
    finally:
        if server and not found:
            server.stop()


def connect(alias: str) -> figures.Connection:
    """A connection of the alias's role that isn't in a transaction."""
    return psycopg.connect(
        programs.connection_string(alias), password=programs.password(alias), autocommit=True
    )


def _write(folder: Path, say: Say) -> manifest.Manifest:
    dumps, version = [], 0
    for alias in schema_owners():
        waiting = pending_migrations(alias)
        if waiting:
            raise CommandError(
                f"The database {alias} isn't migrated ({waiting[0]} …): run `manage.py prepare` "
                "or start this release once, then back up."
            )
        with connect(alias) as connection:
            version = max(version, connection.info.server_version)
            dumps.append(_dump(connection, alias, folder))
        rows = sum(dumps[-1].figures["rows"].values())
        say(f"Dumped {alias}: {rows:,} rows.")
    files = {dump.file: manifest.digest(folder / dump.file) for dump in dumps}
    if Path(settings.MEDIA_ROOT).is_dir():
        with tarfile.open(folder / PICTURES, "w") as archive:
            archive.add(settings.MEDIA_ROOT, arcname=".", filter=finished)
        files[PICTURES] = manifest.digest(folder / PICTURES)
    tell_of_store(say)
    return manifest.Manifest(
        format=manifest.FORMAT,
        made_at=clock.system().isoformat(),
        master_keys=list(seal.masters()),
        server_version=version,
        roles=dict(settings.DATABASE_ROLES),
        dumps=dumps,
        files=files,
    )


def tell_of_store(say: Say) -> None:
    """That pictures in a store of their own aren't among what is backed up."""
    if settings.MEDIA_STORAGE:
        say(
            f"Pictures in {settings.MEDIA_STORAGE} aren't in this backup: the store keeps its own "
            "(docs/operations.md)."
        )


def finished(found: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Not the videos that are just coming in: they grow, and are gone before they are read."""
    return None if found.isdir() and found.name.endswith("/drafts") else found


def _dump(connection: figures.Connection, alias: str, folder: Path) -> manifest.Dump:
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row
        file = f"{alias}.dump"
        programs.run(
            "pg_dump",
            connection.info.server_version,
            alias,
            "--format=custom",
            f"--snapshot={row[0]}",
            f"--file={folder / file}",
        )
        return manifest.Dump(alias=alias, file=file, figures=figures.take(connection))


def _write_secrets(path: Path, say: Say) -> None:
    """What opens the data: the secrets this machine made itself, and the demo's logins."""
    ours: list[Any] = [name for name in SECRETS if not env.text(name.upper())]
    demo = sorted(settings.DATA_DIR.glob("demo*.json"))
    if not ours and not demo:
        return
    for name in ours:
        kept_secret(settings.DATA_DIR, name)
    only_ours = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(only_ours, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        for name in ours:
            archive.add(settings.DATA_DIR / "secrets" / name, arcname=f"secrets/{name}")
        for found in demo:
            archive.add(found, arcname=found.name)
    say(f"Secrets are in {path}: keep them apart from the backup.")
