"""The database roles and databases of the product, on any PostgreSQL from 15 on."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

LOCK = 7_403_152_018  # advisory lock: one bootstrap at a time on a server
LOGIN_ROLES = ("owner", "app", "system", "sandbox")


@dataclass(frozen=True)
class RoleNames:
    """The role names that share one prefix."""

    prefix: str = "quancheng"

    def __getitem__(self, role: str) -> str:
        return f"{self.prefix}_{role}"


def bootstrap_roles(
    admin: "psycopg.Connection[tuple[object, ...]]",
    *,
    passwords: Mapping[str, str],
    database: str = "quancheng",
    sandbox_database: str = "sandbox",
    names: RoleNames = RoleNames(),
) -> None:
    """Make (or mend) roles, passwords and the two databases; safe to repeat and to race.

    ``admin`` is an autocommit connection of a superuser, or of a role with CREATEROLE and
    CREATEDB. ``passwords`` has one for each of owner, app, system and sandbox. After an error
    ``admin`` is to be closed: it may be in the middle of a statement, and keeps the lock till then.
    """
    admin.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    make_roles(admin, passwords=passwords, names=names)
    make_database(admin, name=database, owner=names["owner"], users=(names["app"], names["system"]))
    make_database(admin, name=sandbox_database, owner=names["sandbox"], users=())
    admin.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def make_roles(
    admin: "psycopg.Connection[tuple[object, ...]]",
    *,
    passwords: Mapping[str, str],
    names: RoleNames,
) -> None:
    """Roles without any special right; the owner may hand functions to the definer role."""
    harmless = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    superuser = _one(admin, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if not superuser:
        harmless = ""  # only a superuser may name these; absent is the default
    for role in (*LOGIN_ROLES, "definer"):
        known = _one(admin, "SELECT true FROM pg_roles WHERE rolname = %s", names[role])
        verb = sql.SQL("ALTER" if known else "CREATE")
        login: sql.Composable = sql.SQL("NOLOGIN")
        if role != "definer":
            login = sql.SQL("LOGIN PASSWORD {}").format(sql.Literal(passwords[role]))
        admin.execute(
            sql.SQL("{} ROLE {} {} {}").format(
                verb, sql.Identifier(names[role]), sql.SQL(harmless), login
            )
        )
    for role in ("app", "system", "sandbox"):
        admin.execute(
            sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = '120s'").format(
                sql.Identifier(names[role])
            )
        )
    fine = admin.info.server_version >= 160000
    options = sql.SQL(" WITH INHERIT TRUE, SET TRUE" if fine else "")
    grants: list[tuple[str, sql.Composable]] = [(names["definer"], sql.Identifier(names["owner"]))]
    if not superuser:
        grants += [(names[role], sql.SQL("CURRENT_USER")) for role in ("owner", "sandbox")]
    for group, member in grants:
        admin.execute(sql.SQL("GRANT {} TO {}{}").format(sql.Identifier(group), member, options))


def make_database(
    admin: "psycopg.Connection[tuple[object, ...]]",
    *,
    name: str,
    owner: str,
    users: tuple[str, ...],
    template: str | None = None,
) -> None:
    """The database, owned by ``owner``; only its owner and ``users`` may connect."""
    if not _one(admin, "SELECT true FROM pg_database WHERE datname = %s", name):
        admin.execute(_create_database(admin, name=name, owner=owner, template=template))
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    for user in users:
        admin.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                sql.Identifier(name), sql.Identifier(user)
            )
        )


def _create_database(
    admin: "psycopg.Connection[tuple[object, ...]]", *, name: str, owner: str, template: str | None
) -> sql.Composed:
    create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template or "template0")
    )
    if template:
        return create
    # Sorting by code point, case rules of Unicode: the same everywhere and without ICU.
    if admin.info.server_version >= 170000:
        locale = " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
    elif _one(admin, "SELECT true FROM pg_collation WHERE collname IN ('C.utf8', 'C.UTF-8')"):
        locale = " LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    else:
        locale = ""
    return create + sql.SQL(f" ENCODING 'UTF8'{locale}")


def _one(
    admin: "psycopg.Connection[tuple[object, ...]]", query: str, *values: object
) -> object | None:
    row = admin.execute(query.encode(), values or None).fetchone()
    return row[0] if row else None
