"""Foreign keys with which another index begins need none of their own."""

import django.db.models.deletion
import kernel.models
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0005_statistics'),
    ]

    operations = [
        migrations.AlterField(
            model_name='webhookattempt',
            name='delivery',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='log', to='kernel.webhookdelivery'),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='endpoint',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='kernel.webhookendpoint'),
        ),
    ]
