"""Invoices of sales: sellers' tax data, buyers' titles, requests, invoices that never change."""

import django.db.models.deletion
import django.db.models.expressions
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0008_ways_to_pay'),
    ]

    operations = [
        migrations.CreateModel(
            name='BuyerTitle',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('person_id', models.UUIDField()),
                ('mark', models.CharField(max_length=64)),
                ('sealed', models.TextField()),
                ('used_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'person_id', 'mark'), name='payments_buyertitle_once')],
            },
        ),
        migrations.CreateModel(
            name='InvoiceRequest',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('external_id', models.CharField(blank=True, max_length=100, null=True)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('requested', 'Asked for'), ('issued', 'Issued'), ('declined', 'Declined'), ('canceled', 'Withdrawn'), ('reversed', 'Taken back in full')], default='requested', max_length=10)),
                ('type', models.CharField(choices=[('ordinary', 'Ordinary invoice'), ('special', 'Special VAT invoice')], max_length=10)),
                ('key', models.UUIDField()),
                ('merchant_id', models.UUIDField()),
                ('reference', models.CharField(max_length=100)),
                ('person_id', models.UUIDField(null=True)),
                ('sealed', models.TextField()),
                ('lines', models.JSONField()),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('intent', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.paymentintent')),
                ('share', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.intentshare')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'key'), name='payments_irequest_key'),
                    models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'issued'])), fields=('platform_id', 'share'), name='payments_irequest_open'),
                    models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('platform_id', 'merchant_id', 'external_id'), name='payments_irequest_external'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payments_irequest_amount'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'merchant_id', 'state', 'id'], name='payments_irequest_queue'),
                    models.Index(fields=['platform_id', 'merchant_id', 'updated_at', 'id'], name='payments_irequest_updated'),
                    models.Index(fields=['platform_id', 'reference'], name='payments_irequest_reference'),
                    models.Index(condition=models.Q(('person_id__isnull', False)), fields=['platform_id', 'person_id', 'id'], name='payments_irequest_person'),
                ],
            },
        ),
        migrations.CreateModel(
            name='InvoiceSeries',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('merchant_id', models.UUIDField()),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'merchant_id', 'year'), name='payments_invoiceseries_one')],
            },
        ),
        migrations.CreateModel(
            name='SalesInvoice',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('kind', models.CharField(choices=[('blue', 'Invoice'), ('red', 'Red-letter invoice')], max_length=4)),
                ('type', models.CharField(choices=[('ordinary', 'Ordinary invoice'), ('special', 'Special VAT invoice')], max_length=10)),
                ('merchant_id', models.UUIDField()),
                ('intent_id', models.UUIDField()),
                ('reference', models.CharField(max_length=100)),
                ('refund_id', models.UUIDField(null=True)),
                ('reason', models.CharField(blank=True, choices=[('mistake', 'Issued by mistake'), ('return', 'Goods returned'), ('ended', 'Service ended'), ('allowance', 'Reduction of the price')], default='', max_length=10)),
                ('year', models.PositiveSmallIntegerField()),
                ('serial', models.PositiveIntegerField()),
                ('number', models.CharField(max_length=20)),
                ('seller_sealed', models.TextField()),
                ('sealed', models.TextField()),
                ('lines', models.JSONField()),
                ('currency', models.CharField(max_length=3)),
                ('net', models.BigIntegerField()),
                ('tax', models.BigIntegerField()),
                ('gross', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('issued_at', models.DateTimeField()),
                ('original', kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='later', to='payments.salesinvoice')),
                ('request', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='payments.invoicerequest')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'merchant_id', 'year', 'serial'), name='payments_salesinvoice_number'),
                    models.UniqueConstraint(condition=models.Q(('original__isnull', True)), fields=('platform_id', 'request'), name='payments_salesinvoice_first'),
                    models.UniqueConstraint(condition=models.Q(('refund_id__isnull', False)), fields=('platform_id', 'request', 'kind', 'refund_id'), name='payments_salesinvoice_refund'),
                    models.CheckConstraint(condition=models.Q(('gross', django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('tax'))), models.Q(models.Q(('gross__gt', 0), ('kind', 'blue')), models.Q(('gross__lt', 0), ('kind', 'red'), ('original__isnull', False)), _connector='OR')), name='payments_salesinvoice_amounts'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'merchant_id', 'id'], name='payments_salesinvoice_list'),
                    models.Index(fields=['platform_id', 'merchant_id', 'issued_at', 'id'], name='payments_salesinvoice_time'),
                    models.Index(fields=['platform_id', 'reference'], name='payments_salesinvoice_ref'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TaxProfile',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('merchant_id', models.UUIDField()),
                ('name', models.CharField(max_length=100)),
                ('tax_number', models.CharField(max_length=20)),
                ('taxpayer', models.CharField(choices=[('general', 'General taxpayer'), ('small', 'Small-scale taxpayer')], max_length=10)),
                ('details_sealed', models.TextField()),
                ('default', models.JSONField()),
                ('goods', models.JSONField(default=dict)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'merchant_id'), name='payments_taxprofile_one')],
            },
        ),
        TenantTable("TaxProfile"),
        TenantTable("BuyerTitle"),
        TenantTable("InvoiceRequest"),
        TenantTable("InvoiceSeries"),
        TenantTable("SalesInvoice", app="SELECT, INSERT"),
    ]
