"""Statutory invoices: what an issuer, or the merchant by hand, made of an invoice."""

import django.db.models.deletion
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0012_goods_tax'),
    ]

    operations = [
        migrations.CreateModel(
            name='Fapiao',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('pending', 'Being issued'), ('issued', 'Issued'), ('refused', 'Refused')], default='pending', max_length=10)),
                ('merchant_id', models.UUIDField()),
                ('issuer', models.CharField(max_length=20)),
                ('provider_id', models.CharField(blank=True, default='', max_length=100)),
                ('attempt', models.PositiveSmallIntegerField(default=1)),
                ('number', models.CharField(blank=True, default='', max_length=20)),
                ('issued_at', models.DateTimeField(null=True)),
                ('code', models.CharField(blank=True, default='', max_length=100)),
                ('message', models.CharField(blank=True, default='', max_length=500)),
                ('checks', models.PositiveSmallIntegerField(default=0)),
                ('next_check_at', models.DateTimeField(null=True)),
                ('invoice', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.salesinvoice')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'merchant_id', 'state', 'id'], name='payments_fapiao_list'), models.Index(condition=models.Q(('next_check_at__isnull', False)), fields=['platform_id', 'next_check_at'], name='payments_fapiao_due')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'invoice'), name='payments_fapiao_invoice'), models.UniqueConstraint(condition=models.Q(('number', ''), _negated=True), fields=('platform_id', 'number'), name='payments_fapiao_number'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'issued'), _negated=True), models.Q(('number', ''), _negated=True), _connector='OR'), name='payments_fapiao_issued')],
            },
        ),
        TenantTable("Fapiao"),
    ]
