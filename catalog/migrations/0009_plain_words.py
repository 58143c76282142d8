"""Search words are written without a check of the product that they are written with."""

from django.db import migrations, models

TABLE = "catalog_producttoken"


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0008_hidden'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint('producttoken', 'catalog_token_once'),
                migrations.RemoveIndex('producttoken', 'catalog_token_product'),
                migrations.RemoveField('producttoken', 'product'),
                migrations.AddField('producttoken', 'product_id', models.UUIDField()),
                migrations.AddConstraint(
                    'producttoken',
                    models.UniqueConstraint(fields=('platform_id', 'token', 'product_id'), name='catalog_token_once'),
                ),
                migrations.AddIndex(
                    'producttoken',
                    models.Index(fields=['platform_id', 'product_id'], name='catalog_token_product'),
                ),
            ],
            database_operations=[
                migrations.RunSQL(f'ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_product_id_platform_fk'),
            ],
        ),
    ]
