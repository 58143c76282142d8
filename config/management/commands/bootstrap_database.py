"""``manage.py bootstrap_database``"""

import secrets
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded.roles import LOGIN_ROLES, RoleNames, bootstrap_roles

VARIABLES = {
    "app": "DATABASE_URL",
    "owner": "DATABASE_OWNER_URL",
    "system": "DATABASE_SYSTEM_URL",
    "sandbox": "SANDBOX_DATABASE_URL",
}


class Command(BaseCommand):
    """Roles and databases on a PostgreSQL server of your own."""

    help = "Make the roles and databases on a server and print the addresses for the environment."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--admin-url", required=True, help="postgresql://superuser:…@host/postgres"
        )
        parser.add_argument("--database", default="quancheng")
        parser.add_argument("--sandbox-database", default="sandbox")
        parser.add_argument("--prefix", default="quancheng", help="what role names begin with")
        parser.add_argument(
            "--password",
            help="one password for all roles (for throw-away servers); default: random ones",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = RoleNames(options["prefix"])
        passwords = {r: options["password"] or secrets.token_hex(24) for r in LOGIN_ROLES}
        try:
            with psycopg.connect(options["admin_url"], autocommit=True) as admin:
                bootstrap_roles(
                    admin,
                    passwords=passwords,
                    database=options["database"],
                    sandbox_database=options["sandbox_database"],
                    names=names,
                )
        except psycopg.Error as error:
            raise CommandError(f"The server refused: {error}") from error
        parts = urlsplit(options["admin_url"])
        place = parts.netloc.rpartition("@")[2]
        for role, variable in VARIABLES.items():
            path = options["sandbox_database"] if role == "sandbox" else options["database"]
            who = f"{names[role]}:{passwords[role]}"
            url = urlunsplit(parts._replace(netloc=f"{who}@{place}", path=f"/{path}"))
            self.stdout.write(f"{variable}={url}")
        self.stdout.write(f"DATABASE_DEFINER_ROLE={names['definer']}")
