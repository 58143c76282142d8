"""``manage.py sandbox_account --create NAME``: open an account, print its secret key once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox import accounts
from sandbox.models import Account


class Command(BaseCommand):
    help = "Open an account of the sandbox (prints its secret key once), or list the accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--create", metavar="NAME", help="open an account with this name")
        parser.add_argument("--currency", default="cny", help="its currency (cny)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["create"]:
            currency = str(options["currency"]).lower()
            if len(currency) != 3 or not currency.isalpha():
                raise CommandError(f"--currency {currency!r}: use a code of three letters.")
            self.stdout.write(accounts.create_account(options["create"], default_currency=currency))
            return
        for account in Account.objects.order_by("id"):
            self.stdout.write(f"{account.id}  {account.name}")
