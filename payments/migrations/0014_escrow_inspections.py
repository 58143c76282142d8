"""What outside inspectors report of goods whose money is kept; never changed."""

import django.db.models.deletion
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0013_fapiao'),
    ]

    operations = [
        migrations.CreateModel(
            name='EscrowInspection',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('report', models.CharField(max_length=100)),
                ('result', models.CharField(choices=[('passed', 'Passed'), ('failed', 'Failed')], max_length=10)),
                ('document_sha256', models.CharField(max_length=64)),
                ('note', models.CharField(blank=True, default='', max_length=1000)),
                ('effect', models.CharField(max_length=20)),
                ('dispute_id', models.UUIDField(null=True)),
                ('reported_by', models.CharField(max_length=100)),
                ('at', models.DateTimeField()),
                ('escrow', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='payments.escrow')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'escrow', 'report'), name='payments_inspection_report')],
            },
        ),
        TenantTable("EscrowInspection", app="SELECT, INSERT"),
    ]
