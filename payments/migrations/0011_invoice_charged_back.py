"""A red-letter invoice may follow a chargeback that was lost."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0010_exchange_entries'),
    ]

    operations = [
        migrations.AddField(
            model_name='salesinvoice',
            name='dispute_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddConstraint(
            model_name='salesinvoice',
            constraint=models.UniqueConstraint(condition=models.Q(('dispute_id__isnull', False)), fields=('platform_id', 'request', 'dispute_id'), name='payments_salesinvoice_dispute'),
        ),
    ]
