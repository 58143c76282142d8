"""What is to be indexed: changes, tasks, progress; and the numbers that order writes."""

import kernel.ids
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import GlobalTable, TenantTable
from kernel.tenant_sql import role

# Every write to the index gets the next number before what it writes is read, so whoever reads
# later writes higher, whichever rows a document is made of (docs/decisions/0007).
VERSIONS = """
CREATE SEQUENCE search_version AS bigint START 1;
GRANT USAGE ON SEQUENCE search_version TO {app}, {system};
""".format(app=role("app"), system=role("system"))


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name='IndexProgress',
            fields=[
                ('shard', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('engine', models.CharField(default='', max_length=40)),
                ('holder', models.CharField(default='', max_length=240)),
                ('beat_at', models.DateTimeField()),
                ('caught_up_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, default='', max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('kind', models.CharField(max_length=20)),
                ('ref_id', models.UUIDField()),
                ('lane', models.SmallIntegerField(choices=[(0, 'Single'), (1, 'Bulk')], default=0)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('set_aside', 'Set Aside')], default='pending', max_length=10)),
                ('requested', models.BigIntegerField(default=1)),
                ('since', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, default='', max_length=500)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'lane', 'due_at'], name='search_change_due'), models.Index(fields=['lane', 'due_at'], name='search_change_any_due'), models.Index(condition=models.Q(('state', 'pending')), fields=['since'], name='search_change_since')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'kind', 'ref_id'), name='search_change_once')],
            },
        ),
        migrations.CreateModel(
            name='IndexTask',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('rebuild', 'Rebuild'), ('rollback', 'Rollback')], max_length=10)),
                ('doc_type', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('generation', models.CharField(blank=True, default='', max_length=80)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='queued', max_length=10)),
                ('step', models.CharField(blank=True, default='', max_length=20)),
                ('platform_id', models.UUIDField(null=True)),
                ('after', models.UUIDField(null=True)),
                ('done', models.BigIntegerField(default=0)),
                ('total', models.BigIntegerField(default=0)),
                ('note', models.CharField(blank=True, default='', max_length=1000)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'created_at'], name='search_task_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('kind', 'doc_type'), name='search_task_one_open')],
            },
        ),
        TenantTable("Change", system="SELECT, INSERT, UPDATE, DELETE"),
        GlobalTable("IndexTask", app="SELECT, INSERT, UPDATE, DELETE", system="SELECT"),
        GlobalTable("IndexProgress", app="SELECT, INSERT, UPDATE, DELETE", system="SELECT"),
        migrations.RunSQL(VERSIONS, "DROP SEQUENCE search_version"),
    ]
