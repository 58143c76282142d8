"""Statements, compared days and exceptions of reconciliation."""

import kernel.ids
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0004_ledger_watch'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReconDay',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('day', models.DateField()),
                ('state', models.CharField(choices=[('clean', 'Clean'), ('exceptions', 'Exceptions'), ('incomplete', 'Incomplete')], max_length=12)),
                ('open', models.PositiveIntegerField(default=0)),
                ('matched', models.PositiveIntegerField(default=0)),
                ('figures', models.JSONField(default=dict)),
                ('absent', models.JSONField(default=list)),
                ('problem', models.CharField(blank=True, default='', max_length=500)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'day'), name='payments_reconday_one')],
            },
        ),
        migrations.CreateModel(
            name='ReconException',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('settled', 'Settled'), ('resolved', 'Resolved')], default='open', max_length=10)),
                ('mark', models.CharField(max_length=400)),
                ('kind', models.CharField(max_length=20)),
                ('where', models.CharField(blank=True, default='', max_length=10)),
                ('day', models.DateField()),
                ('document', models.CharField(max_length=255)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('expected', models.CharField(blank=True, default='', max_length=300)),
                ('found', models.CharField(blank=True, default='', max_length=300)),
                ('fix', models.CharField(max_length=20)),
                ('detail', models.JSONField(default=dict)),
                ('resolution', models.CharField(blank=True, default='', max_length=20)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('entry', models.CharField(blank=True, default='', max_length=40)),
                ('resolved_by', models.UUIDField(null=True)),
                ('resolved_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'state', 'id'], name='payments_reconexception_list'), models.Index(fields=['platform_id', 'day'], name='payments_reconexception_day')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'mark'), name='payments_reconexception_mark')],
            },
        ),
        migrations.CreateModel(
            name='ReconStatement',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('side', models.CharField(max_length=10)),
                ('first', models.DateField()),
                ('last', models.DateField()),
                ('account', models.CharField(blank=True, default='', max_length=255)),
                ('data', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('rows', models.PositiveIntegerField()),
                ('uploaded_by', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'side', 'last', 'first'], name='payments_reconstatement_days')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'side', 'sha256'), name='payments_reconstatement_once')],
            },
        ),
        TenantTable("ReconDay", system="SELECT"),
        TenantTable("ReconException"),
        TenantTable("ReconStatement", app="SELECT, INSERT"),
    ]
