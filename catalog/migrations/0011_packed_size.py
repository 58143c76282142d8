"""How large a variant is, packed. Old rows and old processes leave it empty."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0010_videos'),
    ]

    operations = [
        migrations.AddField('variant', 'length_mm', models.SmallIntegerField(blank=True, null=True)),
        migrations.AddField('variant', 'width_mm', models.SmallIntegerField(blank=True, null=True)),
        migrations.AddField('variant', 'height_mm', models.SmallIntegerField(blank=True, null=True)),
    ]
