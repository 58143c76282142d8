"""Real PostgreSQL for the tests: roles, a migrated template, and one fresh copy a process.

``TEST_DATABASE_ADMIN_URL`` names a server; without it the embedded one is started in a temporary
folder, shared by all processes of the run. A new server with migrated templates is kept beside the
temporary folders and copied by the next run, until a migration changes. Tests connect as the app
role, never as more.
"""

import atexit
import fcntl
import hashlib
import hmac
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.embedded import roles
from config.embedded.postgres import SUPERUSER, Server
from config.embedded.secrets import kept_secret

ROOT = Path(__file__).resolve().parent.parent
NAMES = roles.RoleNames("qc_test")
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
Connection = psycopg.Connection[tuple[Any, ...]]
LITTLE = 64 * 1024  # bytes of a table that may keep the place of its deleted rows


def prepare_environment() -> None:
    """Give the settings their test values; called before they are read."""
    main = "QC_TEST_DATA_DIR" not in os.environ
    if main:
        folder = tempfile.mkdtemp(prefix="qc-test-")
        Path(folder, "static").mkdir()
        # All servers of tests have one superuser's password, so that a kept one can be copied.
        kept_secret(_kept_servers(), f"postgres_{SUPERUSER}")
        shutil.copytree(_kept_servers() / "secrets", Path(folder, "secrets"))
        os.environ["QC_TEST_DATA_DIR"] = folder
        atexit.register(_clean_up, folder, os.getpid())
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = os.environ.get("TEST_DB_NAME", "qc_test") + (f"_{worker}" if worker else "")
    values = {
        "DATA_DIR": os.environ["QC_TEST_DATA_DIR"],
        "SECRET_KEY": "only-for-tests-" + "k" * 50,
        "PERSONAL_DATA_KEY": "only-for-tests-" + "p" * 50,
        "DATABASE_URL": role_url("app", name),
        "DATABASE_OWNER_URL": role_url("owner", name),
        "DATABASE_SYSTEM_URL": role_url("system", name),
        "DATABASE_DEFINER_ROLE": NAMES["definer"],
        "SANDBOX_DATABASE_URL": role_url("sandbox", f"{name}_sandbox"),
    }
    for shard in shards():
        for role, suffix in (("app", ""), ("owner", "_OWNER"), ("system", "_SYSTEM")):
            values[f"DATABASE_{shard.upper()}{suffix}_URL"] = role_url(role, f"{name}_{shard}")
    os.environ.update(values)
    os.environ.setdefault("DATABASE_POOL_SIZE", "0")
    os.environ.setdefault("API_VALIDATE_RESPONSES", "1")


def shards() -> list[str]:
    """More databases that this run has, named by DATABASE_SHARDS."""
    return [word.strip() for word in os.environ.get("DATABASE_SHARDS", "").split(",") if word]


def aliases() -> set[str]:
    """The aliases that the product uses at run time: never an owner's."""
    more = {name for shard in shards() for name in (shard, f"{shard}_system")}
    return {"default", "system", "sandbox"} | more


def _places() -> list[tuple[str, str, str]]:
    """Alias that migrates, role that owns, and kind of template, for each database of the run."""
    owners = ["owner", *(f"{shard}_owner" for shard in shards())]
    return [(alias, "owner", "main") for alias in owners] + [("sandbox", "sandbox", "sandbox")]


def _clean_up(folder: str, process: int) -> None:
    if os.getpid() == process:
        _server().stop()
        shutil.rmtree(folder, ignore_errors=True)


def _server() -> Server:
    many = {"max_connections": "300", "shared_buffers": "256MB", "scram_iterations": "1"}
    return Server(Path(os.environ["QC_TEST_DATA_DIR"]), settings=FAST | many)


def admin_url() -> str:
    """The superuser's address; doesn't start anything."""
    return os.environ.get("TEST_DATABASE_ADMIN_URL") or _server().admin_url


