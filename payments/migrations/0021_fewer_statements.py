"""A transfer that comes alone takes fewer statements."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "ledger" / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0020_subsidies'),
    ]

    operations = [
        migrations.RunSQL(
            [((SQL / "single.sql").read_text() + (SQL / "batch.sql").read_text(), None)],
            migrations.RunSQL.noop,
        ),
    ]
