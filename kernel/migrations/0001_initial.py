import django.db.models.deletion
import django.db.models.functions.comparison
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import GlobalTable, InstallTenancy, TenantTable


APPEND_ONLY = """
CREATE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'QC002';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kernel_auditrecord
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kernel_auditchain
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
ALTER TABLE kernel_ratecounter SET UNLOGGED;
"""
NO_APPEND_ONLY = """
ALTER TABLE kernel_ratecounter SET LOGGED;
DROP TRIGGER append_only ON kernel_auditchain;
DROP TRIGGER append_only ON kernel_auditrecord;
DROP FUNCTION kernel_refuse_change();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        InstallTenancy(),
        migrations.CreateModel(
            name='AuditChain',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('seq', models.BigIntegerField()),
                ('record_id', models.UUIDField()),
                ('record_txid', models.BigIntegerField()),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'seq'), name='kernel_chain_seq'), models.UniqueConstraint(fields=('platform_id', 'record_id'), name='kernel_chain_once')],
            },
        ),
        migrations.CreateModel(
            name='AuditRecord',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('actor_kind', models.CharField(max_length=12)),
                ('actor_id', models.UUIDField(null=True)),
                ('actor_person_id', models.UUIDField(null=True)),
                ('actor_label', models.CharField(default='', max_length=120)),
                ('merchant_id', models.UUIDField(null=True)),
                ('action', models.CharField(max_length=120)),
                ('target_type', models.CharField(max_length=80)),
                ('target_id', models.UUIDField(null=True)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('business_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('request_id', models.CharField(default='', max_length=64)),
                ('txid', models.BigIntegerField(db_default=django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id'), models.TextField()), models.BigIntegerField()), editable=False)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'txid', 'id'], name='kernel_audit_order'), models.Index(fields=['platform_id', 'target_id', 'id'], name='kernel_audit_target')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('handler', models.CharField(max_length=120)),
                ('event_id', models.UUIDField()),
                ('event_type', models.CharField(max_length=120)),
                ('aggregate_id', models.UUIDField()),
                ('version', models.BigIntegerField()),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('done', 'Done'), ('parked', 'Parked'), ('skipped', 'Skipped')], default='pending', max_length=10)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField()),
                ('error', models.TextField(default='')),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['next_attempt_at'], name='kernel_delivery_due'), models.Index(condition=models.Q(('state__in', ['pending', 'parked'])), fields=['platform_id', 'handler', 'aggregate_id', 'version'], name='kernel_delivery_head'), models.Index(condition=models.Q(('state', 'parked')), fields=['platform_id', 'id'], name='kernel_delivery_parked'), models.Index(condition=models.Q(('state__in', ['done', 'skipped'])), fields=['updated_at'], name='kernel_delivery_age')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'event_id', 'handler'), name='kernel_delivery_once')],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('caller', models.CharField(max_length=120)),
                ('key_hash', models.CharField(max_length=64)),
                ('fingerprint', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done')], max_length=10)),
                ('lease_until', models.DateTimeField(null=True)),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('sealed_answer', models.BinaryField(default=b'')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'created_at'], name='kernel_idempotency_age')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'caller', 'key_hash'), name='kernel_idempotency_key')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('kind', models.CharField(max_length=120)),
                ('args', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('clock', models.CharField(choices=[('system', 'System'), ('business', 'Business')], default='system', max_length=10)),
                ('run_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('progress_done', models.PositiveIntegerField(default=0)),
                ('progress_total', models.PositiveIntegerField(default=0)),
                ('result', models.JSONField(null=True)),
                ('error', models.TextField(default='')),
                ('unique_key', models.CharField(max_length=200, null=True)),
                ('periodic', models.BooleanField(default=False)),
                ('merchant_id', models.UUIDField(null=True)),
                ('actor', models.JSONField(default=dict)),
                ('request_id', models.CharField(default='', max_length=64)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state', 'queued')), fields=['run_at'], name='kernel_job_due'), models.Index(condition=models.Q(('state', 'running')), fields=['lease_until'], name='kernel_job_lease'), models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at'], name='kernel_job_age'), models.Index(condition=models.Q(('merchant_id__isnull', False)), fields=['platform_id', 'merchant_id', 'id'], name='kernel_job_merchant')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'queued')), fields=('platform_id', 'kind', 'unique_key'), name='kernel_job_unique')],
            },
        ),
        migrations.CreateModel(
            name='MailMessage',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('subject_id', models.UUIDField()),
                ('template', models.CharField(max_length=120)),
                ('language', models.CharField(max_length=20)),
                ('sealed', models.TextField()),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sent', 'Sent'), ('failed', 'Failed')], default='queued', max_length=10)),
                ('error', models.TextField(default='')),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['created_at'], name='kernel_mail_age')],
            },
        ),
        migrations.CreateModel(
            name='OutboxEvent',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('aggregate_type', models.CharField(max_length=80)),
                ('aggregate_id', models.UUIDField()),
                ('version', models.BigIntegerField()),
                ('type', models.CharField(max_length=120)),
                ('payload', models.JSONField()),
                ('merchant_id', models.UUIDField(null=True)),
                ('actor_kind', models.CharField(max_length=12)),
                ('actor_id', models.UUIDField(null=True)),
                ('business_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('request_id', models.CharField(default='', max_length=64)),
                ('txid', models.BigIntegerField(db_default=django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id'), models.TextField()), models.BigIntegerField()), editable=False)),
                ('published_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('published_at', None)), fields=['txid', 'id'], name='kernel_event_unpublished'), models.Index(condition=models.Q(('published_at', None)), fields=['platform_id', 'aggregate_id', 'version'], name='kernel_event_head'), models.Index(condition=models.Q(('merchant_id__isnull', False)), fields=['platform_id', 'merchant_id', 'txid', 'id'], name='kernel_event_merchant'), models.Index(fields=['created_at'], name='kernel_event_age')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'aggregate_id', 'version'), name='kernel_event_order')],
            },
        ),
        migrations.CreateModel(
            name='PersonalKey',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('subject_id', models.UUIDField()),
                ('wrapped', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('erased_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'subject_id'), name='kernel_personal_subject')],
            },
        ),
        migrations.CreateModel(
            name='RateCounter',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('bucket', models.CharField(max_length=200)),
                ('window_start', models.DateTimeField()),
                ('hits', models.BigIntegerField()),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['expires_at'], name='kernel_rate_expiry')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'bucket', 'window_start'), name='kernel_rate_window')],
            },
        ),
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('name', models.CharField(max_length=120)),
                ('due_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['due_at'], name='kernel_schedule_due')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'name'), name='kernel_schedule_name')],
            },
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('external_id', models.CharField(blank=True, max_length=100, null=True)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('merchant_id', models.UUIDField()),
                ('url', models.CharField(max_length=2000)),
                ('description', models.CharField(blank=True, default='', max_length=500)),
                ('event_types', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('enabled', 'Enabled'), ('disabled', 'Disabled')], default='enabled', max_length=10)),
                ('disabled_reason', models.CharField(blank=True, default='', max_length=200)),
                ('failing_since', models.DateTimeField(null=True)),
                ('sealed_secret', models.TextField()),
                ('sealed_old_secret', models.TextField(default='')),
                ('old_secret_until', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'merchant_id', 'id'], name='kernel_webhook')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'merchant_id', 'external_id'), name='kernel_webhook_external')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('event_id', models.UUIDField()),
                ('event_type', models.CharField(max_length=120)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('succeeded', 'Succeeded'), ('failed', 'Failed')], default='pending', max_length=10)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField()),
                ('last_status', models.PositiveSmallIntegerField(null=True)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('endpoint', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='kernel.webhookendpoint')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'endpoint', 'event_id'), name='kernel_whd_once'),
                ],
                'indexes': [
                    models.Index(condition=models.Q(('state', 'pending')), fields=['next_attempt_at'], name='kernel_whd_due'),
                    models.Index(fields=['platform_id', 'endpoint', 'id'], name='kernel_whd_list'),
                    models.Index(fields=['created_at'], name='kernel_whd_age'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WorkerBeat',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('host', models.CharField(max_length=200)),
                ('pid', models.IntegerField()),
                ('started_at', models.DateTimeField()),
                ('beat_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['beat_at'], name='kernel_worker_beat')],
            },
        ),
        migrations.CreateModel(
            name='WebhookAttempt',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('milliseconds', models.PositiveIntegerField()),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('error', models.CharField(default='', max_length=500)),
                ('answer', models.CharField(default='', max_length=1000)),
                ('delivery', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='kernel.webhookdelivery')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'delivery', 'number'], name='kernel_wha_list')],
            },
        ),
        TenantTable("idempotencyrecord", system="SELECT, DELETE"),
        TenantTable(
            "outboxevent",
            app="SELECT, INSERT, UPDATE (published_at)",
            system="SELECT, UPDATE (published_at), DELETE",
        ),
        TenantTable(
            "delivery", app="SELECT, INSERT, UPDATE", system="SELECT, INSERT, UPDATE, DELETE"
        ),
        TenantTable("job", app="SELECT, INSERT, UPDATE, DELETE", system="SELECT, INSERT, UPDATE, DELETE"),
        TenantTable("schedule", app="SELECT", system="SELECT, INSERT, UPDATE, DELETE"),
        TenantTable("auditrecord", app="SELECT, INSERT"),
        TenantTable("auditchain", app="SELECT, INSERT"),
        TenantTable("personalkey", app="SELECT, INSERT, UPDATE", system="SELECT, DELETE"),
        TenantTable("ratecounter", system="SELECT, DELETE"),
        TenantTable("webhookendpoint", system="SELECT, UPDATE"),
        TenantTable("webhookdelivery", system="SELECT, INSERT, UPDATE, DELETE"),
        TenantTable("webhookattempt", system="SELECT, DELETE"),
        TenantTable("mailmessage", app="SELECT, INSERT, UPDATE", system="SELECT, DELETE"),
        GlobalTable("workerbeat", app="SELECT", system="SELECT, INSERT, UPDATE, DELETE"),
        migrations.RunSQL(APPEND_ONLY, NO_APPEND_ONLY),
    ]
