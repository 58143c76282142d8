"""Payout plans that begin later, and the platform's terms for paying in parts."""

import kernel.ids
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0014_escrow_inspections'),
    ]

    operations = [
        migrations.CreateModel(
            name='InstalmentTerms',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('first_percent', models.PositiveSmallIntegerField()),
                ('most_parts', models.PositiveSmallIntegerField()),
                ('longest_days', models.PositiveSmallIntegerField()),
                ('most_grace_days', models.PositiveSmallIntegerField()),
                ('valid_from', models.DateTimeField()),
                ('note', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='payoutplan',
            name='upcoming',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='payoutplan',
            name='upcoming_from',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='payoutplan',
            index=models.Index(condition=models.Q(('upcoming_from__isnull', False)), fields=['platform_id', 'upcoming_from'], name='payments_plan_upcoming'),
        ),
        migrations.AddIndex(
            model_name='instalmentterms',
            index=models.Index(fields=['platform_id', 'valid_from'], name='payments_instterms_find'),
        ),
        migrations.AddConstraint(
            model_name='instalmentterms',
            constraint=models.CheckConstraint(condition=models.Q(('first_percent__lte', 90), ('longest_days__gte', 1), ('most_parts__gte', 2)), name='payments_instterms_values'),
        ),
        TenantTable("InstalmentTerms"),
    ]
