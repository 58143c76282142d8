"""Tax classes of articles and of categories, in a table of their own."""

import kernel.ids
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable

COPY = """
INSERT INTO payments_goodstax
  (id, platform_id, version, created_at, updated_at, merchant_id, sku, category, tax)
SELECT gen_random_uuid(), p.platform_id, 1, p.updated_at, p.updated_at, p.merchant_id, one.key, '',
  one.value
FROM payments_taxprofile p, jsonb_each(p.goods) AS one
WHERE length(one.key) BETWEEN 1 AND 64
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0011_invoice_charged_back'),
    ]

    operations = [
        migrations.CreateModel(
            name='GoodsTax',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('merchant_id', models.UUIDField(null=True)),
                ('sku', models.CharField(blank=True, default='', max_length=64)),
                ('category', models.CharField(blank=True, default='', max_length=200)),
                ('tax', models.JSONField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'merchant_id', 'id'], name='payments_goodstax_list')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('merchant_id__isnull', False)), fields=('platform_id', 'merchant_id', 'sku', 'category'), name='payments_goodstax_own'), models.UniqueConstraint(condition=models.Q(('merchant_id__isnull', True)), fields=('platform_id', 'category'), name='payments_goodstax_platform'), models.CheckConstraint(condition=models.Q(models.Q(('category', ''), models.Q(('sku', ''), _negated=True), ('merchant_id__isnull', False)), models.Q(('sku', ''), models.Q(('category', ''), _negated=True)), _connector='OR'), name='payments_goodstax_what')],
            },
        ),
        TenantTable("GoodsTax"),
        # Codes longer than 64 signs never stood on a line.
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='taxprofile',
            name='goods',
        ),
    ]
