"""Wallets: whose money pays, top-ups, and deposits frozen from them."""

import kernel.ids
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0002_gateway_fee'),
    ]

    operations = [
        migrations.CreateModel(
            name='Deposit',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('held', 'Held'), ('returned', 'Returned'), ('forfeited', 'Forfeited')], default='held', max_length=20)),
                ('key', models.UUIDField()),
                ('payer_id', models.UUIDField()),
                ('merchant_id', models.UUIDField()),
                ('reference', models.CharField(max_length=100)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('forfeited', models.BigIntegerField(default=0)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'key'), name='payments_deposit_key'),
                    models.UniqueConstraint(condition=models.Q(('state', 'held')), fields=('platform_id', 'merchant_id', 'reference', 'payer_id'), name='payments_deposit_one'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('forfeited__gte', 0), ('forfeited__lte', models.F('amount'))), name='payments_deposit_amounts'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'merchant_id', 'reference', 'state', 'id'], name='payments_deposit_matter'),
                    models.Index(fields=['platform_id', 'merchant_id', 'id'], name='payments_deposit_list'),
                    models.Index(fields=['platform_id', 'payer_id', 'id'], name='payments_deposit_payer'),
                ],
            },
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='payer_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='purpose',
            field=models.CharField(choices=[('sale', 'Sale'), ('topup', 'Wallet top-up')], default='sale', max_length=10),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(condition=models.Q(('purpose', 'topup')), fields=['platform_id', 'payer_id', 'id'], name='payments_intent_topups'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.CheckConstraint(condition=models.Q(('purpose', 'sale'), ('payer_id__isnull', False), _connector='OR'), name='payments_intent_payer'),
        ),
        TenantTable("Deposit"),
    ]