def role_url(role: str, database: str) -> str:
    """The address of ``role`` (owner, app, system, sandbox) on ``database``."""
    parts = urlsplit(admin_url())
    place = parts.netloc.rpartition("@")[2]
    who = f"{NAMES[role]}:{quote(password(role), safe='')}"
    return urlunsplit(parts._replace(netloc=f"{who}@{place}", path=f"/{database}"))


def password(role: str) -> str:
    """A role's password: the same for all runs on one server, not guessable from outside."""
    return hmac.new(admin_url().encode(), role.encode(), "sha256").hexdigest()


@contextmanager
def admin() -> Iterator[Connection]:
    """A superuser's connection; starts the run's own server when there is no other."""
    if not os.environ.get("TEST_DATABASE_ADMIN_URL"):
        lock = Path(os.environ["QC_TEST_DATA_DIR"]) / "start.lock"
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _start()
    with psycopg.connect(admin_url(), autocommit=True) as connection:
        yield connection


def _start() -> None:
    """Start the run's own server: a copy of the one kept for these migrations, if there is one.

    Where there is none, the new server is stopped once to be kept: nobody else uses it yet.
    """
    server, data = _server(), Path(os.environ["QC_TEST_DATA_DIR"])
    if server.alive():
        return
    kept = _kept_servers() / fingerprint()[:24]
    if (kept / "postgres").is_dir():
        subprocess.run(["cp", "-pR", str(kept / "postgres"), str(data)], check=True)
        kept.touch()
        server.start()
        return
    server.start()
    with psycopg.connect(admin_url(), autocommit=True) as connection:
        _make_roles(connection)
        for alias, owner, kind in (_places()[0], _places()[-1]):
            _make_template(connection, _template(kind), alias, owner, rebuild=False)
    server.stop()
    draft = Path(tempfile.mkdtemp(dir=kept.parent))
    subprocess.run(["cp", "-pR", str(data / "postgres"), str(draft)], check=True)
    try:
        draft.rename(kept)
    except OSError:  # another run was quicker
        shutil.rmtree(draft)
    server.start()


def _kept_servers() -> Path:
    """The folder of kept servers, this user's alone; what wasn't used for three days goes."""
    folder = Path(tempfile.gettempdir()) / f"qc-kept-servers-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    assert folder.stat().st_uid == os.geteuid(), f"{folder} belongs to someone else"
    for old in folder.iterdir():
        if old.name != "secrets" and old.stat().st_mtime < time.time() - 3 * 86400:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def _template(kind: str) -> str:
    """One of each kind for these migrations, shared by all runs on one server."""
    return f"qc_test_{fingerprint()[:12]}_{kind}_template"


def _make_roles(connection: Connection) -> None:
    connection.execute("SELECT pg_advisory_lock(%s)", [roles.LOCK])
    roles.make_roles(connection, passwords={r: password(r) for r in roles.LOGIN_ROLES}, names=NAMES)
    connection.execute("SELECT pg_advisory_unlock(%s)", [roles.LOCK])


def make_databases(*, rebuild: bool) -> None:
    """Fresh databases under the names in the settings, copied from migrated templates."""
    from django.db import connections

    with admin() as connection:
        _make_roles(connection)
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [_template("")])
        for alias, owner, kind in _places():
            template = _template(kind)
            first = alias in {"owner", "sandbox"}
            _make_template(connection, template, alias, owner, rebuild=rebuild and first)
            name = str(connections[alias].settings_dict["NAME"])
            _drop(connection, name)
            roles.make_database(
                connection, name=name, owner=NAMES[owner], users=_users(owner), template=template
            )


def _users(owner: str) -> tuple[str, ...]:
    return (NAMES["app"], NAMES["system"]) if owner == "owner" else ()


def drop_databases() -> None:
    """Remove this process's copies; templates stay for the next run."""
    from django.db import connections

    connections.close_all()
    connections["sandbox"].close_pool()  # type: ignore[attr-defined]
    with admin() as connection:
        for alias, _, _ in _places():
            _drop(connection, str(connections[alias].settings_dict["NAME"]))


def _drop(connection: Connection, name: str) -> None:
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


