"""A usual transfer that comes alone has a way of its own through the ledger."""

from pathlib import Path

from django.db import migrations

from kernel.tenant_sql import role

SQL = Path(__file__).parent.parent / "ledger" / "sql"


def ledger_sql():
    """The two functions behind the door, their guard, and the door, which now calls them."""
    guard = (SQL / "0018_guard.sql").read_text().replace("{definer}", role("definer"))
    return "\n".join(
        [(SQL / name).read_text() for name in ("single.sql", "batch.sql")]
        + [guard, (SQL / "ledger.sql").read_text()]
    )


DROP = (
    "DROP FUNCTION IF EXISTS ledger_post_single(uuid, jsonb, timestamptz, timestamptz);"
    "DROP FUNCTION IF EXISTS ledger_post_batch(uuid, jsonb, jsonb, timestamptz, timestamptz)"
)


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0017_operators_hold'),
    ]

    operations = [
        migrations.RunSQL([(ledger_sql(), None)], DROP),
    ]
