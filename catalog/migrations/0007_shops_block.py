"""The first page may show shops."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0006_home'),
    ]

    operations = [
        migrations.AlterField(
            model_name='block',
            name='kind',
            field=models.CharField(choices=[('banner', 'Picture'), ('text', 'Text'), ('products', 'Products'), ('categories', 'Categories'), ('shops', 'Shops')], max_length=10),
        ),
    ]
