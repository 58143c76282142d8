"""Escrow, what it is split into, reserves, commission rules, disputes."""

import django.db.models.deletion
import django.db.models.expressions
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0005_reconciliation'),
    ]

    operations = [
        migrations.CreateModel(
            name='CommissionRule',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('merchant_id', models.UUIDField(null=True)),
                ('category', models.CharField(blank=True, default='', max_length=200)),
                ('rate', models.DecimalField(decimal_places=4, max_digits=7)),
                ('fixed', models.BigIntegerField(default=0)),
                ('minimum', models.BigIntegerField(default=0)),
                ('currency', models.CharField(blank=True, default='', max_length=3)),
                ('valid_from', models.DateTimeField()),
                ('valid_until', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lte', 50), ('fixed__gte', 0), ('minimum__gte', 0)), name='payments_commission_amounts'),
                    models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='payments_commission_period'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'merchant_id', 'valid_from'], name='payments_commission_find'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('needs_response', "Waits for the merchant's answer"), ('under_review', 'Being decided'), ('won', 'Decided for the merchant'), ('lost', 'Decided for the buyer'), ('withdrawn', 'Withdrawn')], default='needs_response', max_length=20)),
                ('kind', models.CharField(choices=[('complaint', 'Complaint'), ('chargeback', 'Chargeback')], max_length=20)),
                ('merchant_id', models.UUIDField(null=True)),
                ('payer_id', models.UUIDField(null=True)),
                ('reference', models.CharField(max_length=100)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('refunded', models.BigIntegerField(default=0)),
                ('fee', models.BigIntegerField(default=0)),
                ('reason', models.CharField(max_length=50)),
                ('due_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision', models.CharField(blank=True, default='', max_length=500)),
                ('gateway_id', models.CharField(max_length=255, null=True)),
                ('refund_id', models.UUIDField(null=True)),
                ('intent', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='payments.paymentintent')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('gateway_id__isnull', False)), fields=('platform_id', 'gateway_id'), name='payments_dispute_gateway'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('fee__gte', 0), ('refunded__gte', 0), ('refunded__lte', models.F('amount'))), name='payments_dispute_amounts'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'merchant_id', 'id'], name='payments_dispute_list'),
                    models.Index(fields=['platform_id', 'payer_id', 'id'], name='payments_dispute_payer'),
                    models.Index(fields=['platform_id', 'updated_at', 'id'], name='payments_dispute_updated'),
                    models.Index(condition=models.Q(('state', 'needs_response')), fields=['platform_id', 'due_at'], name='payments_dispute_due'),
                    models.Index(fields=['platform_id', 'intent', 'id'], name='payments_dispute_intent'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DisputeEvidence',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('side', models.CharField(choices=[('buyer', 'Buyer'), ('merchant', 'Merchant'), ('operator', 'Operator')], max_length=10)),
                ('text_sealed', models.TextField(blank=True, default='')),
                ('file_name', models.CharField(blank=True, default='', max_length=100)),
                ('file_type', models.CharField(blank=True, default='', max_length=50)),
                ('file_size', models.PositiveIntegerField(default=0)),
                ('file_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('file_sealed', models.BinaryField(null=True)),
                ('created_at', models.DateTimeField()),
                ('dispute', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='payments.dispute')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [
                    models.Index(fields=['platform_id', 'dispute', 'id'], name='payments_evidence_list'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DisputePart',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('merchant_id', models.UUIDField()),
                ('amount', models.BigIntegerField()),
                ('open', models.BooleanField(default=True)),
                ('dispute', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='payments.dispute')),
                ('share', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='payments.intentshare')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payments_disputepart_amount'),
                    models.UniqueConstraint(condition=models.Q(('open', True)), fields=('platform_id', 'share'), name='payments_disputepart_open'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'dispute'], name='payments_disputepart_of'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Escrow',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('external_id', models.CharField(blank=True, max_length=100, null=True)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('awaiting_payment', 'Waits for the payment'), ('held', 'Held'), ('frozen', 'Frozen by a dispute'), ('released', 'Released'), ('returned', 'Given back'), ('canceled', 'Cancelled')], default='awaiting_payment', max_length=20)),
                ('intent_id', models.UUIDField()),
                ('merchant_id', models.UUIDField()),
                ('payer_id', models.UUIDField(null=True)),
                ('reference', models.CharField(max_length=100)),
                ('accept', models.CharField(choices=[('buyer', 'The buyer confirms, or time passes'), ('time', 'Time passes after delivery'), ('inspection', 'An inspection releases')], max_length=20)),
                ('release_days', models.PositiveSmallIntegerField()),
                ('token_digest', models.CharField(blank=True, default='', max_length=64)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('inspected', models.DecimalField(decimal_places=6, max_digits=7, null=True)),
                ('inspection_report', models.CharField(blank=True, default='', max_length=200)),
                ('share', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='escrows', to='payments.intentshare')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('platform_id', 'merchant_id', 'external_id'), name='payments_escrow_external'),
                    models.CheckConstraint(condition=models.Q(('inspected__isnull', True), models.Q(('inspected__gte', 0), ('inspected__lte', 1)), _connector='OR'), name='payments_escrow_inspected'),
                    models.UniqueConstraint(fields=('platform_id', 'share'), name='payments_escrow_share'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'merchant_id', 'id'], name='payments_escrow_list'),
                    models.Index(fields=['platform_id', 'updated_at', 'id'], name='payments_escrow_updated'),
                    models.Index(fields=['platform_id', 'reference'], name='payments_escrow_reference'),
                    models.Index(fields=['platform_id', 'payer_id', 'id'], name='payments_escrow_payer'),
                    models.Index(fields=['platform_id', 'intent_id'], name='payments_escrow_intent'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EscrowSplit',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('place', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('logistics', 'Carriage'), ('tax', 'Tax'), ('service', 'Service')], max_length=20)),
                ('name', models.CharField(blank=True, default='', max_length=100)),
                ('payee_id', models.UUIDField(null=True)),
                ('amount', models.BigIntegerField()),
                ('paid', models.BigIntegerField(default=0)),
                ('escrow', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='splits', to='payments.escrow')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('paid__gte', 0), ('paid__lte', models.F('amount'))), name='payments_split_amounts'),
                    models.UniqueConstraint(fields=('platform_id', 'escrow', 'place'), name='payments_split_place'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Reserve',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('merchant_id', models.UUIDField()),
                ('currency', models.CharField(max_length=3)),
                ('cause', models.CharField(max_length=20)),
                ('source_id', models.UUIDField()),
                ('amount', models.BigIntegerField()),
                ('left', models.BigIntegerField()),
                ('until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'cause', 'source_id'), name='payments_reserve_source'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('left__gte', 0), ('left__lte', models.F('amount'))), name='payments_reserve_amounts'),
                ],
                'indexes': [
                    models.Index(condition=models.Q(('left__gt', 0), ('until__isnull', False)), fields=['platform_id', 'until'], name='payments_reserve_due'),
                    models.Index(condition=models.Q(('left__gt', 0)), fields=['platform_id', 'merchant_id', 'currency', 'id'], name='payments_reserve_owner'),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name='intentshare',
            name='payments_share_amounts',
        ),
        migrations.AddField(
            model_name='intentshare',
            name='freezes',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='intentshare',
            name='released',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name='intentshare',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('commission__gte', 0), ('commission__lte', models.F('amount')), ('refunded__gte', 0), ('refunded__lte', models.F('amount')), ('commission_refunded__gte', 0), ('commission_refunded__lte', models.F('commission')), ('taken__gte', 0), ('released__gte', 0), ('taken__lte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('amount'), '-', models.F('commission')), '-', models.F('released')))), name='payments_share_amounts'),
        ),
        TenantTable("Escrow"),
        TenantTable("EscrowSplit"),
        TenantTable("Reserve"),
        TenantTable("CommissionRule"),
        TenantTable("Dispute"),
        TenantTable("DisputePart"),
        TenantTable("DisputeEvidence"),
    ]
