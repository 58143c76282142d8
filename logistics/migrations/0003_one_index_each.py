"""Foreign keys with which another index begins need none of their own."""

import django.db.models.deletion
import kernel.models
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('logistics', '0002_sealed_texts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='trackingevent',
            name='shipment',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tracking', to='logistics.shipment'),
        ),
    ]
