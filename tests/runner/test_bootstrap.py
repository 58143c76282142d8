"""``manage.py bootstrap_database`` on a server of one's own."""

import io
import secrets
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import CommandError, call_command
from psycopg import sql

from tests import database


@pytest.fixture
def prefix(django_db_setup: None) -> Iterator[str]:
    name = f"qcb{secrets.token_hex(3)}"
    yield name
    with database.admin() as admin:
        for place in (f"{name}_main", f"{name}_box"):
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(place)))
        rows = admin.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"{name}%"])
        for row in sorted(rows.fetchall(), reverse=True):
            admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(row[0])))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(row[0])))


def bootstrap(prefix: str, admin_url: str) -> dict[str, str]:
    out = io.StringIO()
    call_command(
        "bootstrap_database",
        admin_url=admin_url,
        database=f"{prefix}_main",
        sandbox_database=f"{prefix}_box",
        prefix=prefix,
        stdout=out,
    )
    return dict(line.split("=", 1) for line in out.getvalue().splitlines())


def works(prefix: str, printed: dict[str, str]) -> None:
    for name, role in (
        ("DATABASE_URL", "app"),
        ("DATABASE_OWNER_URL", "owner"),
        ("DATABASE_SYSTEM_URL", "system"),
        ("SANDBOX_DATABASE_URL", "sandbox"),
    ):
        with psycopg.connect(printed[name]) as connection:
            row = connection.execute("SELECT current_user").fetchone()
            assert row == (f"{prefix}_{role}",)
    with psycopg.connect(printed["DATABASE_OWNER_URL"], autocommit=True) as owner:
        definer = sql.Identifier(printed["DATABASE_DEFINER_ROLE"])
        owner.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1")
        owner.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(definer))
        owner.execute(sql.SQL("ALTER FUNCTION f() OWNER TO {}").format(definer))
        owner.execute("DROP FUNCTION f()")
        owner.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}").format(definer))
    with (
        psycopg.connect(printed["DATABASE_URL"]) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute("CREATE TABLE t ()")


def test_prints_addresses_that_work(prefix: str) -> None:
    printed = bootstrap(prefix, database.admin_url())
    works(prefix, printed)
    works(prefix, bootstrap(prefix, database.admin_url()))


def test_a_role_manager_who_is_no_superuser_suffices(prefix: str) -> None:
    """As on managed servers, where nobody is superuser."""
    manager = f"{prefix}_a_manager"
    secret = secrets.token_hex(16)
    with database.admin() as admin:
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {}").format(
                sql.Identifier(manager), sql.Literal(secret)
            )
        )
    url = database.role_url("owner", "postgres")
    url = url.replace(database.NAMES["owner"], manager).replace(database.password("owner"), secret)
    works(prefix, bootstrap(prefix, url))


def test_a_refusal_is_told(prefix: str) -> None:
    wrong = database.role_url("app", "postgres")
    with pytest.raises(CommandError, match="The server refused"):
        bootstrap(prefix, wrong)
