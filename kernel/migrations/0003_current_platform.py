"""Naming the platform in scope is an expression in the statement's plan, no call."""

from django.db import migrations

from kernel.tenant_sql import CURRENT_PLATFORM


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0002_sealed_texts'),
    ]

    operations = [
        migrations.RunSQL([(CURRENT_PLATFORM, None)], migrations.RunSQL.noop),
    ]
