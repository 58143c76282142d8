"""Foreign keys with which another index begins need none of their own."""

import django.db.models.deletion
import kernel.models
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0007_price_imports'),
    ]

    operations = [
        migrations.AlterField(
            model_name='journeystep',
            name='journey',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='journeys.journey'),
        ),
    ]
