"""Whether anything is to be prepared before processes serve, asked without loading the product:
of most starts, nothing is."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo


def anything_unprepared() -> bool:
    """Whether static files aren't collected, or a database isn't migrated or doesn't answer."""
    return not static_collected() or any(_unapplied(alias) for alias in schema_owners())


def schema_owners() -> list[str]:
    """The aliases that migrate: each shard's owner, and the sandbox's database."""
    owners = ["owner" if s == "default" else f"{s}_owner" for s in settings.SHARDS]
    return owners + (["sandbox"] if "sandbox" in settings.DATABASES else [])


def make_partitions() -> None:
    """Make the partitions of the time to come, should no worker have; busy tables are passed over:
    the worker makes them later, and until then rows go into the rest."""
    for alias in schema_owners():
        if alias == "sandbox":
            continue
        with _connected(alias) as connection:
            for row in connection.execute("SELECT name FROM kernel_partitioned ORDER BY name"):
                with suppress(psycopg.OperationalError):
                    connection.execute("SELECT kernel_make_partitions(%s)", row)


def static_collected() -> bool:
    """Whether STATIC_ROOT was made from the static files that there are."""
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    return stamp.exists() and stamp.read_text() == static_stamp()


def static_stamp() -> str:
    """A digest of the names, sizes and times of all static files."""
    digest = hashlib.sha256(str(settings.STORAGES).encode())
    folders = [folder / "static" for folder in _apps().values()]
    for folder in [*folders, *(Path(str(one)) for one in settings.STATICFILES_DIRS)]:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                found = path.stat()
                digest.update(f"{path}:{found.st_size}:{found.st_mtime_ns}".encode())
    return digest.hexdigest()


def _unapplied(alias: str) -> bool:
    """Whether a migration that is here isn't written down there. Migrations that were merged into
    one may say so in vain: that asks Django's own look."""
    try:
        with _connected(alias) as connection:
            applied = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
    except psycopg.Error:
        return True
    return any(one not in applied for one in _migrations(theirs=alias == "sandbox"))


def _migrations(*, theirs: bool) -> Iterator[tuple[str, str]]:
    """(app, name) of each, the sandbox's or all others."""
    for label, folder in _apps().items():
        if (label == "sandbox") == theirs:
            for path in (folder / "migrations").glob("[!_~]*.py"):
                yield label, path.stem


def _apps() -> dict[str, Path]:
    """The folder of each installed app, by its label."""
    found = {}
    for name in settings.INSTALLED_APPS:
        module = name.partition(".apps.")[0]  # of one that names its configuration
        spec = find_spec(module)
        if spec is None or spec.origin is None:
            raise ImportError(f"{name} isn't installed")
        found[module.rpartition(".")[2]] = Path(spec.origin).parent
    return found


def _connected(alias: str) -> "psycopg.Connection[tuple[Any, ...]]":
    known = settings.DATABASES[alias]
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    values = {name: known[ours] for name, ours in (names | {"port": "PORT"}).items()}
    values |= {k: v for k, v in known["OPTIONS"].items() if isinstance(v, str)}  # the address's
    address = make_conninfo("", **{name: value for name, value in values.items() if value})
    return psycopg.connect(address, autocommit=True, prepare_threshold=None)  # as Django: poolers