def _make_template(
    connection: Connection, name: str, alias: str, owner: str, *, rebuild: bool
) -> None:
    from django.db import connections

    from config.preparing import apply_migrations

    mark = fingerprint()
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    if row and row[0] == mark and not (rebuild and not os.environ.get("PYTEST_XDIST_WORKER")):
        return
    _drop(connection, name)
    roles.make_database(connection, name=name, owner=NAMES[owner], users=_users(owner))
    wrapper = connections[alias]
    wrapper.close()
    usual, wrapper.settings_dict["NAME"] = wrapper.settings_dict["NAME"], name
    try:
        apply_migrations(alias)
    finally:
        wrapper.close()
        wrapper.close_pool()  # type: ignore[attr-defined]
        wrapper.settings_dict["NAME"] = usual
    connection.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(mark))
    )


@cache
def fingerprint() -> str:
    """Changes when a migration, or a file that migrations read, changes."""
    digest = hashlib.sha256()
    kinds = ("migrations/*.py", "**/*.sql", "data/*", "tenant_sql.py", "partition_sql.py")
    rooms = [path for path in ROOT.iterdir() if (path / "migrations").is_dir()]
    found = {path for room in rooms for kind in kinds for path in room.glob(kind)}
    for path in sorted(path for path in found if path.is_file()):
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cleaned_urls() -> list[str]:
    """The superuser's addresses of this process's databases."""
    from django.db import connections

    parts = urlsplit(admin_url())
    names = [str(connections[alias].settings_dict["NAME"]) for alias, _, _ in _places()]
    return [urlunsplit(parts._replace(path=f"/{name}")) for name in names]


class Cleaner:
    """Empties the tables after a test that committed; rows put there by migrations stay.

    Works as the superuser with triggers and foreign keys off. TRUNCATE would take the files of a
    table, of its indexes and of all tables that refer to it away, and every kept plan with them:
    ten times the work for the few rows that a test leaves.
    """

    def __init__(self, *urls: str) -> None:
        self.places = [_Place(url) for url in urls]

    def clean(self) -> None:
        """Empty every table that isn't empty and wasn't filled by a migration."""
        for place in self.places:
            place.clean()

    def close(self) -> None:
        for place in self.places:
            place.connection.close()


class _Place:
    """One database and its tables that migrations leave empty."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("SET lock_timeout = '20s'")
        self.connection.execute("SET session_replication_role = replica")
        self.connection.execute("SET plan_cache_mode = force_generic_plan")
        every = [
            row[0]
            for row in self.connection.execute(
                "SELECT c.oid::regclass::text FROM pg_class c "
                "JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') "
                "AND NOT c.relispartition ORDER BY 1"
            )
        ]
        empty = [table for table in every if not self._filled(table)]
        self.connection.execute(_emptying(empty).encode())

    def _filled(self, table: str) -> bool:
        return bool(self.connection.execute(f"SELECT FROM {table} LIMIT 1".encode()).fetchall())

    def clean(self) -> None:
        large = self.connection.execute("SELECT pg_temp.empty_tables()").fetchone()
        assert large is not None
        for table in large[0]:
            self.connection.execute(f"VACUUM {table}".encode())


def _emptying(tables: list[str]) -> str:
    """A function of the session that empties ``tables`` and names those that were large.

    One call of kept plans: the question which of some 200 tables has a row costs more to plan
    than to answer. Who is still writing is waited for, because what they commit would be the next
    test's.
    """
    question = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables
    )
    return f"""
        CREATE FUNCTION pg_temp.empty_tables() RETURNS text[] LANGUAGE plpgsql AS $$
        DECLARE filled text; large text[] = '{{}}';
        BEGIN
            LOCK TABLE {", ".join(tables)} IN SHARE MODE;
            FOR filled IN {question} LOOP
                EXECUTE 'DELETE FROM ' || filled;
                IF pg_relation_size(filled) + coalesce((SELECT sum(pg_relation_size(relid))
                    FROM pg_partition_tree(filled::regclass)), 0) > {LITTLE}
                THEN large = large || filled; END IF;
            END LOOP;
            RETURN large;
        END $$
    """
