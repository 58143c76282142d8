"""``manage.py seal_texts``: seal free texts that an older release left in clear."""

from typing import Any

from django.core.management.base import BaseCommand

from kernel import sealed_text, tenancy


class Command(BaseCommand):
    help = "Seal what stood in clear in columns of free text; once, after an upgrade."

    def handle(self, *args: Any, **options: Any) -> None:
        for tenant in tenancy.directory().all():
            with tenancy.scope(tenant):
                done = sealed_text.seal_plain()
            found = ", ".join(f"{count} of {name}" for name, count in done.items())
            self.stdout.write(f"{tenant.code}: {found or 'nothing was in clear'}")
