"""Ways to pay beside the card: providers, late charges, bank credits, saved cards, capture."""

import django.db.models.deletion
import django.db.models.expressions
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0007_terms'),
    ]

    operations = [
        migrations.CreateModel(
            name='BankCredit',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('matched', 'Matched'), ('unmatched', "Nobody's payment"), ('underpaid', 'Too little'), ('overpaid', 'Too much'), ('returning', 'Being returned'), ('returned', 'Returned')], default='unmatched', max_length=20)),
                ('bank_id', models.CharField(max_length=100)),
                ('account', models.CharField(max_length=40)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('used', models.BigIntegerField(default=0)),
                ('returned', models.BigIntegerField(default=0)),
                ('remittance', models.CharField(blank=True, default='', max_length=200)),
                ('payer_sealed', models.TextField()),
                ('reason', models.CharField(blank=True, default='', max_length=40)),
                ('before_return', models.CharField(blank=True, default='', max_length=20)),
                ('return_number', models.PositiveSmallIntegerField(default=0)),
                ('return_amount', models.BigIntegerField(default=0)),
                ('transfer_id', models.CharField(max_length=255, null=True)),
                ('failure_code', models.CharField(blank=True, default='', max_length=100)),
                ('received_at', models.DateTimeField()),
                ('checks', models.PositiveSmallIntegerField(default=0)),
                ('next_check_at', models.DateTimeField(null=True)),
                ('intent', kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='payments.paymentintent')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'bank_id'), name='payments_credit_once'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('used__gte', 0), ('returned__gte', 0), ('amount__gte', django.db.models.expressions.CombinedExpression(models.F('used'), '+', models.F('returned')))), name='payments_credit_amounts'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'state', 'id'], name='payments_credit_queue'),
                    models.Index(condition=models.Q(('next_check_at__isnull', False)), fields=['platform_id', 'next_check_at'], name='payments_credit_due'),
                    models.Index(fields=['platform_id', 'intent', 'id'], name='payments_credit_intent'),
                ],
            },
        ),
        migrations.CreateModel(
            name='LateCharge',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('pending', 'Being given back'), ('returned', 'Given back'), ('failed', "Couldn't be given back")], default='pending', max_length=20)),
                ('gateway', models.CharField(max_length=20)),
                ('provider_id', models.CharField(max_length=255)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('refund_id', models.CharField(max_length=255, null=True)),
                ('failure_code', models.CharField(blank=True, default='', max_length=100)),
                ('checks', models.PositiveSmallIntegerField(default=0)),
                ('next_check_at', models.DateTimeField(null=True)),
                ('intent', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='late_charges', to='payments.paymentintent')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'gateway', 'provider_id'), name='payments_late_once'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payments_late_amount'),
                ],
                'indexes': [
                    models.Index(condition=models.Q(('next_check_at__isnull', False)), fields=['platform_id', 'next_check_at'], name='payments_late_due'),
                    models.Index(fields=['platform_id', 'intent', 'id'], name='payments_late_intent'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ProviderAccount',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('name', models.CharField(max_length=20)),
                ('enabled', models.BooleanField(default=True)),
                ('config', models.JSONField(default=dict)),
                ('secrets_sealed', models.BinaryField()),
                ('known', models.JSONField(default=dict)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'name'), name='payments_provider_account_one'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ProviderHealth',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('name', models.CharField(max_length=20)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('opened_at', models.DateTimeField(null=True)),
                ('open_until', models.DateTimeField(null=True)),
                ('probe_until', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'name'), name='payments_provider_health_one'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SavedMethod',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('person_id', models.UUIDField()),
                ('gateway', models.CharField(max_length=20)),
                ('token', models.CharField(max_length=255)),
                ('customer', models.CharField(max_length=255)),
                ('brand', models.CharField(max_length=30)),
                ('last4', models.CharField(max_length=4)),
                ('expires', models.CharField(max_length=7)),
                ('consent_version', models.CharField(max_length=20)),
                ('consent_language', models.CharField(max_length=10)),
                ('consented_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'gateway', 'token'), name='payments_saved_token'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'person_id', 'id'], name='payments_saved_list'),
                ],
            },
        ),
        migrations.AddField(
            model_name='attempt',
            name='checks',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='attempt',
            name='gateway',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='attempt',
            name='next_check_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='attempt',
            name='provider_id',
            field=models.CharField(max_length=255, null=True),
        ),
        migrations.AddField(
            model_name='attempt',
            name='save_card',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='amount_authorized',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='capture_before',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='capture_method',
            field=models.CharField(choices=[('automatic', 'At once'), ('manual', 'By a later command')], default='automatic', max_length=10),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='capture_requested',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='lapse_warned_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='pay_by',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='qr',
            field=models.CharField(blank=True, default='', max_length=1000),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='return_url',
            field=models.CharField(blank=True, default='', max_length=2000),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='state',
            field=models.CharField(choices=[('in_flight', 'In flight'), ('left', 'Left for another way to pay'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('canceled', 'Cancelled')], default='in_flight', max_length=20),
        ),
        migrations.AlterField(
            model_name='paymentintent',
            name='state',
            field=models.CharField(choices=[('requires_payment_method', 'Waits for a way to pay'), ('processing', 'Being processed'), ('requires_action', 'The buyer must confirm'), ('requires_capture', 'Authorised, to be captured'), ('succeeded', 'Paid'), ('canceled', 'Cancelled')], default='requires_payment_method', max_length=30),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('provider_id__isnull', False)), fields=['platform_id', 'gateway', 'provider_id'], name='payments_attempt_provider'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('next_check_at__isnull', False)), fields=['platform_id', 'next_check_at'], name='payments_attempt_due'),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(condition=models.Q(('state', 'requires_capture')), fields=['platform_id', 'capture_before'], name='payments_intent_lapsing'),
        ),
        TenantTable("ProviderAccount"),
        TenantTable("ProviderHealth", system="SELECT"),
        TenantTable("LateCharge"),
        TenantTable("BankCredit"),
        TenantTable("SavedMethod"),
    ]
