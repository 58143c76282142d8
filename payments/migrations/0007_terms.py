"""Payout plans, changes of bank accounts, invoices of fees, instalments."""

import django.db.models.deletion
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0006_guarantee'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountChange',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('proposed', 'Waits for a second person'), ('confirmed', 'Confirmed'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=20)),
                ('merchant_id', models.UUIDField()),
                ('bank', models.CharField(max_length=100)),
                ('last4', models.CharField(max_length=4)),
                ('details_sealed', models.TextField()),
                ('proposed_by', models.UUIDField()),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=300)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'merchant_id', 'id'], name='payments_accountchange_list')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('platform_id', 'merchant_id'), name='payments_accountchange_open')],
            },
        ),
        migrations.CreateModel(
            name='FeeInvoice',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('merchant_id', models.UUIDField()),
                ('number', models.CharField(max_length=60)),
                ('month', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('total', models.BigIntegerField()),
                ('lines', models.JSONField(default=list)),
                ('issued_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'merchant_id', 'id'], name='payments_feeinvoice_list')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'merchant_id', 'currency', 'month'), name='payments_feeinvoice_month'), models.UniqueConstraint(fields=('platform_id', 'number'), name='payments_feeinvoice_number')],
            },
        ),
        migrations.CreateModel(
            name='InstalmentPlan',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('external_id', models.CharField(blank=True, max_length=100, null=True)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('active', 'Being paid'), ('completed', 'Paid in full'), ('defaulted', 'Not paid in time'), ('canceled', 'Cancelled')], default='active', max_length=20)),
                ('key', models.UUIDField()),
                ('merchant_id', models.UUIDField()),
                ('reference', models.CharField(max_length=100)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('on_default', models.CharField(choices=[('keep', 'It stays held'), ('forfeit', 'The merchant keeps it'), ('refund', 'The buyer gets it back')], max_length=20)),
                ('grace_days', models.PositiveSmallIntegerField()),
                ('remind_days', models.PositiveSmallIntegerField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'merchant_id', 'id'], name='payments_instplan_list')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'key'), name='payments_instplan_key'), models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('platform_id', 'merchant_id', 'external_id'), name='payments_instplan_external'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payments_instplan_amount')],
            },
        ),
        migrations.CreateModel(
            name='PayoutPlan',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('merchant_id', models.UUIDField()),
                ('interval', models.CharField(choices=[('manual', 'When asked for'), ('daily', 'Every day'), ('weekly', 'Every week'), ('monthly', 'Every month')], default='manual', max_length=10)),
                ('day', models.PositiveSmallIntegerField(default=1)),
                ('minimum', models.BigIntegerField(default=0)),
                ('hold_days', models.PositiveSmallIntegerField(default=0)),
                ('next_run_at', models.DateTimeField(null=True)),
                ('paused_until', models.DateTimeField(null=True)),
                ('pause', models.CharField(blank=True, default='', max_length=100)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('next_run_at__isnull', False)), fields=['platform_id', 'next_run_at'], name='payments_plan_due')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'merchant_id'), name='payments_plan_one'), models.CheckConstraint(condition=models.Q(('day__gte', 1), ('day__lte', 28), ('minimum__gte', 0)), name='payments_plan_values')],
            },
        ),
        migrations.CreateModel(
            name='Instalment',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('intent_id', models.UUIDField()),
                ('place', models.PositiveSmallIntegerField()),
                ('amount', models.BigIntegerField()),
                ('due_at', models.DateTimeField()),
                ('open', models.BooleanField(default=True)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('overdue_at', models.DateTimeField(null=True)),
                ('paid_at', models.DateTimeField(null=True)),
                ('escrow', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='payments.escrow')),
                ('plan', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='payments.instalmentplan')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('open', True)), fields=['platform_id', 'due_at'], name='payments_instalment_due')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'plan', 'place'), name='payments_instalment_place'), models.UniqueConstraint(fields=('platform_id', 'intent_id'), name='payments_instalment_intent')],
            },
        ),
        TenantTable("PayoutPlan"),
        TenantTable("AccountChange"),
        TenantTable("FeeInvoice"),
        TenantTable("InstalmentPlan"),
        TenantTable("Instalment"),
    ]
