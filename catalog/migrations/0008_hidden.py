"""What was hidden of late is found without a look at all that was changed of late."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_shops_block'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='product',
            index=models.Index(condition=models.Q(('published_at__isnull', False), models.Q(('merchant_open', True), ('state', 'published'), _negated=True)), fields=['platform_id', 'updated_at', 'id'], name='catalog_product_hidden'),
        ),
    ]
