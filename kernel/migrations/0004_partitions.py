"""Events, audit rows and kept answers are cut by time; heads of aggregates, and holds."""

import kernel.ids
import kernel.sealed_text
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import InstallPartitions, PartitionedTable, PartitionHold, TenantTable

HEADS = (
    "INSERT INTO kernel_eventhead AS h (platform_id, id, version) "
    "SELECT platform_id, aggregate_id, max(version) FROM %I GROUP BY 1, 2 ORDER BY 1, 2 "
    "ON CONFLICT (platform_id, id) DO UPDATE SET version = greatest(h.version, excluded.version)"
)
APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {} "
    "FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()"
)
# Two platforms' rows share a partition, so the hold of one keeps it for both.
HELD = "SELECT EXISTS (SELECT FROM kernel_retentionhold WHERE released_at IS NULL)"
# Deliveries aren't cut: they end within seconds, and their sweep leaves little behind.
BUSY = (
    "ALTER TABLE kernel_delivery SET (autovacuum_vacuum_scale_factor = 0.05, "
    "autovacuum_vacuum_insert_scale_factor = 0.05)"
)


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0003_current_platform'),
    ]

    operations = [
        migrations.RemoveIndex('outboxevent', 'kernel_event_age'),
        migrations.RemoveIndex('idempotencyrecord', 'kernel_idempotency_age'),
        # From here on unique within a week; what guards beyond is said at the model.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveConstraint('outboxevent', 'kernel_event_order')],
        ),
        migrations.RemoveConstraint('idempotencyrecord', 'kernel_idempotency_key'),
        migrations.AddIndex('idempotencyrecord', models.Index(fields=['platform_id', 'caller', 'key_hash'], name='kernel_idempotency_key')),
        migrations.CreateModel(
            name='EventHead',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='RetentionHold',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('reason', kernel.sealed_text.SealedText()),
                ('since', models.DateTimeField()),
                ('released_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        TenantTable('eventhead', app='SELECT'),
        TenantTable('retentionhold', app='SELECT, INSERT, UPDATE (released_at)', system='SELECT'),
        InstallPartitions(),
        PartitionedTable(
            'outboxevent', unit='week', ahead=3, least='30 days',
            each=('CREATE UNIQUE INDEX kernel_event_order_%2$s ON %1$I (platform_id, aggregate_id, version)',),
            carry=HEADS,
            app='SELECT, INSERT, UPDATE (published_at)',
            system='SELECT, UPDATE (published_at)',
        ),
        PartitionedTable(
            'auditrecord', unit='quarter', ahead=1, least='3 years',
            each=(APPEND_ONLY.format('%1$I'),), after=APPEND_ONLY.format('kernel_auditrecord'),
            app='SELECT, INSERT',
        ),
        PartitionedTable(
            'idempotencyrecord', unit='day', ahead=4, least='25 hours',
            system='SELECT',
        ),
        PartitionHold(
            'kernel_outboxevent', 'events are not published yet',
            'SELECT EXISTS (SELECT FROM kernel_outboxevent '
            'WHERE published_at IS NULL AND id >= $1 AND id < $2)',
        ),
        PartitionHold(
            'kernel_outboxevent', 'events are parked, or not taken in yet',
            "SELECT EXISTS (SELECT FROM kernel_delivery WHERE state IN ('pending', 'parked') "
            'AND event_id >= $1 AND event_id < $2)',
        ),
        PartitionHold(
            'kernel_outboxevent', 'webhooks are not sent yet',
            "SELECT EXISTS (SELECT FROM kernel_webhookdelivery WHERE state = 'pending' "
            'AND event_id >= $1 AND event_id < $2)',
        ),
        PartitionHold('kernel_outboxevent', 'a platform is under a legal hold', HELD),
        PartitionHold('kernel_auditrecord', 'a platform is under a legal hold', HELD),
        PartitionHold(
            'kernel_auditrecord', 'rows are not in the chain yet',
            'SELECT EXISTS (SELECT FROM kernel_auditrecord r WHERE r.id >= $1 AND r.id < $2 '
            'AND NOT EXISTS (SELECT FROM kernel_auditchain c '
            'WHERE c.platform_id = r.platform_id AND c.record_id = r.id))',
        ),
        migrations.RunSQL([(BUSY, None)], migrations.RunSQL.noop),
    ]
