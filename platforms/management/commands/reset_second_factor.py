"""``manage.py reset_second_factor CODE EMAIL --reason …``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import tenancy
from kernel.errors import DomainError
from platforms import facade


class Command(BaseCommand):
    help = (
        "Take somebody's lost app and passkeys away, where no operator is left who could: the "
        "last chief operator's. They set a new one up after signing in with the password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("email")
        parser.add_argument("--reason", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["reason"].strip():
            raise CommandError("Give --reason: it is kept in the audit trail.")
        tenant = tenancy.directory().by_code(options["code"])
        if tenant is None:
            raise CommandError(f"No platform is called {options['code']!r}.")
        with tenancy.scope(tenant):
            try:
                person = facade.person_by_email(options["email"])
                facade.reset_second_factor(person_id=person.id, reason=options["reason"])
            except DomainError as error:
                raise CommandError(f"{error.title}. {error}") from error
        self.stdout.write(f"{person.public_id} has no second factor any more.")
